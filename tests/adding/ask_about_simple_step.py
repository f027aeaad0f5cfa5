"""Run in a copy of the sources: prints as JSON what each part of the product knows of the kind ``ask_ai``."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from api.journeys.step_types import kinds
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.checks import conditions_of
from orchestrator.core.journey.drawing import draw
from orchestrator.core.journey.graph import journey_schema
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import NO_POLICY
from orchestrator.core.simulation.interactive_run import InteractiveRun, RunEnvironment
from orchestrator.core.simulation.simulator import Person, compliant, walk
from tests.test_journey_docs import section
from tests.web.test_inspector_covers_every_kind import EDITORS, SCHEMAS, walked

T0 = datetime(2026, 1, 5, tzinfo=UTC)
ENTER = [CustomerEvent("m1", "Enter", T0, {})]


def document(**settings: Any) -> dict[str, Any]:
    """Ask, then wait for the event that tells of it, and go on by what was answered."""
    waiting = {"branches": [{"event": "Asked", "port": "happened"}], "window": "1d", "look_back": "1h"}
    words = {"ko": {"subject": "{{ var.answer }}", "body": "{{ var.answer }}"}}
    message = {"channel": "email", "class": "informational", "content": words}
    return {
        "key": "asking",
        "name": "Asking",
        "entry": {"triggers": [{"kind": "event", "event": "Enter"}]},
        "steps": [
            {"id": "ask", "kind": "ask_ai", "stage": "intake", "settings": {"about": "tier", **settings}},
            {"id": "wait", "kind": "wait_for_event", "stage": "intake", "settings": waiting},
            {"id": "say", "kind": "message", "stage": "intake", "settings": message},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {}},
        ],
        "edges": [
            {"from": "entry", "to": "ask"},
            {"from": "ask", "to": "wait"},
            {"from": "wait", "port": "happened", "to": "say"},
            {"from": "wait", "port": "timeout", "to": "end"},
            {"from": "say", "to": "end"},
        ],
    }


GOOD = {"question": "Why {{ customer.tier }}?", "only_if": {"kind": "attribute", "name": "tier", "op": "exists"}}


def planned() -> Plan:
    """The plan of the sound journey."""
    result = compile_journey(document(**GOOD))
    assert result.plan is not None, result.problems
    return result.plan


def codes(vocabulary: Vocabulary | None = None, **settings: Any) -> list[tuple[str, str | None, str | None]]:
    """What the compiler finds wrong: code, step and field; a name at every place that uses it."""
    found = compile_journey(document(**settings), vocabulary).problems
    places = [(one.code, one.step, one.field) for one in found]
    return places + [(one.code, at["step"], at["field"]) for one in found for at in one.parameters.get("also", ())]


def in_simulation(plan: Plan) -> list[str]:
    """The steps that a simulated customer passes."""
    result = walk(Routes((plan,)), Person("c1"), ENTER, T0 + timedelta(days=3), compliant(NO_POLICY))
    return [line.step for line in result.runs[0].transitions if line.what == "entered"]


def in_test_run(plan: Plan) -> list[str]:
    """The lines of a test run about the new step."""
    run = InteractiveRun(plan, Person("c1"), T0 + timedelta(days=3), RunEnvironment(NO_POLICY), {})
    run.play(ENTER)
    return [run.text(run.runs[0], line).to("en") for line in run.trace(run.runs[0]) if line.step == "ask"]


def documented() -> str:
    """What the test of the documentation says."""
    try:
        return section("ask_ai")
    except AssertionError as missing:
        return str(missing)


async def main() -> None:
    """Ask everybody."""
    told = json.loads(bytes((await kinds()).body))
    plan = planned()
    drawn = draw(document(**GOOD))
    answers = {
        "palette": next(one for one in told["items"] if one["kind"] == "ask_ai"),
        "file_schema": sorted(journey_schema()["$defs"]["AskAi"]["properties"]),
        "inspector_lacks": walked({"ask_ai": SCHEMAS["ask_ai"]}, EDITORS)["ask_ai"],
        "documentation": documented(),
        "drawn": [port.name for port in drawn.steps["ask"].ports],
        "faults": codes(question="Because."),
        "unknown_names": codes(Vocabulary({"Enter": frozenset()}), **GOOD),
        "known_names": codes(Vocabulary({"Enter": frozenset()}, frozenset({"tier"})), **GOOD),
        "template": codes(question="Why {{ strange.thing }}?"),
        "conditions": [(place.step, place.field) for place in conditions_of(plan.journey)],
        "simulated": in_simulation(plan),
        "test_run": in_test_run(plan),
    }
    sys.stdout.write(json.dumps(answers) + "\n")


asyncio.run(main())
