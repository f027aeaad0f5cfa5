"""Dates, schedules and segments let the customers of scenarios in, as time passes and as they change."""

from typing import Any

import pytest

from orchestrator.core.scenarios.document import read_scenario_file
from orchestrator.core.scenarios.play import ScenarioRun, play
from orchestrator.core.scenarios.reading import problems_of, script_of
from orchestrator.core.scenarios.writing import scenario_of
from orchestrator.core.simulation.interactive_run import RunEnvironment
from tests.core.run.driver import attribute, branch, delay, journey, leave, planned, step, straight

BIRTHDAY = {"kind": "date", "attribute": "birthday", "yearly": True, "at": "10:00", "offset_days": -7}
MONDAYS = {"kind": "schedule", "on": "2026-01-05", "at": "10:00", "repeat": "weekly"}
INTO_VIP = {"kind": "segment", "segment": "vip"}
MOVES = step("move", "update_customer", changes=[{"op": "set", "name": "birthday", "value": "1990-02-20"}])


def run_of(document: dict[str, Any], **scenario: Any) -> ScenarioRun:
    """Played from a file; and it is the same when it is written as a scenario and read again."""
    file, problems = read_scenario_file(
        {"journeys": ["j.yaml"], "scenarios": [{"name": "one", "when": [{"event": "Nothing"}], **scenario}]}
    )
    assert problems == ()
    assert file is not None
    plan = planned(document)
    assert problems_of(file, (plan,)) == ()
    script = script_of(file, file.scenarios[0])
    run = play((plan,), script, RunEnvironment())
    again, problems = read_scenario_file({"journeys": ["j.yaml"], "scenarios": [scenario_of("one", script)]})
    assert again is not None, problems
    assert entered(play((plan,), script_of(again, again.scenarios[0]), RunEnvironment())) == entered(run)
    return run


def journey_of(trigger: dict[str, Any], *steps: dict[str, Any], **entry: Any) -> dict[str, Any]:
    way_in = {"triggers": [trigger], **entry}
    return straight(*steps, leave("end"), entry=way_in, reentry={"mode": "after_end"})


def entered(run: ScenarioRun) -> list[str]:
    return [f"{one.entered_at.astimezone(run.tz):%Y-%m-%d %H:%M}" for one in run.runs]


def given(birthday: Any) -> dict[str, Any]:
    return {"attributes": {"birthday": birthday}}


def test_a_date_of_the_customers_lets_them_in_each_year() -> None:
    run = run_of(journey_of(BIRTHDAY), customer=given("1990-03-05"), until="500d")
    assert entered(run) == ["2026-02-26 10:00", "2027-02-26 10:00"]


def test_a_date_that_is_told_later_counts_from_then_on() -> None:
    told = [{"after": "10d", "customer": given("1990-02-01")}, {"after": "10d", "customer": given("1990-02-13")}]
    assert entered(run_of(journey_of(BIRTHDAY), when=told)) == ["2026-02-06 10:00"]


def test_a_date_that_a_journey_changes_is_looked_up_again() -> None:
    run = run_of(journey_of(BIRTHDAY, delay("day", "2d"), MOVES), customer=given("1990-01-20"))
    assert entered(run) == ["2026-01-13 10:00", "2026-02-13 10:00"]


@pytest.mark.parametrize("value", ["no date", None, 7])
def test_what_is_no_date_lets_nobody_in(value: Any) -> None:
    assert entered(run_of(journey_of(BIRTHDAY), customer=given(value), until="500d")) == []


def test_a_schedule_lets_in_whom_the_filter_lets_in() -> None:
    vip = {"filter": attribute("vip", True)}
    told = [{"after": "7d", "customer": {"attributes": {"vip": False}}}]
    run = run_of(journey_of(MONDAYS, **vip), customer={"attributes": {"vip": True}}, when=told, until="15d")
    assert entered(run) == ["2026-01-05 10:00", "2026-01-12 10:00"]
    assert [one.reason for one in run.entries] == ["admitted", "admitted", "filter"]


def test_a_schedule_of_the_workspaces_zone_goes_by_the_files() -> None:
    trigger = {**MONDAYS, "zone": "workspace"}
    run = run_of(journey_of(trigger), customer={"time_zone": "Europe/Berlin"}, until="1d")
    assert entered(run) == ["2026-01-05 02:00"]


def test_segments_let_in_and_are_asked_about() -> None:
    inside = branch("which", gold={"kind": "segment", "segment": "gold"})
    told = [
        {"customer": {"enters": ["vip"]}},
        {"customer": {"enters": ["vip"]}},
        {"after": "1d", "customer": {"leaves": ["vip", "gold"]}},
        {"after": "2d", "customer": {"enters": ["vip"]}},
    ]
    edges = "entry > which, which:gold > best, which:otherwise > rest"
    entry, ways = {"triggers": [INTO_VIP]}, (inside, leave("best", "best"), leave("rest", "rest"))
    document = journey(*ways, edges=edges, entry=entry, reentry={"mode": "after_end"})
    run = run_of(document, customer={"segments": ["gold"]}, when=told)
    assert entered(run) == ["2026-01-05 10:00", "2026-01-07 10:00"]
    assert [one.state.reason for one in run.runs] == ["best", "rest"]


def test_who_is_in_a_segment_already_does_not_enter_it() -> None:
    told = [{"customer": {"enters": ["vip"]}}]
    assert entered(run_of(journey_of(INTO_VIP), customer={"segments": ["vip"]}, when=told)) == []


def test_a_date_that_has_passed_when_it_is_told_lets_nobody_in() -> None:
    told = [{"after": "40d", "customer": given("1990-01-20")}]
    assert entered(run_of(journey_of(BIRTHDAY), when=told, until="60d")) == []
