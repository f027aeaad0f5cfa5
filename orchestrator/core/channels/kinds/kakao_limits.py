"""What Kakao prescribes of its messages, whichever channel and provider: lengths, coupons, whom a message is for.

One place for who writes a template and who hands a message over; buttons: ``kakao_buttons``. Sources: validators of
Solapi's official clients (bmsConstraints); NHN Cloud KakaoTalk Bizmessage, Brand Message API v1.0, Alimtalk API v2.3.
"""

import re
from typing import Literal

from orchestrator.core.text import Text

MOST_CHARACTERS = 1_300
"""Of an Alimtalk."""
Targeting = Literal["I", "M", "N"]
TARGETING_TEXT: dict[str, Text] = {
    "I": Text("Friends of the channel"),
    "M": Text("Customers who consented"),
    "N": Text("Customers who consented and are not friends"),
}
COUPON_TITLES: dict[str, re.Pattern[str]] = {
    "N원 할인 쿠폰": re.compile(r"[1-9][0-9]{0,7}원 할인 쿠폰"),
    "N% 할인 쿠폰": re.compile(r"(100|[1-9][0-9]?)% 할인 쿠폰"),
    "배송비 할인 쿠폰": re.compile(r"배송비 할인 쿠폰"),
    "○○ 무료 쿠폰": re.compile(r"\S(.{0,5}\S)? 무료 쿠폰"),
    "○○ UP 쿠폰": re.compile(r"\S(.{0,5}\S)? UP 쿠폰"),
}
"""The only titles that a Brand Message's coupon may have (NHN Cloud, free-form Brand Message), by how they are told."""


def is_coupon_title(title: str) -> bool:
    """Whether Kakao takes a coupon of this title."""
    return any(form.fullmatch(title) for form in COUPON_TITLES.values())
