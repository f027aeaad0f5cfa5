"""What we send to Solapi, held against Solapi's own Python client: signature, and request for the same message."""

import asyncio
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from solapi import SolapiMessageService
from solapi.lib.authenticator import Authenticator
from solapi.model import Bms, KakaoOption, RequestMessage
from solapi.model.kakao.bms import (
    BmsCarouselCommerceItem,
    BmsCarouselCommerceSchema,
    BmsCarouselFeedItem,
    BmsCarouselFeedSchema,
    BmsCarouselHead,
    BmsCarouselTail,
    BmsCommerce,
    BmsCoupon,
    BmsMainWideItem,
    BmsSubWideItem,
    BmsVideo,
    BmsWebButton,
)
from solapi.model.request.messages.get_messages import GetMessagesRequest
from solapi.model.request.send_message_request import SendRequestConfig

from activities.channels.contract import Button, Coupon
from activities.channels.providers.solapi.provider import authorization
from activities.sending.context import extras_of
from orchestrator.core.channels.kinds.kakao_brand import BrandWords
from tests.activities.channels.providers.provider_suite import message_for
from tests.activities.channels.providers.test_solapi import BUTTON, COUPON, NUMBER, SolapiHarness, harness
from tests.bubbles import LINK, words_of
from tests.protocol_servers.http import Response
from tests.protocol_servers.solapi import API_KEY, API_SECRET, PF_ID, SENDER

__all__ = ["harness"]


@pytest.fixture
def official(harness: SolapiHarness) -> SolapiMessageService:
    service = SolapiMessageService(API_KEY, API_SECRET)
    service.base_url = harness.server.url
    return service


def test_the_signature_is_the_official_clients() -> None:
    with (
        patch.object(Authenticator, "get_iso_datetime", staticmethod(lambda: "2026-03-02T12:00:00+09:00")),
        patch.object(Authenticator, "unique_id", staticmethod(lambda: "0123456789abcdef0123456789abcdef")),
    ):
        official = Authenticator(API_KEY, API_SECRET).get_auth_info()
    ours = authorization(API_KEY, API_SECRET, "2026-03-02T12:00:00+09:00", "0123456789abcdef0123456789abcdef")
    # Its spelling of two names differs from the documentation's, which ours follows; the server reads both.
    assert ours == official.replace("ApiKey=", "apiKey=").replace("Date=", "date=")


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "short text": (
        {"channel": "sms", "subject": "", "body": "안녕하세요"},
        {"type": "SMS", "text": "안녕하세요"},
    ),
    "long text": (
        {"channel": "sms", "subject": "봄 소식", "body": "가" * 100},
        {"type": "LMS", "text": "가" * 100, "subject": "봄 소식"},
    ),
    "alimtalk": (
        {"channel": "alimtalk", "template_code": "T1", "template_variables": {"이름": "지은"}},
        {"type": "ATA", "kakao_options": {"template_id": "T1", "variables": {"#{이름}": "지은"}, "disable_sms": True}},
    ),
    "brand message": (
        {
            "channel": "kakao_brand",
            "body": "봄 세일 🌸",
            "buttons": (Button("보러 가기", url=BUTTON, url_pc=BUTTON),),
            "coupon": Coupon("3000원 할인 쿠폰", "봄맞이 할인", COUPON),
        },
        {
            "type": "BMS_FREE",
            "text": "봄 세일 🌸",
            "kakao_options": {
                "disable_sms": True,
                "bms": Bms(
                    targeting="I",
                    chat_bubble_type="TEXT",
                    buttons=[BmsWebButton(name="보러 가기", link_mobile=BUTTON, link_pc=BUTTON)],
                    coupon=BmsCoupon(title="3000원 할인 쿠폰", description="봄맞이 할인", link_mobile=COUPON),
                ),
            },
        },
    ),
    "brand message with a picture": (
        {"channel": "kakao_brand", "body": "봄", "image": "ST01FZ", "link": BUTTON, "targeting": "M"},
        {
            "type": "BMS_FREE",
            "text": "봄",
            "kakao_options": {
                "disable_sms": True,
                "bms": Bms(targeting="M", chat_bubble_type="IMAGE", image_id="ST01FZ", image_link=BUTTON),
            },
        },
    ),
    "brand message with a wide picture": (
        {"channel": "kakao_brand", "body": "봄", "image": "ST01FZ", "bubble": "WIDE"},
        {
            "type": "BMS_FREE",
            "text": "봄",
            "kakao_options": {
                "disable_sms": True,
                "bms": Bms(targeting="I", chat_bubble_type="WIDE", image_id="ST01FZ"),
            },
        },
    ),
}


def brand(bubble: str) -> dict[str, Any]:
    """A Brand Message as it reaches the provider: its pictures are ids of Solapi's storage by then."""
    words = BrandWords.model_validate(words_of(bubble))
    body = words.content().body
    return {"channel": "kakao_brand", "body": body, **extras_of(_with_ids(words.options()))}


def _with_ids(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: "ST01FZ" if name == "image" else _with_ids(value) for name, value in node.items()}
    return [_with_ids(one) for one in node] if isinstance(node, list) else node


def bms(bubble: str, text: str = "", **said: Any) -> dict[str, Any]:
    """The official client's message of that bubble."""
    options = {"disable_sms": True, "bms": Bms(targeting="I", chat_bubble_type=bubble, **said)}
    return {"type": "BMS_FREE", "kakao_options": options, **({"text": text} if text else {})}


WEB = BmsWebButton(name="보러 가기", link_mobile=LINK)
GIFT = BmsCoupon(title="3000원 할인 쿠폰", description="봄맞이 할인", link_mobile=LINK)
SOLD = BmsCommerce(title="봄 원피스", regular_price=39000, discount_price=29000, discount_rate=25)
ROW = {"image_id": "ST01FZ", "link_mobile": LINK}
THEIRS: dict[str, dict[str, Any]] = {
    "WIDE_ITEM_LIST": bms(
        "WIDE_ITEM_LIST",
        header="이번 주 인기 상품",
        main_wide_item=BmsMainWideItem(title="상품 1", **ROW),
        sub_wide_item_list=[BmsSubWideItem(title=f"상품 {n}", **ROW) for n in (2, 3, 4)],
        buttons=[WEB],
    ),
    "PREMIUM_VIDEO": bms(
        "PREMIUM_VIDEO",
        header="봄 화보",
        content="영상으로 만나 보세요",
        video=BmsVideo(video_url="https://tv.kakao.com/v/123456", image_id="ST01FZ"),
        buttons=[WEB],
    ),
    "COMMERCE": bms(
        "COMMERCE", image_id="ST01FZ", commerce=SOLD, additional_content="무료 배송", buttons=[WEB], coupon=GIFT
    ),
    "CAROUSEL_FEED": bms(
        "CAROUSEL_FEED",
        carousel=BmsCarouselFeedSchema(
            items=[
                BmsCarouselFeedItem(header=f"소식 {n}", content="자세히 보기", image_id="ST01FZ", buttons=[WEB])
                for n in (1, 2, 3)
            ],
            tail=BmsCarouselTail(link_mobile=LINK),
        ),
    ),
    "CAROUSEL_COMMERCE": bms(
        "CAROUSEL_COMMERCE",
        carousel=BmsCarouselCommerceSchema(
            head=BmsCarouselHead(header="봄 기획전", content="최대 25% 할인", **ROW),
            items=[
                BmsCarouselCommerceItem(
                    commerce=SOLD, image_id="ST01FZ", buttons=[WEB], additional_content="무료 배송", coupon=GIFT
                )
                for _ in range(2)
            ],
            tail=BmsCarouselTail(link_mobile=LINK),
        ),
    ),
}
CASES |= {f"brand message, {bubble}": (brand(bubble), theirs) for bubble, theirs in THEIRS.items()}


@pytest.mark.parametrize("case", CASES)
async def test_what_is_sent_is_what_the_official_client_sends(
    harness: SolapiHarness, official: SolapiMessageService, case: str
) -> None:
    ours, theirs = CASES[case]
    key = uuid4()
    await harness.provider.send(message_for(harness.provider, **ours), key)

    options = theirs.pop("kakao_options", None) if "kakao_options" in (theirs := dict(theirs)) else None
    if options:
        theirs["kakao_options"] = KakaoOption(pf_id=PF_ID, **options)
    message = RequestMessage(from_=SENDER, to=NUMBER, custom_fields={"sojourn": str(key)}, **theirs)
    config = SendRequestConfig(show_message_list=True)
    await asyncio.to_thread(official.send, message, config)

    first, second = [request for request in harness.server.requests if request.method == "POST"]
    assert (first.path, first.method) == (second.path, second.method)
    mine, reference = dict(first.json), dict(second.json)
    assert reference.pop("agent")["sdkVersion"].startswith("python/")  # who they are, which we are not
    for sent in mine["messages"]:
        # The Python client does not know this field, which the JavaScript client has.
        sent.get("kakaoOptions", {}).pop("adFlag", None)
    assert mine == reference


async def test_what_we_sent_the_official_client_finds(harness: SolapiHarness, official: SolapiMessageService) -> None:
    receipt = await harness.provider.send(message_for(harness.provider, channel="sms"), key := uuid4())
    # The client still asks under the older path; the answer is the same.
    listing = harness.server.respond

    async def respond(request: Any) -> Response:
        return await listing(type(request)(**{**vars(request), "path": request.path.removesuffix("-old")}))

    harness.server.respond = respond  # type: ignore[method-assign]
    query = GetMessagesRequest(message_id=receipt.provider_message_id)
    found = await asyncio.to_thread(official.get_messages, query)
    assert found.message_list[receipt.provider_message_id].custom_fields == {"sojourn": str(key)}
