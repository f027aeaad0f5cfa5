"""The bubbles of a Brand Message as NHN Cloud's documentation has them."""

from typing import Any
from uuid import uuid4

import pytest

from activities.sending.context import extras_of
from orchestrator.core.channels.kinds.kakao_brand import BrandWords
from tests.activities.channels.providers.nhn_harness import NhnHarness
from tests.activities.channels.providers.nhn_harness import harness as harness
from tests.activities.channels.providers.provider_suite import message_for
from tests.bubbles import LINK, PICTURE, words_of

WEB = {"type": "WL", "name": "보러 가기", "linkMo": LINK}
GIFT = {"title": "3000원 할인 쿠폰", "description": "봄맞이 할인", "linkMo": LINK}
SOLD: dict[str, Any] = {"title": "봄 원피스", "regularPrice": 39000, "discountPrice": 29000, "discountRate": 25}
SHOWN = {"imageUrl": PICTURE}
BUBBLES: dict[str, dict[str, Any]] = {
    "TEXT": {"content": "봄 신상품이 나왔습니다", "buttons": [WEB], "coupon": GIFT},
    "WIDE_ITEM_LIST": {
        "header": "이번 주 인기 상품",
        "item": {"list": [{"title": f"상품 {n}", **SHOWN, "linkMo": LINK} for n in (1, 2, 3, 4)]},
        "buttons": [WEB],
    },
    "PREMIUM_VIDEO": {
        "header": "봄 화보",
        "content": "영상으로 만나 보세요",
        "video": {"videoUrl": "https://tv.kakao.com/v/123456", "thumbnailUrl": PICTURE},
        "buttons": [WEB],
    },
    "COMMERCE": {
        "image": SHOWN,
        "commerce": SOLD,
        "additionalContent": "무료 배송",
        "buttons": [WEB],
        "coupon": GIFT,
    },
    "CAROUSEL_FEED": {
        "carousel": {
            "list": [{"header": f"소식 {n}", "message": "자세히 보기", **SHOWN, "buttons": [WEB]} for n in (1, 2, 3)],
            "tail": {"linkMo": LINK},
        }
    },
    "CAROUSEL_COMMERCE": {
        "carousel": {
            "head": {"header": "봄 기획전", "content": "최대 25% 할인", **SHOWN, "linkMo": LINK},
            "list": [
                {"additionalContent": "무료 배송", **SHOWN, "commerce": SOLD, "buttons": [WEB], "coupon": GIFT}
                for _ in range(2)
            ],
            "tail": {"linkMo": LINK},
        }
    },
}


@pytest.mark.parametrize("bubble", BUBBLES)
async def test_each_bubble_as_the_documentation_has_it(harness: NhnHarness, bubble: str) -> None:
    words = BrandWords.model_validate(words_of(bubble))
    extras = extras_of(words.options())
    message = message_for(harness.provider, channel="kakao_brand", body=words.content().body, **extras)
    await harness.provider.send(message, uuid4())
    sent = dict(harness.server.requests[0].json)
    for common in ("senderKey", "recipientList", "unsubscribeNo"):
        sent.pop(common)
    assert sent == {"chatBubbleType": bubble, **BUBBLES[bubble]}
