"""A run that was, as a scenario: it plays as it went, and has nothing of a person in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orchestrator.core.commands import Transition
from orchestrator.core.journey.plan import Plan
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.recorded_scenario import RecordedScenario, holds, record_scenario
from orchestrator.core.scenarios.script import Answers, Changes, Outside, Stops, Timed
from orchestrator.files.scenarios import scenario_yaml
from tests.core.recordings.lives import BEGIN, PERSONAL, entering, event, recorded, somebody
from tests.core.scenarios.shop import JOURNEY, plan

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POINTS = Timed(BEGIN, Outside({"call": {"answer": {"data": [{"points": 7}]}}}))


def at(after: timedelta, what: Any) -> Timed:
    return Timed(BEGIN + after, what)


LIVES: dict[str, tuple[Timed, ...]] = {
    "answers the survey": (POINTS, entering(), at(3 * HOUR, Answers("nps", "high", 9))),
    "says nothing": (POINTS, entering()),
    "the call fails": (at(0 * HOUR, Outside({"call": "failed"})), entering()),
    "no code is left": (at(0 * HOUR, Outside(pools={"welcome": "empty"})), entering(), at(DAY, Answers("nps", "low"))),
    "cannot be reached by push": (at(0 * HOUR, Outside({"push": "unreachable"})), entering()),
    "nobody knows whether it arrived": (at(0 * HOUR, Outside({"letter": "unknown"})), entering()),
    "buys, and is told of late": (entering(), event("Order Completed", 2 * HOUR, order_id="o-991", total=39_000)),
    "becomes somebody else": (entering(), at(2 * HOUR, Changes({"tier": "vip", "first_name": "하늘이"}))),
    "withdraws": (entering(), at(HOUR / 2, Changes(consents={"push": False, "email": False}))),
    "is stopped": (entering(), at(2 * HOUR, Stops("operator"))),
    "comes at night": (POINTS, entering(12 * HOUR)),
}  # fmt: skip


def text_of(found: RecordedScenario) -> str:
    return scenario_yaml(found.document)


@pytest.mark.parametrize("name", LIVES)
def test_a_life_plays_as_it_went_and_says_nothing_of_a_person(name: str) -> None:
    run = recorded(*LIVES[name], person=without_night() if name == "comes at night" else None)
    found = record_scenario(run)
    assert [one.words().to("en") for one in found.differences] == []
    assert holds(found.document, run)
    for word in PERSONAL:
        assert word not in text_of(found)
    assert found.run.trace(found.run.runs[0])[-1].what == run.lines[-1].what


def without_night() -> Any:
    person = somebody()
    person.consents |= {"push:night": False, "sms:night": False}
    return person


def test_a_hold_by_quiet_hours_is_part_of_it() -> None:
    found = record_scenario(recorded(*LIVES["comes at night"], person=without_night()))
    assert any(told.send.outcome == "held" for told in found.run.sends)
    [scenario] = found.document["scenarios"]
    assert [one["step"] for one in scenario["expect"]["sends"]] == ["letter", "ask"]


def test_what_is_compared_stays_and_the_rest_is_made_up_or_dropped() -> None:
    acts = (entering(), at(2 * HOUR, Changes({"tier": "vip", "first_name": "하늘이"})))
    [scenario] = record_scenario(recorded(*acts)).document["scenarios"]
    assert scenario["when"][1]["properties"] == {"cart_id": "cart_id-1"}
    assert scenario["when"][2]["customer"]["attributes"] == {"tier": "vip", "first_name": "first_name-2"}
    assert scenario["customer"] == {"locale": "ko"}  # neither a street nor a tag, for nothing looks at them
    assert scenario["expect"]["ends"] == "vip"


def divided() -> Plan:
    """The journey with an experiment before all else."""
    arms = {"experiment": "x", "variants": [{"port": "a", "weight": 9}, {"port": "b", "weight": 1}]}
    draw = {"id": "draw", "kind": "experiment", "stage": "intake", "settings": arms}
    rest = [edge for edge in JOURNEY["edges"] if edge["from"] != "entry"]
    lines = [{"from": "entry", "to": "draw"}, {"from": "draw", "port": "a", "to": "rest"}]
    return plan(steps=[draw, *JOURNEY["steps"]], edges=[*lines, {"from": "draw", "port": "b", "to": "ask"}, *rest])


def test_somebody_made_up_falls_into_the_same_variant() -> None:
    for n in range(40):
        person = somebody()
        person.id = f"5f7f8f9e-0000-4000-8000-{n:012d}"
        run = recorded(entering(), person=person, plan=divided())
        found = record_scenario(run)
        assert not found.differences
        assert person.id not in text_of(found)
        if any(line.port == "b" for line in run.lines):
            return
    pytest.fail("nobody fell into the rare variant")


def moved(run: RecordedRun) -> RecordedRun:
    """As if an operator had moved it from its delay to its last question."""
    rest = run.lines[0]
    lines = (
        rest,
        Transition(2, rest.at + timedelta(minutes=5), "moved", "ask", 1, "", {"by": "operator"}),
        Transition(3, rest.at + timedelta(minutes=5), "entered", "ask"),
    )
    return replace(run, lines=lines, sends=(), read_at=rest.at + timedelta(hours=2))


def test_what_cannot_be_played_says_which_line_and_why() -> None:
    run = moved(recorded(entering()))
    found = record_scenario(run)
    [first] = found.differences
    assert first.line == 2
    assert "is moved to" in first.words().to("en")
    assert any("moved" in one.to("en") for one in found.reasons)
    assert all(one.to("ko") for one in found.reasons)
    assert not holds(found.document, run)  # it expects what was, and so it fails
    [scenario] = found.document["scenarios"]
    assert scenario["expect"]["path"] == ["rest", "ask"]
