"""What we send to Solapi, held against Solapi's own Python client: signature, and request for the same message."""

import asyncio
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from solapi import SolapiMessageService
from solapi.lib.authenticator import Authenticator
from solapi.model import Bms, KakaoOption, RequestMessage
from solapi.model.kakao.bms import BmsCoupon, BmsWebButton
from solapi.model.request.messages.get_messages import GetMessagesRequest
from solapi.model.request.send_message_request import SendRequestConfig

from activities.channels.contract import Button, Coupon
from activities.channels.providers.solapi.provider import authorization
from tests.activities.channels.providers.provider_suite import message_for
from tests.activities.channels.providers.test_solapi import BUTTON, COUPON, NUMBER, SolapiHarness, harness
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
        {"channel": "kakao_brand", "body": "봄", "image": "ST01FZ", "wide": True},
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
