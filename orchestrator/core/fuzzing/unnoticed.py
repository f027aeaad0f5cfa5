"""Slips that no scenario would notice, and for each a customer to whom it makes a difference, as small as it gets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.core.fuzzing.campaign import Campaign
from orchestrator.core.fuzzing.shrink import shrunk
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.play import ScenarioRun, play
from orchestrator.core.scenarios.script import Script
from orchestrator.core.simulation.interactive_run import RunEnvironment

TRIES = 250
SHRINKS = 80


@dataclass(frozen=True)
class Unnoticed:
    """A journey with one slip. ``script``: a customer whom it concerns; None where none was found: it may make no
    difference to anybody."""

    slip: str
    script: Script | None


def customers_for(
    campaign: Campaign,
    slips: Sequence[tuple[str, tuple[Plan, ...]]],
    environment_for: Callable[[Script], RunEnvironment],
) -> Iterator[Unnoticed]:
    """For each slip, by the plans that it makes, a customer who tells it from the journeys as they are.

    ``campaign`` has run: its customers are tried first, then others like them.
    """
    known = list(campaign.reached.values())

    def differs(script: Script, plans: tuple[Plan, ...]) -> bool:
        environment = environment_for(script)
        return seen_of(play(campaign.plans, script, environment)) != seen_of(play(plans, script, environment))

    for slip, plans in slips:
        tried = (script for scripts in (known, campaign.more(TRIES)) for script in scripts)
        found = next((script for script in tried if differs(script, plans)), None)
        if found is not None:
            found = shrunk(found, lambda script, plans=plans: differs(script, plans), SHRINKS)  # type: ignore[misc]
            known.insert(0, found)
        yield Unnoticed(slip, found)


def seen_of(run: ScenarioRun) -> list[Any]:
    """All of a playing that a scenario can expect."""
    lines: list[Any] = [
        (one.journey, one.key, line.what, line.step, line.port, line.at) for one in run.runs for line in run.trace(one)
    ]
    lines += [(told.send.step, told.send.channel, told.send.at, told.send.outcome) for told in run.sends]
    lines += [(one.journey, one.admission.reason) for one in run.result.entries]
    return [*lines, run.person.stage, sorted(run.person.tags), sorted(run.person.attributes.items(), key=str)]
