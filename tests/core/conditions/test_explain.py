"""Why a condition held, or did not: the parts that decided it, each with the value that was found."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain, in_words
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from tests.core.run.driver import T0, attribute, history, prop

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
LOG = Log(
    [
        CustomerEvent("a", "Paid", T0 - timedelta(days=6), {"total": 10}),
        CustomerEvent("b", "Paid", T0 - timedelta(days=3), {"total": 15}),
    ]
)
CUSTOMER = Customer({"tier": "gold", "age": 30, "vip": True}, {"email": True}, "retention", "Asia/Seoul", LOG)


def told(condition: dict[str, Any]) -> str:
    return explain(_CONDITION.validate_python(condition), CUSTOMER, T0).to("en")


def all_of(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": parts}


def any_of(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "of": parts}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (attribute("tier", "vip"), "tier is “vip” (found: “gold”)"),
        (attribute("nothing", 1), "nothing is 1 (found: nothing)"),
        (attribute("vip", True), "vip is true (found: yes)"),
        (history("Paid", value=3), "*Paid* at least 3 times (found: 2)"),
        (
            history("Paid", measure="average", property="total", value=20),
            "average total of *Paid* is at least 20 (found: 12.5)",
        ),
        (history("Paid", measure="days_since_last", value=5), "last *Paid* at least 5 days ago (found: 3)"),
        (history("Paid", measure="overdue", value=2), "no *Paid* for at least 2 times the usual interval (found: 1)"),
        (
            history("Paid", measure="overdue", within="4d", value=2),
            "no *Paid* for at least 2 times the usual interval in 4 days (found: nothing)",
        ),
        ({"kind": "consent", "channel": "sms"}, "agreed to advertising by SMS (found: no)"),
        ({"kind": "stage", "of": ["intake"]}, "lifecycle stage intake (found: retention & expansion)"),
        ({"kind": "not", "of": attribute("age", 30)}, "age is 30 (found: 30)"),
    ],
)  # fmt: skip
def test_a_part_is_told_with_the_value_that_was_found(condition: dict[str, Any], words: str) -> None:
    assert told(condition) == words


def test_of_several_parts_those_are_told_that_decided() -> None:
    yes, no, also_no = attribute("tier", "gold"), attribute("age", 31), attribute("vip", False)
    assert told(all_of(yes, no, also_no)) == "age is 31 (found: 30)"
    assert told(any_of(no, yes, also_no)) == "tier is “gold” (found: “gold”)"
    assert told(any_of(no, also_no)) == "age is 31 (found: 30) · vip is false (found: yes)"
    assert told(all_of(*([yes] * 6))).endswith(" …")


def test_a_property_is_looked_up_in_the_event_in_scope() -> None:
    condition = _CONDITION.validate_python(prop("total", 100, "gte"))
    event = CustomerEvent("x", "Paid", T0, {"total": 30})
    assert explain(condition, CUSTOMER, T0, event).to("ko") == "total 100 이상(실제 30)"
    assert explain(condition, CUSTOMER, T0).to("en") == "total is at least 100 (found: nothing)"


def test_a_condition_without_parts_is_told_as_it_is() -> None:
    assert told(all_of()) == "always"


@given(
    st.recursive(
        st.sampled_from([attribute("tier", "gold"), attribute("age", 31), history("Paid", value=3)]),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: all_of(*parts)),
            st.lists(inner, max_size=3).map(lambda parts: any_of(*parts)),
            inner.map(lambda part: {"kind": "not", "of": part}),
        ),
        max_leaves=8,
    )
)
def test_every_condition_can_be_told_of(condition: dict[str, Any]) -> None:
    parsed = _CONDITION.validate_python(condition)
    evaluate(parsed, CUSTOMER, T0)
    text = explain(parsed, CUSTOMER, T0)
    assert text.to("en")
    assert text.to("ko")


def test_values_are_read_as_people_write_them() -> None:
    assert in_words(1234567).to("en") == "1,234,567"
    assert in_words(0.5).to("en") == "0.5"
    assert in_words("x" * 100).to("en").endswith("…”")
    assert in_words([1, 2]).to("en") == "“[1, 2]”"
