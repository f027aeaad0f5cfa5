"""Mutations that no scenario notices, and for each a customer to whom it makes a difference, as small as it gets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.core.fuzzing.campaign import Campaign
from orchestrator.core.fuzzing.mutations import Mutation
from orchestrator.core.fuzzing.shrink import shrunk
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.play import ScenarioRun, play
from orchestrator.core.scenarios.script import Script
from orchestrator.core.simulation.interactive_run import RunEnvironment

TRIES = 250
SHRINKS = 80


@dataclass(frozen=True)
class Survivor:
    """``script``: a customer whom it concerns; None where none was found: it may make no difference to anybody."""

    mutation: Mutation
    script: Script | None


def with_mutation(plans: Sequence[Plan], mutation: Mutation) -> tuple[Plan, ...]:
    """The journeys, with the changed one in its place."""
    return tuple(mutation.plan if plan.key == mutation.plan.key else plan for plan in plans)


def customers_for(
    campaign: Campaign, mutations: Sequence[Mutation], environment_for: Callable[[Script], RunEnvironment]
) -> Iterator[Survivor]:
    """For each mutation a customer who tells it from the journeys as they are.

    ``campaign`` has run: its customers are tried first, then others like them.
    """
    known, kept = list(campaign.reached.values()), list[Script]()

    def differs(script: Script, plans: tuple[Plan, ...]) -> bool:
        environment = environment_for(script)
        return seen_of(play(campaign.plans, script, environment)) != seen_of(play(plans, script, environment))

    for mutation in mutations:
        plans = with_mutation(campaign.plans, mutation)
        tried = (script for scripts in (kept, known, campaign.more(TRIES)) for script in scripts)
        found = next((script for script in tried if differs(script, plans)), None)
        if found is not None and found not in kept:
            found = shrunk(found, lambda script, plans=plans: differs(script, plans), SHRINKS)  # type: ignore[misc]
            kept.append(found)
        yield Survivor(mutation, found)


def seen_of(run: ScenarioRun) -> list[Any]:
    """All of a playing that a scenario can expect."""
    lines: list[Any] = [
        (one.journey, one.key, line.what, line.step, line.port, line.at) for one in run.runs for line in run.trace(one)
    ]
    lines += [(told.send.step, told.send.channel, told.send.at, told.send.outcome) for told in run.sends]
    lines += [(one.journey, one.admission.reason) for one in run.result.entries]
    return [*lines, run.person.stage, sorted(run.person.tags), sorted(run.person.attributes.items(), key=str)]
