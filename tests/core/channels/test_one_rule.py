"""What is decided in several rooms is decided by one rule."""

from datetime import UTC, datetime

import pytest

from activities.channels.contract import Coupon, DefinitionError, OutgoingMessage
from activities.channels.kakao_checks import check_brand
from activities.channels.providers.nhn.config import Config as Nhn
from activities.channels.providers.solapi.provider import Config as Solapi
from api.http.problems import ApiProblem
from api.intake.contact_traits import read_traits
from orchestrator.core.channels.email_address import is_email
from orchestrator.core.channels.kinds.kakao_brand import BrandWords
from orchestrator.core.channels.kinds.kakao_limits import TARGETING_TEXT
from orchestrator.core.labels import schema_of

NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)


def with_coupon(title: str) -> OutgoingMessage:
    """A Brand Message as a provider is handed it."""
    return OutgoingMessage(
        channel="kakao_brand",
        recipient="+821012345678",
        locale="ko",
        subject="",
        body="봄",
        html="",
        sender="",
        message_class="advertising",
        at=NOON,
        coupon=Coupon(title, "봄", "https://a.kr"),
    )


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("3000원 할인 쿠폰", True),
        ("10% 할인 쿠폰", True),
        ("100% 할인 쿠폰", True),
        ("0% 할인 쿠폰", False),
        ("0원 할인 쿠폰", False),
        ("101% 할인 쿠폰", False),
        ("배송비 할인 쿠폰", True),
        ("봄맞이 무료 쿠폰", True),
        (" 무료 쿠폰", False),
        ("여덟글자입니다요 UP 쿠폰", False),
    ],
)
def test_a_coupons_title_is_judged_alike_where_it_is_written_and_where_it_is_sent(title: str, *, fits: bool) -> None:
    words = BrandWords.model_validate({"body": "봄", "coupon": {"title": title, "text": "봄", "link": "https://a.kr"}})
    written = not [one for one in words.problems() if one.code == "coupon_title_form"]
    try:
        check_brand(with_coupon(title), kinds=frozenset({"WL"}))
        sent = True
    except DefinitionError:
        sent = False
    assert (written, sent) == (fits, fits)


def test_whom_a_brand_message_is_for_is_worded_alike_everywhere() -> None:
    told = {value: text.by_locale() for value, text in TARGETING_TEXT.items()}
    for model in (BrandWords, Nhn, Solapi):
        assert schema_of(model)["properties"]["targeting"]["x-options"] == told


@pytest.mark.parametrize(
    "address", ["kim@example.com", "a@b.c", "kim@example", ".kim@example.com", "a b@c.kr", "@", ""]
)
def test_an_address_that_intake_keeps_is_one_that_can_be_written_to(address: str) -> None:
    warnings: list[ApiProblem] = []
    traits = read_traits({"email": address}, NOON, "traits", warnings)
    assert ("email" in traits.contact) is is_email(address) is not bool(warnings)
