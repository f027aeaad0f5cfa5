"""Scenarios: what is written in a file happens, and what is expected is compared with all that happened."""

from datetime import timedelta
from typing import Any

import pytest

from orchestrator.core.scenarios.document import read_scenario_file
from orchestrator.core.scenarios.timeline import timeline, trace_of
from tests.core.scenarios.shop import ENTER, fields, given, missed, plan, played, wrong

WHOLE = ["rest", "call", "gift", "letter", "ask", "good"]
BY_EMAIL = {"step": "letter", "channel": "email"}
HIGH = {"after": "2d", "answer": {"survey": "nps", "group": "high", "score": 10}}


def test_a_scenario_that_holds_has_no_difference() -> None:
    sends = [{"step": "letter", "channel": "push", "after": "1h", "says": "you 0"}, "ask"]
    expect = {"path": WHOLE, "sends": sends, "ends": "good", "ends_after": "2d", "goals": [], "entered": True}
    assert missed(HIGH, expect={**expect, "customer": {"stage": "retention"}}) == []


@pytest.mark.parametrize(
    "expect",
    [
        {"path": ["rest"]},
        {"passes": ["letter", "rest"]},
        {"never": ["gift"]},
        {"sends": ["letter"]},
        {"sends": [{"step": "letter", "channel": "email"}, "ask"]},
        {"sends": [{"step": "letter", "after": "2h"}, "ask"]},
        {"sends": [{"step": "letter", "at": "2026-01-05 11:01"}, "ask"]},
        {"sends": [{"step": "letter", "subject": "Bye"}, "ask"]},
        {"sends": [{"step": "letter", "says": ["you", "nobody"]}, "ask"]},
        {"not_sent": ["letter"]},
        {"ends": "bad"},
        {"ends_after": "3d"},
        {"waits_at": "ask"},
        {"goals": ["reached"]},
        {"variables": {"balance": 7}},
        {"entered": False},
        {"entered": "cool_down"},
        {"customer": {"stage": "intake"}},
        {"customer": {"attributes": {"tier": "vip"}}},
        {"customer": {"consents": {"email": False}}},
        {"customer": {"tags": ["seen"]}},
    ],
    ids=lambda expect: str(expect)[:40],
)
def test_each_expectation_can_fail(expect: dict[str, Any]) -> None:
    name = next(iter(expect))
    assert [field.split(" › ")[0] for field in fields(HIGH, expect=expect)] == [name]


@pytest.mark.parametrize(
    ("acts", "expect"),
    [
        ([{"results": {"call": "failed"}}], {"ends": "bad", "sends": []}),
        ([{"results": {"call": {"answer": {"data": [{"points": 5}]}}}}], {"variables": {"balance": 5}}),
        ([{"results": {"push": "unreachable"}}], {"sends": [BY_EMAIL, "ask"]}),
        (
            [{"results": {"push": "unreachable", "email": "unreachable"}}],
            {"sends": [], "not_sent": [{"step": "letter", "reason": "unreachable"}]},
        ),
        ([{"results": {"letter": "unknown"}}], {"sends": ["letter", "ask"]}),
        ([{"pools": {"welcome": "empty"}}], {"never": ["letter"], "sends": ["ask"]}),
        ([{"pools": {"welcome": "empty"}}, {"after": "1m", "pools": {"welcome": "open"}}], {"passes": ["letter"]}),
        ([{"after": "30m", "stop": "by_hand"}], {"ends": "by_hand", "path": ["rest"]}),
        ([{"after": "30m", "customer": {"attributes": {"tier": "vip"}}}], {"ends": "vip", "ends_after": "30m"}),
        ([{"after": "30m", "customer": {"consents": {"push": False}}}], {"sends": [BY_EMAIL, "ask"]}),
        ([{"after": "30m", "customer": {"contacts": {"push_token": None}}}], {"sends": [BY_EMAIL, "ask"]}),
        ([{"after": "30m", "customer": {"add_tags": ["vip"]}}], {"customer": {"tags": ["vip"]}}),
        ([{"after": "2h", "answer": {"survey": "other", "group": "low"}}], {"ends": "good"}),
        ([{"after": "2h", "answer": {"survey": "nps", "group": "low"}}], {"ends": "bad", "ends_after": "2h"}),
        ([{"after": "2h", "event": "Order Completed"}], {"ends": "bought"}),
        ([ENTER], {"path": WHOLE}),
    ],
)  # fmt: skip
def test_each_thing_that_can_happen_happens(acts: list[dict[str, Any]], expect: dict[str, Any]) -> None:
    assert missed(*acts, expect=expect) == []


def test_who_did_not_enter_is_told_why() -> None:
    [one] = missed(customer={}, expect={"sends": ["letter"]}, when=[{"event": "Nothing"}])
    assert (one.field, one.found.to("en")) == ("entered", "nothing that happened starts it")


def test_the_same_event_twice_is_one() -> None:
    twice = [
        {"after": "1m", "event": "Order Completed", "id": "o1"},
        {"after": "2m", "event": "Order Completed", "id": "o1"},
    ]
    assert len(list(played(given(*twice)).person.log.named("Order Completed")[1])) == 1


def test_what_is_told_late_counts_from_when_it_happened() -> None:
    """Two hours late, the hour's rest is over when it comes: what follows is done now, and counted from then."""
    late = {"event": "Cart Updated", "properties": {"cart_id": "c1"}, "after": "2h", "late": "2h"}
    run = played(given(when=[late]))
    [one] = run.runs
    entered = {line.step: line.at - run.script.start for line in run.trace(one) if line.what == "entered"}
    assert entered["rest"] == timedelta(0)
    assert entered["call"] == timedelta(hours=1)
    assert {told.send.at - run.script.start for told in run.sends} == {timedelta(hours=2)}
    assert entered["letter"] == timedelta(hours=2)  # what is settled late counts from when it was


def test_history_lies_before_the_start_and_starts_nothing() -> None:
    entry = plan(
        entry={
            "triggers": [{"kind": "event", "event": "Cart Updated"}],
            "filter": {"kind": "history", "event": "Order Completed"},
        }
    )
    file = given(before=[{"event": "Order Completed", "after": "3d"}, {"event": "Cart Updated", "after": "2d"}])
    assert len(played(file, entry).runs) == 1
    assert played(given(), entry).runs == []


def test_a_file_speaks_for_all_its_scenarios_unless_they_do_themselves() -> None:
    file = {"customer": {"attributes": {"first_name": "Ana", "tier": "new"}, "consents": "none"}}
    assert missed(file=file, expect={"sends": ["ask"]}) == []
    own = {"attributes": {"tier": "vip"}, "consents": {"email": True}}
    run = played(given(file=file, customer=own))
    assert run.script.person.attributes == {"first_name": "Ana", "tier": "vip"}
    assert run.script.person.consents["email"] is True


def test_a_playing_can_be_told_and_is_the_same_each_time() -> None:
    file = given(HIGH)
    run = played(file)
    assert [line.kind for line in timeline(run)][:3] == ["event", "entered", "left"]
    assert [line.kind for line in timeline(run)].count("sent") == 2
    assert trace_of(run) == trace_of(played(file))


@pytest.mark.parametrize(
    ("acts", "more", "place"),
    [
        ([{"event": "A", "stop": "b"}], {}, "scenarios › 1 › when › 2"),
        ([{"after": "1h"}], {}, "scenarios › 1 › when › 2"),
        ([{"event": "A", "after": "1h", "at": "2026-02-01 10:00"}], {}, "scenarios › 1 › when › 2 › at"),
        ([{"event": "A", "at": "soon"}], {}, "scenarios › 1 › when › 2 › at"),
        ([{"event": "A", "at": "2025-02-01 10:00"}], {}, "scenarios › 1 › when › 2 › at"),
        ([{"results": {"nobody": "failed"}}], {}, "scenarios › 1 › when › 2 › results › nobody"),
        ([{"customer": {"time_zone": "Mars"}}], {}, "scenarios › 1 › when › 2 › customer › time_zone"),
        ([], {"start": "never"}, "scenarios › 1 › start"),
        ([], {"until": "5000d"}, "scenarios › 1 › until"),
        ([], {"expect": {"path": ["nowhere"]}}, "scenarios › 1 › expect › path"),
        ([], {"expect": {"journey": "other"}}, "scenarios › 1 › expect › journey"),
        ([], {"expect": {"ends": "a", "waits_at": "ask"}}, "scenarios › 1 › expect"),
        ([], {"expect": [{}, {"sends": ["nowhere"]}]}, "scenarios › 1 › expect › 2 › sends"),
        ([], {"before": [{"stop": "x"}]}, "scenarios › 1 › before › 1"),
        ([], {"file": {"start": "x"}}, "start"),
        ([], {"file": {"time_zone": "Mars"}}, "time_zone"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_place(acts: list[Any], more: dict[str, Any], place: str) -> None:
    assert [one.place for one in wrong(*acts, **more)] == [place]


def one_act(act: dict[str, Any]) -> dict[str, Any]:
    return {"journeys": ["a"], "scenarios": [{"name": "x", "when": [act]}]}


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ([], [""]),
        ({}, ["journeys", "scenarios"]),
        (one_act({"evnt": "B"}), ["scenarios › 1 › when › 1 › evnt"]),
        (one_act({"after": "1 year"}), ["scenarios › 1 › when › 1 › after"]),
        ({"journeys": ["a"], "scenarios": [{"name": "x", "when": []}]}, ["scenarios › 1 › when"]),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused_with_all_that_is_wrong(document: Any, places: list[str]) -> None:
    file, problems = read_scenario_file(document)
    assert file is None
    assert [one.place for one in problems] == places
    assert all(one.text.to("ko") and one.text.to("en") for one in problems)
