"""Traits counted of a customer's events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from orchestrator.core.conditions.customer import Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.traits.compute import best_hour, counted_traits, order_days
from orchestrator.core.traits.definition import TraitSettings, computed_names, is_computed

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


def event(name: str, days_ago: float, **properties: Any) -> CustomerEvent:
    at = NOW - timedelta(days=days_ago)
    return CustomerEvent(f"{name} {days_ago} {properties}", name, at, properties)


def counted(*events: CustomerEvent, **settings: Any) -> dict[str, Any]:
    return counted_traits(TraitSettings.model_validate(settings), Log(events), NOW, SEOUL)


def order(days_ago: float, revenue: Any = 10_000, **more: Any) -> CustomerEvent:
    return event("Order Completed", days_ago, revenue=revenue, **more)


def test_of_nothing_there_is_nothing_but_a_count() -> None:
    assert counted() == {"orders": 0}


def test_orders_are_counted_with_their_totals_by_currency_and_their_rhythm() -> None:
    found = counted(order(40), order(30, "12,500.50"), order(10, 20_000), order(5, 30, currency="usd"))
    assert found["orders"] == 4
    assert found["order_total"] == {"KRW": 42_500.5, "USD": 30}
    assert found["order_mean"] == {"KRW": pytest.approx(14_166.833333), "USD": 30}
    assert found["last_order_at"] == (NOW - timedelta(days=5)).isoformat()
    assert found["order_interval_days"] == pytest.approx(35 / 3, abs=0.01)
    assert found["order_interval_deviation_days"] == pytest.approx(7.64, abs=0.01)


def test_what_is_no_number_counts_as_an_order_without_a_value() -> None:
    found = counted(order(3, "a lot"), order(2, float("inf")), order(1, True), order(0.5, None))
    assert found["orders"] == 4
    assert "order_total" not in found


def test_orders_of_one_day_of_the_workspace_are_one_for_the_rhythm() -> None:
    late = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)  # 23:30 in Seoul
    events = [CustomerEvent(str(n), "Order Completed", late + timedelta(hours=n), {"revenue": 5}) for n in range(2)]
    days = order_days(TraitSettings().orders, Log(events), NOW, SEOUL)
    assert len(days.days) == 2
    assert len(order_days(TraitSettings().orders, Log(events), NOW, ZoneInfo("UTC")).days) == 1


def test_what_is_yet_to_come_is_not_counted() -> None:
    assert counted(order(-1), order(1))["orders"] == 1


def test_the_preferred_channel_is_the_one_that_is_acted_on() -> None:
    opened = [event("Message Opened", n, channel="email") for n in (1, 2)]
    assert counted(*opened)["preferred_channel"] == "email"
    assert counted(*opened, event("Message Clicked", 90, channel="sms"))["preferred_channel"] == "sms"
    assert counted(*opened, event("Message Clicked", 181, channel="sms"))["preferred_channel"] == "email"


CATEGORIES = [event("Product Viewed", n, category=one) for n, one in ((9, "shoes"), (8, "bags"), (7, "shoes"))]


@pytest.mark.parametrize(
    ("trait", "expected"),
    [
        ({"measure": "count"}, 3),
        ({"measure": "most_frequent", "property": "category"}, "shoes"),
        ({"measure": "distinct", "property": "category"}, 2),
        ({"measure": "last", "property": "category"}, "shoes"),
        ({"measure": "count", "within": "P8DT1H"}, 2),
        (
            {"measure": "count", "where": {"kind": "property", "name": "category", "op": "eq", "value": "bags"}},
            1,
        ),
    ],
)
def test_a_trait_of_ones_own_measures_events(trait: dict[str, Any], expected: Any) -> None:
    own = {"key": "seen", "event": "Product Viewed", **trait}
    assert counted(*CATEGORIES, traits=[own])["seen"] == expected


@pytest.mark.parametrize(
    ("measure", "expected"), [("sum", 0.3), ("average", 0.15), ("minimum", 0.1), ("maximum", 0.2), ("distinct", 2)]
)
def test_numbers_are_measured_exactly(measure: str, expected: float) -> None:
    own = {"key": "paid", "event": "Paid", "measure": measure, "property": "amount"}
    found = counted(event("Paid", 2, amount=0.1), event("Paid", 1, amount=0.2), traits=[own])
    assert found["paid"] == expected


def test_of_a_list_each_value_counts() -> None:
    own = {"key": "favourite", "event": "Ordered", "measure": "most_frequent", "property": "categories"}
    found = counted(event("Ordered", 2, categories=["a", "b"]), event("Ordered", 1, categories=["b"]), traits=[own])
    assert found["favourite"] == "b"


def test_without_events_a_trait_of_values_is_missing() -> None:
    own = {"key": "favourite", "event": "Ordered", "measure": "most_frequent", "property": "categories"}
    assert "favourite" not in counted(traits=[own])


@pytest.mark.parametrize(
    "trait",
    [
        {"key": "orders", "event": "A"},
        {"key": "Upper", "event": "A"},
        {"key": "a", "event": "Customer Updated"},
        {"key": "a", "event": "A", "measure": "sum"},
        {"key": "a", "event": "A", "measure": "count", "property": "b"},
        {"key": "a", "event": "A", "where": {"kind": "attribute", "name": "x", "op": "eq", "value": 1}},
    ],
)
def test_a_trait_that_means_nothing_is_refused(trait: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TraitSettings.model_validate({"traits": [trait]})


def test_two_traits_with_one_key_are_refused() -> None:
    with pytest.raises(ValidationError):
        TraitSettings.model_validate({"traits": [{"key": "a", "event": "A"}, {"key": "a", "event": "B"}]})


def test_only_what_can_matter_is_asked_for() -> None:
    own = [
        {"key": "a", "event": "A", "within": "P7D"},
        {"key": "b", "event": "B"},
        {"key": "c", "event": "B", "within": "P1D"},
    ]
    since = TraitSettings.model_validate({"traits": own}).since(NOW)
    assert since["A"] == NOW - timedelta(days=7)
    assert "B" not in since
    assert "Order Completed" not in since


def test_names_are_those_that_conditions_know() -> None:
    names = computed_names(TraitSettings.model_validate({"traits": [{"key": "seen", "event": "A"}]}))
    assert names["computed.seen"] == "number"
    assert names["computed.order_total.KRW"] == "number"
    assert all(is_computed(name) for name in names)
    assert not is_computed("computed_by_us")


def test_the_best_hour_is_that_of_most_acts_and_the_earlier_of_two() -> None:
    assert best_hour({9: 3, 20: 3}) == 9
    assert best_hour({9: 2, 20: 2}) is None
