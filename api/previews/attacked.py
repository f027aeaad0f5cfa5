"""Made-up customers against a journey as drawn, carried out. In a process of its own: imports only what that needs."""

import time
from typing import Any

from api.previews.as_test_script import as_test_script
from orchestrator.core.fuzzing.campaign import Campaign, Counterexample
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.coverage import ENDS, Place
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.script import Script
from orchestrator.core.scenarios.timeline import timeline
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.narrate import goal_title, title
from orchestrator.core.text import Text, spelt_out, verbatim

SHRINKS = 60
MOST_LINES = 60
"""Of a timeline that is told."""


def attack(plan: Plan, environment: RunEnvironment, customers: int, seconds: float, seed: int) -> dict[str, Any]:
    """Try so many, for so long at most, and tell what they found."""
    end = time.monotonic() + seconds
    campaign = Campaign((plan,), environment, seed=seed, shrinks=SHRINKS)
    campaign.run(customers, lambda: time.monotonic() < end)
    done, of = campaign.coverage.share
    return {
        "customers": campaign.tried,
        "seed": seed,
        "done": done,
        "of": of,
        "places": [_place(plan, campaign, place) for place in campaign.coverage.places],
        "broken": [_broken(plan, one) for one in campaign.found.values()],
    }


def _place(plan: Plan, campaign: Campaign, place: Place) -> dict[str, Any]:
    _, step, port = place
    script = campaign.reached.get(place)
    return {
        "step": step or None,
        "port": None if port == ENDS or not step else port,
        "count": campaign.coverage.passed[place],
        "text": _called(plan, place).by_locale(),
        "script": None if script is None else _script(script),
    }


def _called(plan: Plan, place: Place) -> Text:
    _, step, port = place
    if not step:
        kind, _, rule = port.partition(":")
        if kind == "goal":
            return Text("Goal “{goal}”", goal=goal_title(plan, rule))
        label = next((one.label for one in plan.journey.exits if one.id == rule), {})
        return Text("Exit rule “{rule}”", rule=verbatim(label, spelt_out(rule)))
    named = title(plan, step)
    if port == ENDS:
        return named
    label_of = next((one.label for one in plan.steps[step].ports() if one.name == port), verbatim(port))
    return Text("{step} › {port}", step=named, port=label_of)


def _broken(plan: Plan, one: Counterexample) -> dict[str, Any]:
    violation = one.violation
    return {
        "rule": violation.rule,
        "step": violation.step or None,
        "text": violation.words.by_locale(),
        "lines": _lines(plan, one.watched.run),
        "script": _script(one.script),
    }


def _lines(plan: Plan, run: ScenarioRun) -> list[dict[str, Any]]:
    return [
        {
            "at": line.at,
            "kind": line.kind,
            "title": (title(plan, line.step) if line.step in plan.steps else verbatim("")).by_locale(),
            "text": line.words.by_locale(),
        }
        for line in timeline(run)[:MOST_LINES]
    ]


def _script(script: Script) -> dict[str, Any] | None:
    """As a test run takes it; None where more happens than a test run can be told."""
    told, left_out = as_test_script(script)
    return None if left_out else told
