"""Conditions that can never hold are found, and none that can is called impossible."""

import json
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate, matches
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.measures import Measure
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.values import STAGES, Ref
from tests.examples import examples
from tests.strategies.conditions import (
    MEASURES,
    NOW,
    OPERATORS,
    conditions,
    customer_events,
    customers,
    histories,
    json_values,
    operands,
    trees,
)


def x(op: Operator, value: Any = None) -> Property:
    return Property(name="x", op=op, value=value)


def both(*parts: Condition) -> Condition:
    return AllOf(of=parts)


def history(op: Operator, value: Any = None, **fields: Any) -> History:
    return History(event="e", op=op, value=value, **fields)


NEVER: list[Condition] = [
    AnyOf(of=()),
    both(x("eq", 1), x("eq", 2)),
    both(x("eq", 1), x("eq", True)),
    both(x("eq", 1), x("ne", 1.0)),
    both(x("gt", 5), x("lt", 3)),
    both(x("gt", 5), x("lte", 5)),
    both(x("gt", 5), Not(of=x("gt", 2))),
    both(x("gt", 5), x("gt", "a")),
    both(x("eq", "a"), x("missing")),
    both(x("gt", 1), Not(of=x("exists"))),
    both(x("in", (1, 2)), x("not_in", (1, 2, 3))),
    both(x("in", (1, 2)), x("gt", 2)),
    x("in", ()),
    x("eq", None),
    x("gt", True),
    x("contains", None),
    x("starts_with", 1),
    both(x("starts_with", "ab"), x("starts_with", "b")),
    both(x("starts_with", "ab"), Not(of=x("starts_with", "a"))),
    both(x("starts_with", "b"), x("lt", "b")),
    both(x("starts_with", "a"), x("gt", "b")),
    both(x("contains", "abc"), Not(of=x("contains", "b")), x("gte", "")),
    both(x("gte", "b"), x("lt", "a")),
    both(x("gt", "a"), x("lte", "a")),
    both(x("contains", 1), x("gt", 0)),
    both(AnyOf(of=(x("eq", 1), x("eq", 2))), AnyOf(of=(x("eq", 3), x("eq", 4)))),
    Not(of=AnyOf(of=(x("ne", 1), x("eq", 1)))),
    both(x("eq", Ref(ref="entry.id")), x("missing")),
    both(Attribute(name="plan", value="pro"), Attribute(name="plan", value="free")),
    both(Consent(channel="sms"), Consent(channel="sms", granted=False)),
    both(InStage(of=("intake",)), InStage(of=("retention", "adaptation"))),
    both(InStage(of=("intake",)), Not(of=InStage(of=STAGES))),
    history("lt", 0),
    history("eq", 1.5),
    history("eq", "many"),
    both(history("gt", 1), history("lt", 2)),
    both(history("gte", 1), history("eq", 0)),
    history("gte", 1, within=timedelta(0)),
    history("gte", 1, where=both(x("eq", 1), x("eq", 2))),
    history("lt", 0, measure="days_since_last"),
    history("missing", measure="count"),
    history("eq", 1, measure="first", property="p", where=AnyOf(of=())),
    history("ne", 0, measure="sum", property="p", within=timedelta(0)),
]

MAYBE: list[Condition] = [
    AllOf(of=()),
    both(x("gt", 5), x("lt", 6)),
    both(x("gte", 5), x("lte", 5)),
    both(x("ne", 1), x("missing")),
    both(x("ne", 1), x("ne", 2), x("exists")),
    both(x("gte", "a"), x("lt", "b"), x("ne", "a")),
    both(x("starts_with", "a"), x("gt", "ab"), x("contains", "z")),
    both(x("contains", "a"), x("contains", 1)),
    both(x("contains", "a"), Not(of=x("gte", "")), x("exists")),
    both(Not(of=x("missing")), x("starts_with", "a"), x("ne", "a")),
    both(x("eq", 1), Property(name="y", value=2)),
    both(x("eq", Ref(ref="entry.a")), x("ne", Ref(ref="entry.b"))),
    both(x("eq", 1), Attribute(name="x", value=2)),
    both(history("gte", 1), History(event="other", op="eq", value=0)),
    both(history("gte", 1), history("eq", 0, within=timedelta(days=1))),
    both(history("gte", 1, where=x("eq", 1)), history("eq", 0, where=x("eq", True))),
    history("eq", 0, where=both(x("eq", 1), x("eq", 2))),
    history("lt", 1, measure="days_since_last"),
    history("missing", measure="overdue"),
    both(Consent(channel="sms"), Consent(channel="sms", purpose="night", granted=False)),
    Not(of=InStage(of=STAGES)),
]


@pytest.mark.parametrize("condition", NEVER, ids=str)
def test_a_contradiction_is_found(condition: Condition) -> None:
    assert not can_match(condition)


@pytest.mark.parametrize("condition", MAYBE, ids=str)
def test_what_can_happen_is_not_called_impossible(condition: Condition) -> None:
    assert can_match(condition)


def test_no_filter_matches_all() -> None:
    assert can_match(None)


def test_a_tree_too_large_to_search_is_let_pass() -> None:
    parts = [AnyOf(of=(x("ne", n), x("ne", n + 1))).model_dump() for n in range(2_000)]
    puzzle = AllOf.model_validate_json(json.dumps({"kind": "all", "of": parts}, default=str))  # as plans are read
    assert can_match(puzzle)


_FEW = ("", "a", "ab", "b", "ba", 0, 1, 2.5, True)


def one_property() -> st.SearchStrategy[Condition]:
    """Much about one property, with few values: mostly contradictory, and sometimes just not."""
    few = st.sampled_from(_FEW)
    value = st.one_of(few, few, few, st.lists(few, max_size=2).map(tuple), operands())
    leaf = st.builds(Property, name=st.just("x"), op=st.sampled_from(OPERATORS), value=value)
    return st.lists(trees(leaf, max_leaves=3), min_size=1, max_size=4).map(lambda parts: AllOf(of=tuple(parts)))


_VALUES: list[Any] = [
    *(None, *_FEW, -1, 0.5, 1.5, 2, 3, "aa", "aab", "aba", "abab", "abb", "bab", "c", "0", "a\x01", "\U0010ffff"),
    *("!a", "!ab", "!b", "!ba"),
    *([], {}, *([one] for one in _FEW), *([one, other] for one in _FEW for other in _FEW)),
]


@settings(max_examples=examples(500), deadline=None)
@given(one_property(), json_values())
def test_no_value_matches_an_impossible_filter(condition: Condition, drawn: Any) -> None:
    if not can_match(condition):
        for value in [*_VALUES, drawn]:
            assert not matches(condition, CustomerEvent("m", "e", NOW, {"x": value}))


_DEMANDS = [
    part
    for op in OPERATORS
    for value in ("", "a", "ab", "b", 0, 1, True, None, ("a", 1))
    for leaf in (x(op, value),)
    for part in (leaf, Not(of=leaf))
]


def test_of_any_two_demands_on_one_property_the_answer_is_right() -> None:
    """Exhaustive over the operators and a few operands: sound, and complete as well."""
    met = [
        {n for n, v in enumerate(_VALUES) if matches(part, CustomerEvent("m", "e", NOW, {"x": v}))} for part in _DEMANDS
    ]
    wrong = [
        (one, other)
        for (one, by_one), (other, by_other) in combinations_with_replacement(zip(_DEMANDS, met, strict=True), 2)
        if can_match(both(one, other)) is not bool(by_one & by_other)
    ]
    assert wrong == []


@settings(deadline=None)
@given(conditions(), st.lists(customers(), min_size=1, max_size=5), customer_events())
def test_no_customer_matches_an_impossible_condition(
    condition: Condition, people: list[Customer], event: CustomerEvent
) -> None:
    if not can_match(condition):
        assert not any(evaluate(condition, person, NOW, event).truth for person in people)


@st.composite
def about_one_measure(draw: st.DrawFn) -> Condition:
    base = draw(histories())
    limits = st.one_of(st.integers(-1, 4), st.sampled_from((0.5, 1.5)))
    parts = [base.model_copy(update={"op": draw(st.sampled_from(OPERATORS)), "value": draw(limits)}) for _ in range(3)]
    return AllOf(of=tuple(Not(of=part) if draw(st.booleans()) else part for part in parts))


@settings(deadline=None)
@given(about_one_measure(), st.lists(customers(), min_size=1, max_size=5))
def test_no_history_meets_impossible_limits(condition: Condition, people: list[Customer]) -> None:
    if not can_match(condition):
        assert not any(evaluate(condition, person, NOW).truth for person in people)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_can_be_something(measure: Measure) -> None:
    name = "p" if measure in ("sum", "average", "minimum", "maximum", "first", "last") else None
    assert can_match(History(event="e", measure=measure, property=name, op="gte", value=1))
