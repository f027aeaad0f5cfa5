"""A small journey for scenarios: it waits, asks, calls, takes a code, writes, and ends in several ways."""

from pathlib import Path
from typing import Any

from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.scenarios.document import ScenarioFile, read_scenario_file
from orchestrator.core.scenarios.expectations import Difference, differences
from orchestrator.core.scenarios.play import EXAMPLE_SENDER, ScenarioRun, play
from orchestrator.core.scenarios.problems import ScenarioProblem
from orchestrator.core.scenarios.reading import problems_of, script_of
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.files.yaml_text import load_yaml

JOURNEY: dict[str, Any] = load_yaml((Path(__file__).parent / "shop.yaml").read_text())
ENTER = {"event": "Cart Updated", "properties": {"cart_id": "c1"}}


def plan(**changed: Any) -> Plan:
    """The journey, changed at its top."""
    result = compile_journey({**JOURNEY, **changed})
    assert result.plan is not None, result.problems
    return result.plan


def given(
    *acts: dict[str, Any], expect: Any = None, customer: Any = None, file: Any = None, **more: Any
) -> ScenarioFile:
    """A file with one scenario, in which the customer enters and then these things happen."""
    scenario = {"name": "one", "when": [ENTER, *acts], "expect": expect or {}, "customer": customer or {}, **more}
    read, problems = read_scenario_file(
        {"journeys": ["shop.yaml"], "locale": "en", "scenarios": [scenario], **(file or {})}
    )
    assert read is not None, problems
    return read


def wrong(*acts: dict[str, Any], **more: Any) -> list[ScenarioProblem]:
    """What is wrong with such a file."""
    return list(problems_of(given(*acts, **more), (plan(),)))


def played(file: ScenarioFile, *plans: Plan) -> ScenarioRun:
    """The file's one scenario, played."""
    environment = RunEnvironment(sender=EXAMPLE_SENDER, locale="en")
    return play(plans or (plan(),), script_of(file, file.scenarios[0]), environment)


def missed(*acts: dict[str, Any], **more: Any) -> list[Difference]:
    """In what it is other than expected."""
    file = given(*acts, **more)
    return differences(file, file.scenarios[0], played(file))


def fields(*acts: dict[str, Any], **more: Any) -> list[str]:
    """The expectations that do not hold."""
    return [one.field for one in missed(*acts, **more)]
