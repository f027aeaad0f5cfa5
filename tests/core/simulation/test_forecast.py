"""What a journey would have done lately, by walking real customers."""

from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.simulation.forecast import events_of, forecast
from orchestrator.core.simulation.simulator import Person, compliant
from tests.core.run.driver import branch, delay, history, journey, leave, message, planned, step, straight

NOW = datetime.fromisoformat("2026-03-31T12:00:00+09:00")


def person(name: str = "a", **fields: Any) -> Person:
    return Person(name, consents={"email": True}, contacts={"email": "mina@example.com"}, **fields)


def ago(days: float, name: str = "Enter") -> CustomerEvent:
    return CustomerEvent(f"{name}-{days}", name, NOW - timedelta(days=days), {})


def test_runs_that_began_before_the_month_send_within_it() -> None:
    plan = planned(straight(delay("d", "20d"), message("m"), reentry={"mode": "after_end"}))
    found = forecast(plan, [(person(), [ago(45)]), (person("b"), [ago(15)]), (person("c"), [])], NOW, compliant())
    assert (found.walked, found.triggered, found.entered) == (3, 1, 1)
    assert sum(found.messages.values()) == 1


def test_what_was_before_is_history() -> None:
    bought = history("Bought", value=1)
    plan = planned(
        journey(
            branch("b", yes=bought), message("m"), leave(), edges="entry > b, b:yes > m, m > end, b:otherwise > end"
        )
    )
    told = [sum(forecast(plan, [(person(), [ago(200, "Bought")] * n + [ago(3)])], NOW, compliant()).messages.values())
            for n in (0, 1)]  # fmt: skip
    assert told == [0, 1]


def test_a_loop_that_hardly_waits_gives_no_numbers_and_ends() -> None:
    plan = planned(journey(delay("d", "1m"), step("g", "go_to", target="d"), edges="entry > d, d > g", exits=[{"id": "x", "event": "Bye"}]))  # fmt: skip  # noqa: E501
    found = forecast(plan, [(person(), [ago(20)])], NOW, compliant())
    assert (found.endless, found.walked) == (True, 0)


def test_when_time_is_over_those_walked_so_far_are_told_of() -> None:
    plan = planned(straight(delay("d", "1h")))
    left = iter([True] * 12)
    found = forecast(plan, [(person(str(n)), [ago(5)]) for n in range(9)], NOW, compliant(), lambda: next(left, False))
    assert 0 < found.walked < 9
    assert not found.endless


def test_a_plan_is_asked_which_events_it_could_look_at() -> None:
    plan = planned(straight(branch("b", a=history("Bought")), goals=[{"id": "g", "event": "Paid"}]))
    assert {"Enter", "Bought", "Paid", "Customer Updated"} <= events_of(plan)
