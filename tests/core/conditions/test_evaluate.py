"""Conditions in memory: what each means at its boundaries, and for how long the answer holds."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.conditions.compare import compare
from orchestrator.core.conditions.contract import Verdict
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate, matches
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.measures import OF_A_PROPERTY, Measure
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.values import Ref
from tests.core.conditions.orders import DAY, ORDER, TICK, buyer, order, truth
from tests.examples import examples
from tests.strategies.conditions import (
    MEASURES,
    NOW,
    OPERATORS,
    SPANS,
    conditions,
    customer_events,
    customers,
    filters,
    histories,
    json_values,
    operands,
    scalars,
    trees,
)

# --- comparison ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "op", "operand", "holds"),
    [
        (1, "eq", 1.0, True),
        (True, "eq", 1, False),
        (1, "eq", True, False),
        (False, "eq", 0, False),
        ("1", "eq", 1, False),
        (2**53 + 1, "eq", float(2**53), False),
        (10**23, "eq", 1e23, True),
        (None, "eq", None, False),
        (None, "ne", None, True),
        (5, "eq", None, False),
        (5, "gt", None, False),
        (5, "not_in", None, True),
        ([1], "eq", (1,), False),
        (2, "gt", 1.5, True),
        (2, "gt", "1", False),
        (True, "gte", False, False),
        ("2026-03-08", "gte", "2026-03-08", True),
        ("2026-03-08T01:00:00Z", "gt", "2026-03-08", True),
        ("Z", "lt", "a", True),
        ("\uffff", "lt", "😀", True),
        (1, "in", (2, 1.0), True),
        (1, "in", 1, True),
        (1, "in", (), False),
        (None, "not_in", (1,), True),
        ("abc", "contains", "bc", True),
        ("abc", "contains", "", True),
        (["a", 1, None], "contains", 1.0, True),
        (["a", 1, None], "contains", None, False),
        ([["a"]], "contains", "a", False),
        ({"a": 1}, "contains", "a", False),
        (123, "contains", "2", False),
        ("abc", "starts_with", "ab", True),
        (["ab"], "starts_with", "ab", False),
        ("", "exists", None, True),
        (None, "exists", None, False),
        (None, "missing", None, True),
    ],
)
def test_values_compare(value: Any, op: Operator, operand: Any, holds: bool) -> None:
    assert compare(value, op, operand) is holds


@given(json_values(), operands())
def test_opposites_are_opposites(value: Any, operand: Any) -> None:
    operand = None if isinstance(operand, Ref) else operand
    pairs: tuple[tuple[Operator, Operator], ...] = (("eq", "ne"), ("in", "not_in"), ("exists", "missing"))
    for one, other in pairs:
        assert compare(value, one, operand) is not compare(value, other, operand)


@given(operands())
def test_a_missing_value_satisfies_only_the_negative_operators(operand: Any) -> None:
    operand = None if isinstance(operand, Ref) else operand
    assert [op for op in OPERATORS if compare(None, op, operand)] == ["ne", "not_in", "missing"]


@given(scalars(), scalars(), scalars())
def test_order_is_an_order(a: Any, b: Any, c: Any) -> None:
    for x, y, z in permutations((a, b, c)):
        assert compare(x, "lte", y) is (compare(x, "lt", y) or (not isinstance(x, bool) and compare(x, "eq", y)))
        assert compare(x, "lt", y) is compare(y, "gt", x)
        assert not (compare(x, "lt", y) and compare(y, "lt", z)) or compare(x, "lt", z)


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.b.c", 1), ("a.b", {"c": 1}), ("a.x.c", None), ("list.0", None), ("s.x", None), ("utm.source", "mail")],
)
def test_names_are_paths(path: str, found: Any) -> None:
    document = {"a": {"b": {"c": 1}}, "list": [7], "s": "text", "utm.source": "mail", "utm": {"source": "no"}}
    op: Operator = "eq" if isinstance(found, int | str) else "missing" if found is None else "exists"
    assert truth(Attribute(name=path, op=op, value=found if op == "eq" else None), Customer(attributes=document))


# --- customer --------------------------------------------------------------------------------------------------------


def test_consent_is_given_or_not() -> None:
    customer = Customer(consents={"email": True, "sms": True, "sms:night": False})
    assert truth(Consent(channel="email"), customer)
    assert truth(Consent(channel="sms"), customer)
    assert not truth(Consent(channel="sms", purpose="night"), customer)
    assert truth(Consent(channel="sms", purpose="night", granted=False), customer)
    assert truth(Consent(channel="push", granted=False), customer)


def test_the_age_of_a_consent_is_from_when_it_was_given_or_last_confirmed() -> None:
    customer = Customer(
        consents={"email": True, "sms": True, "push": False},
        consented_at={"email": NOW - timedelta(days=700), "push": NOW - timedelta(days=700)},
        known_since=NOW - timedelta(days=10),
    )

    def asked(channel: str, op: Any, days: int) -> Verdict:
        return evaluate(ConsentAge(channel=channel, op=op, age=timedelta(days=days)), customer, NOW)

    assert asked("email", "gte", 700) == Verdict(True)
    assert asked("email", "gte", 730) == Verdict(False, NOW + timedelta(days=30))
    assert asked("email", "lte", 700) == Verdict(True, NOW + timedelta(microseconds=1))
    assert asked("sms", "gte", 10) == Verdict(True), "without a date, from when the customer became known"
    assert asked("sms", "lte", 9) == Verdict(False)
    assert [asked("push", op, 1).truth for op in ("gte", "lte", "missing")] == [False, False, True]
    assert [asked("web_push", op, 1).truth for op in ("gte", "lte", "missing")] == [False, False, True]
    assert asked("email", "missing", 1) == Verdict(False)


def test_stage_is_one_of_these() -> None:
    assert truth(InStage(of=("intake", "retention")), Customer(stage="retention"))
    assert not truth(InStage(of=("intake",)), Customer(stage=None))


def test_properties_are_those_of_the_event_in_scope() -> None:
    condition = Property(name="total", op="gte", value=10)
    assert evaluate(condition, Customer(), NOW, order(DAY, total=10)).truth
    assert not evaluate(condition, Customer(), NOW).truth


def test_connectives_of_nothing() -> None:
    assert evaluate(AllOf(of=()), Customer(), NOW) == Verdict(True)
    assert evaluate(AnyOf(of=()), Customer(), NOW) == Verdict(False)


# --- history ---------------------------------------------------------------------------------------------------------


def test_a_window_excludes_its_far_edge_and_includes_now() -> None:
    week = History(event=ORDER, within=7 * DAY)
    assert not truth(week, buyer(order(7 * DAY)))
    assert truth(week, buyer(order(7 * DAY - TICK)))
    assert truth(week, buyer(order(timedelta(0))))
    assert not truth(week, buyer(order(-TICK)))


def test_after_includes_its_instant() -> None:
    since = History(event=ORDER, after=NOW - DAY)
    assert truth(since, buyer(order(DAY)))
    assert not truth(since, buyer(order(DAY + TICK)))


@pytest.mark.parametrize(
    ("measure", "op", "value"),
    [
        ("count", "eq", 3),
        ("sum", "eq", 60.3),
        ("average", "eq", 20.1),
        ("minimum", "eq", 10.1),
        ("maximum", "eq", 30.1),
        ("first", "eq", 10.1),
        ("last", "eq", 30.1),
        ("days_since_first", "eq", 9),
        ("days_since_last", "eq", 3),
        ("average_interval", "eq", 3),
        ("overdue", "eq", 1),
    ],
)
def test_measures(measure: Measure, op: Operator, value: float) -> None:
    customer = buyer(order(9 * DAY, total=10.1), order(6 * DAY, total=20.1), order(3 * DAY, total=30.1))
    name = "total" if measure in ("sum", "average", "minimum", "maximum", "first", "last") else None
    assert truth(History(event=ORDER, measure=measure, property=name, op=op, value=value), customer)


@pytest.mark.parametrize("measure", ["average", "minimum", "maximum", "first", "last"])
def test_measures_of_no_value_are_missing(measure: Measure) -> None:
    customer = buyer(order(DAY, total=None))
    for op in OPERATORS:
        leaf = History(event=ORDER, measure=measure, property="total", op=op, value=0)
        assert truth(leaf, customer) is (op in ("ne", "not_in", "missing"))


def test_the_sum_of_nothing_is_zero() -> None:
    assert truth(History(event=ORDER, measure="sum", property="total", op="eq", value=0), buyer())


def test_an_interval_needs_two_events_and_a_habit_needs_time_between_them() -> None:
    known = History(event=ORDER, measure="average_interval", op="exists")
    overdue = History(event=ORDER, measure="overdue", op="exists")
    assert not truth(known, buyer(order(DAY)))
    assert truth(known, buyer(order(DAY, "a"), order(DAY, "b")))
    assert not truth(overdue, buyer(order(DAY, "a"), order(DAY, "b")))


def test_equal_instants_are_ordered_by_message_id() -> None:
    customer = buyer(order(DAY, "b", sku="last"), order(DAY, "a", sku="first"))
    assert truth(History(event=ORDER, measure="last", property="sku", op="eq", value="last"), customer)


@given(st.lists(customer_events(), max_size=8), st.randoms())
def test_a_log_does_not_depend_on_the_order_of_arrival(events: list[CustomerEvent], random: Any) -> None:
    unique = list({event.message_id: event for event in events}.values())
    log = Log(unique)
    random.shuffle(unique)
    other = Log()
    assert all(other.add(event) for event in unique)
    assert not any(other.add(event) for event in unique)
    assert list(other) == list(log)
    assert len(other) == len(unique)
    for event in unique:
        instants, named = log.named(event.name)
        assert (instants, named) == other.named(event.name)
        assert instants == sorted(one.occurred_at for one in named)


def test_instants_compare_across_a_clock_change() -> None:
    """01:30 happens twice in this zone on this night; by wall clock the two are one."""
    new_york = ZoneInfo("America/New_York")
    first, second = (datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=new_york) for fold in (0, 1))
    customer = Customer(
        history=Log([CustomerEvent("b", ORDER, first, {"n": 1}), CustomerEvent("a", ORDER, second, {"n": 2})])
    )
    assert truth(History(event=ORDER, measure="last", property="n", op="eq", value=2), customer, second)
    assert truth(History(event=ORDER, within=timedelta(hours=1), op="eq", value=1), customer, second)


# --- until -----------------------------------------------------------------------------------------------------------


def probes(customer: Customer, until: datetime | None) -> set[datetime]:
    """Instants after ``NOW`` and before ``until`` at which the truth is likeliest to change."""
    edges = [event.occurred_at.astimezone(UTC) for event in customer.history]
    spans = (timedelta(0), *SPANS, *(DAY * n for n in (0.5, 1 / 3, 1.5, 2, 3, 4, 4.5, 5, 6, 8, 9)))
    near = {edge + span + tick for edge in edges for span in spans for tick in (-TICK, timedelta(0), TICK)}
    far = {NOW + TICK, NOW + DAY * 400} | ({until - TICK} if until else set())
    return {instant for instant in near | far if instant > NOW and (until is None or instant < until)}


@settings(max_examples=examples(200), deadline=None)
@given(trees(histories(), max_leaves=3) | conditions(), customers(), st.none() | customer_events())
def test_a_truth_holds_until_it_says(condition: Condition, customer: Customer, event: CustomerEvent | None) -> None:
    held, until = evaluate(condition, customer, NOW, event)
    assert until is None or until > NOW
    for instant in probes(customer, until):
        assert evaluate(condition, customer, instant, event).truth is held, instant


LOGS = (
    buyer(order(3 * DAY, "a", n=1)),
    buyer(order(3 * DAY, "a", n=1), order(DAY, "b", n=3)),
    buyer(order(5 * DAY, "a", n=2), order(4 * DAY, "b"), order(DAY, "c", n=1), order(-DAY, "d", n=9)),
)
WINDOWS: tuple[dict[str, Any], ...] = ({}, {"within": 4 * DAY}, {"within": 9 * DAY, "after": NOW - 3 * DAY})


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_holds_until_it_says(measure: Measure) -> None:
    name = "n" if measure in OF_A_PROPERTY else None
    limits = (0, 1, 2, 3, 4.5, 0.5, (1, 4))
    for op, value, window, customer in product(OPERATORS[:8], limits, WINDOWS, LOGS):
        leaf = History(event=ORDER, measure=measure, property=name, op=op, value=value, **window)
        held, until = evaluate(leaf, customer, NOW)
        assert all(truth(leaf, customer, instant) is held for instant in probes(customer, until)), leaf


@pytest.mark.parametrize(
    ("leaf", "until"),
    [
        ({"within": 7 * DAY}, NOW + 4 * DAY),  # at least one: until the last of the two leaves
        ({"within": 7 * DAY, "op": "gte", "value": 2}, NOW + 2 * DAY),
        ({"within": 7 * DAY, "op": "eq", "value": 0}, NOW + 4 * DAY),
        ({"within": 7 * DAY, "op": "gte", "value": 9}, None),
        ({}, None),
        ({"measure": "days_since_last", "op": "gt", "value": 30}, NOW + 27 * DAY + TICK),
        ({"measure": "days_since_last", "op": "gte", "value": 30}, NOW + 27 * DAY),
        ({"measure": "days_since_last", "op": "lte", "value": 3}, NOW + TICK),
        ({"measure": "days_since_last", "op": "eq", "value": 3}, NOW + TICK),
        ({"measure": "days_since_first", "op": "lt", "value": 5.5}, NOW + DAY / 2),
        ({"measure": "days_since_first", "op": "gt", "value": 1}, None),
        ({"measure": "overdue", "op": "gte", "value": 2}, NOW + DAY),
        ({"measure": "days_since_last", "op": "gt", "value": 1e9}, None),
    ],
)
def test_until_is_exact_where_one_limit_is_watched(leaf: dict[str, Any], until: datetime | None) -> None:
    customer = buyer(order(5 * DAY), order(3 * DAY))
    assert evaluate(History(event=ORDER, **leaf), customer, NOW).until == until


def test_a_future_event_ends_an_answer() -> None:
    assert evaluate(History(event=ORDER), buyer(order(-DAY)), NOW) == Verdict(False, NOW + DAY)


def test_one_lasting_part_decides_for_as_long_as_it_lasts() -> None:
    soon, late = (History(event=ORDER, within=days * DAY, op="eq", value=0) for days in (4, 6))
    customer = buyer(order(3 * DAY))
    assert evaluate(AllOf(of=(soon, late)), customer, NOW) == Verdict(False, NOW + 3 * DAY)
    assert evaluate(AnyOf(of=(soon, late)), customer, NOW) == Verdict(False, NOW + DAY)
    assert evaluate(AllOf(of=(soon, AnyOf(of=()))), customer, NOW) == Verdict(False, None)
    assert evaluate(Not(of=soon), customer, NOW) == Verdict(True, NOW + DAY)


def test_a_verdict_in_an_if_is_its_truth() -> None:
    assert not Verdict(False, NOW)
    assert Verdict(True)


# --- binding and filters ---------------------------------------------------------------------------------------------


@given(filters(), customer_events())
def test_a_filter_alone_says_what_the_whole_evaluation_says(condition: Condition, event: CustomerEvent) -> None:
    assert matches(condition, event) is evaluate(condition, Customer(), NOW, event).truth


def test_a_filter_on_an_event_cannot_ask_about_the_customer() -> None:
    with pytest.raises(TypeError, match="stage"):
        matches(InStage(of=("intake",)), order(DAY))
