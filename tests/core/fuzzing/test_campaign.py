"""The fuzzer: it takes every path, breaks nothing of what is sound, finds each planted fault, and makes it small."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.core.fuzzing.campaign import Campaign
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.scenarios.document import read_scenario_file
from orchestrator.core.scenarios.play import EXAMPLE_SENDER, play
from orchestrator.core.scenarios.reading import problems_of, script_of
from orchestrator.core.scenarios.timeline import trace_of
from orchestrator.core.scenarios.writing import scenario_of
from orchestrator.core.sending.policies import NEW_WORKSPACE, policy_for
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.files.yaml_text import load_yaml
from orchestrator.journey_gallery import find_template
from tests.core.fuzzing.faults import FAULTS, Plant
from tests.examples import some

ENVIRONMENT = RunEnvironment(policy_for(NEW_WORKSPACE, "KR"), EXAMPLE_SENDER, locale="en")
CUSTOMERS = 600


def everything(url: str = "https://points.example/x") -> Plan:
    """A new plan each time: one keeps what its steps did when they were first passed. ``url``: of its webhook."""
    text = (Path(__file__).parent / "everything.yaml").read_text().replace("https://points.example/x", url)
    result = compile_journey(load_yaml(text))
    assert result.plan is not None, result.problems
    return replace(result.plan)


def campaign(*plans: Plan, shrinks: int = 0, seed: int = 0) -> Campaign:
    return Campaign(plans or (everything(),), ENVIRONMENT, seed=seed, shrinks=shrinks)


def test_what_is_sound_breaks_nothing_and_every_path_is_found() -> None:
    found = campaign().run(CUSTOMERS)
    assert {rule: one.violation.words.to("en") for rule, one in found.found.items()} == {}
    assert found.coverage.missing == []


def test_customers_come_in_by_date_and_schedule_and_walk_in_and_out_of_segments() -> None:
    result = compile_journey(load_yaml((Path(__file__).parent / "ways_in.yaml").read_text()))
    assert result.plan is not None, result.problems
    found = campaign(result.plan).run(150)
    assert {rule: one.violation.words.to("en") for rule, one in found.found.items()} == {}
    assert found.coverage.missing == []


@pytest.mark.parametrize("key", ["cart-recovery", "win-back", "satisfaction-survey", "birthday"])
def test_journeys_of_the_gallery_break_nothing(key: str) -> None:
    template = find_template(key)
    assert template is not None
    found = campaign(template.plan).run(200)
    assert {rule: one.violation.words.to("en") for rule, one in found.found.items()} == {}
    done, of = found.coverage.share
    assert done >= 0.8 * of


@pytest.mark.parametrize("plant", [pytest.param(plant, id=name) for name, plant in some(FAULTS.items(), 8)])
def test_each_planted_fault_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    attack = campaign()
    attack.run(CUSTOMERS, lambda: not attack.found)
    assert attack.found


def test_the_same_seed_makes_the_same_customers() -> None:
    one, other, another = campaign().run(50), campaign().run(50), campaign(seed=1).run(50)
    assert one.coverage.passed == other.coverage.passed
    assert one.coverage.passed != another.coverage.passed


def test_what_is_found_is_made_small_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a dozen acts the two that matter remain, and played from its scenario it breaks the same."""
    FAULTS["exits do not act during a wait"](monkeypatch)
    attack = campaign(shrinks=600)
    attack.run(CUSTOMERS, lambda: not attack.found)
    one = attack.found["exit" if "exit" in attack.found else "goal"]
    assert len(one.script.acts) <= 2
    assert one.script.history == ()
    document = {"journeys": ["x.yaml"], "locale": "en", "scenarios": [scenario_of("found", one.script)]}
    file, problems = read_scenario_file(document)
    assert file is not None, problems
    assert problems_of(file, (everything(),)) == ()
    again = play((everything(),), script_of(file, file.scenarios[0]), ENVIRONMENT)
    assert trace_of(again) == trace_of(one.watched.run)


def test_a_script_written_as_a_scenario_is_the_same_script() -> None:
    attack = campaign().run(150)
    for script in list(attack.reached.values()):
        document = {"journeys": ["x.yaml"], "locale": "en", "scenarios": [scenario_of("kept", script)]}
        file, problems = read_scenario_file(load_yaml(str(document).replace("None", "null")))
        assert file is not None, problems
        again = script_of(file, file.scenarios[0])
        assert trace_of(play((everything(),), again, ENVIRONMENT)) == trace_of(attack.watch(script).run)


def test_the_smallest_way_to_a_path_takes_it() -> None:
    attack = campaign().run(CUSTOMERS)
    attack.shrinks = 200
    place = ("everything", "ask", "low")
    script = attack.smallest_to(place)
    assert script is not None
    assert len(script.acts) <= 4
    assert attack.smallest_to(("everything", "nowhere", "x")) is None
