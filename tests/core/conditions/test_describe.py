"""Conditions in words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.contact import Contact
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.values import Ref
from tests.strategies.conditions import conditions

ORDER = "Order Completed"
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("condition", "en", "ko"),
    [
        (
            History(event=ORDER, within=7 * DAYS),
            "*Order Completed* at least once in 7 days",
            "7일 안에 *Order Completed* 1회 이상",
        ),
        (
            History(event=ORDER, op="eq", value=0, within=30 * DAYS),
            "no *Order Completed* in 30 days",
            "30일 안에 *Order Completed* 없음",
        ),
        (
            History(event=ORDER, op="lt", value=3, since_entry=True),
            "*Order Completed* fewer than 3 times since entry",
            "진입 이후 *Order Completed* 3회 미만",
        ),
        (
            History(event=ORDER, after=datetime(2026, 3, 1, tzinfo=UTC)),
            "*Order Completed* at least once since 2026-03-01",
            "2026-03-01 이후 *Order Completed* 1회 이상",
        ),
        (
            History(event=ORDER, where=Property(name="total", op="gte", value=50000)),
            "*Order Completed* (total is at least 50000) at least once",
            "*Order Completed*(total 50000 이상) 1회 이상",
        ),
        (
            History(event=ORDER, measure="sum", property="total", op="gt", value=100000),
            "sum of total of *Order Completed* is more than 100000",
            "*Order Completed*의 total 합계 100000 초과",
        ),
        (
            History(event=ORDER, measure="days_since_last", op="gt", value=30),
            "last *Order Completed* more than 30 days ago",
            "마지막 *Order Completed* 후 30일 초과",
        ),
        (
            History(event=ORDER, measure="overdue", op="gte", value=1.5),
            "no *Order Completed* for at least 1.5 times the usual interval",
            "마지막 *Order Completed* 후 평소 간격의 1.5배 이상",
        ),
        (
            Attribute(name="등급", op="in", value=("VIP", "골드", "실버")),
            "등급 is “VIP”, “골드” or “실버”",
            "등급 = “VIP”, “골드” 또는 “실버”",
        ),
        (Attribute(name="birthday", op="lt", value="2000-01-01"), "birthday is before “2000-01-01”", None),
        (Property(name="cart_id", value=Ref(ref="entry.cart_id")), "cart_id is the entry event’s cart_id", None),
        (Consent(channel="sms"), "agreed to advertising by SMS", "문자 광고 수신 동의"),
        (Not(of=Consent(channel="sms", purpose="night")), None, "문자 야간 광고 수신 미동의"),
        (Tag(tag="vip"), "has the tag “vip”", "태그 “vip” 있음"),
        (Not(of=Tag(tag="vip")), "no tag “vip”", "태그 “vip” 없음"),
        (Contact(field="phone"), "phone number is known", None),
        (Contact(field="time_zone", op="in", value=("UTC", "Etc/GMT")), "time zone is “UTC” or “Etc/GMT”", None),
        (InSegment(segment="vip"), "in the segment vip", "세그먼트 포함: vip"),
        (Not(of=InSegment(segment="vip")), "not in the segment vip", "세그먼트 미포함: vip"),
        (ConsentAge(channel="sms"), "agreed to advertising by SMS at least 700 days ago", None),
        (
            ConsentAge(channel="sms", op="lte", age=timedelta(days=30), purpose="night"),
            None,
            "문자 야간 광고 수신 동의 후 30일 이내",
        ),
        (ConsentAge(channel="sms"), None, "문자 광고 수신 동의 후 700일 이상"),
        (ConsentAge(channel="sms", op="missing"), "not agreed to advertising by SMS", "문자 광고 수신 미동의"),
        (Not(of=ConsentAge(channel="sms", op="missing")), "agreed to advertising by SMS", "문자 광고 수신 동의"),
        (InStage(of=("retention", "churn_signal")), None, "생애주기 단계 유지/확장 또는 이탈 징후"),
        (Not(of=Attribute(name="plan", value="pro")), "plan is not “pro”", "plan ≠ “pro”"),
        (Not(of=Attribute(name="n", op="gt", value=1)), "not (n is more than 1)", "(n 1 초과) 아님"),
        (AnyOf(of=()), "never", "해당 없음"),
        (
            AllOf(of=(Attribute(name="a", value=1), AnyOf(of=(Attribute(name="b", value=2), InStage(of=("intake",)))))),
            "a is 1 and (b is 2 or lifecycle stage intake)",
            "a = 1 그리고 (b = 2 또는 생애주기 단계 유입)",
        ),
    ],
    ids=str,
)
def test_words(condition: Condition, en: str | None, ko: str | None) -> None:
    words = describe(condition)
    assert words.to("en") == (en or words.to("en"))
    assert words.to("ko") == (ko or words.to("ko"))


@given(conditions())
def test_every_condition_has_words_in_both_languages(condition: Condition) -> None:
    assert all(describe(condition).by_locale().values())


def test_braces_in_names_are_only_braces() -> None:
    assert describe(Attribute(name="{0}", value="{x}")).to("en") == "{0} is “{x}”"
