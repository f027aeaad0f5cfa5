"""Simulations let customers in on their dates and by schedules, as the rounds do."""

from datetime import UTC, datetime, timedelta

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import KR
from orchestrator.core.simulation.due_entries import due_events
from orchestrator.core.simulation.forecast import forecast
from orchestrator.core.simulation.simulator import Person, compliant, walk
from tests.core.run.driver import attribute, straight, wait

NOW = datetime(2026, 3, 31, tzinfo=UTC)


def plan() -> Plan:
    triggers = [
        {"kind": "date", "attribute": "birthday", "yearly": True},
        {"kind": "schedule", "on": "2026-01-31", "repeat": "monthly"},
    ]
    entry = {"triggers": triggers, "filter": attribute("vip", True)}
    found = compile_journey({**straight(wait("w", "Viewed")), "entry": entry, "reentry": {"mode": "after_end"}})
    assert found.plan is not None, found.problems
    return found.plan


def person(name: str, **attributes: object) -> Person:
    return Person(name, dict(attributes))


def test_a_walk_enters_on_each_day_that_is_due_and_asks_the_filter() -> None:
    one, since = plan(), NOW - timedelta(days=60)
    vip = person("a", vip=True, birthday="1990-03-10")
    due = due_events((one,), vip, since, NOW)
    assert [(event.occurred_at.month, event.occurred_at.day) for event in due] == [(3, 10), (1, 31), (2, 28)]
    found = walk(Routes((one,)), vip, due, NOW, compliant())
    assert [entry.admission.reason for entry in found.entries] == ["admitted"] * 3
    other = person("b", birthday="1990-03-10")
    refused = walk(Routes((one,)), other, due_events((one,), other, since, NOW), NOW, compliant())
    assert {entry.admission.reason for entry in refused.entries} == {"filter"}


def test_a_forecast_counts_those_whose_day_it_was() -> None:
    people: list[tuple[Person, list[CustomerEvent]]] = [(person("a", vip=True), []), (person("b"), [])]
    found = forecast(plan(), people, NOW + timedelta(days=1), compliant(KR))
    assert (found.walked, found.triggered, found.entered) == (2, 2, 1)
