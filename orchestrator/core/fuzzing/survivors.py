"""Mutations that no scenario notices, and for each a customer to whom it makes a difference, as small as it gets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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

    ``campaign`` has run: its customers are tried first, then others like them, the same for all mutations.
    """

    def seen(plans: tuple[Plan, ...], script: Script) -> list[Any]:
        return seen_of(play(plans, script, environment_for(script)))

    def differs(plans: tuple[Plan, ...], script: Script) -> bool:
        return seen(campaign.plans, script) != seen(plans, script)

    # With what is seen of them in the journeys as they are: each is played there once, whatever is asked of it later.
    tried = [(script, seen(campaign.plans, script)) for script in campaign.reached.values()]
    others = campaign.more(TRIES)
    small: list[tuple[Script, list[Any]]] = []
    for mutation in mutations:
        plans = with_mutation(campaign.plans, mutation)
        script = next((one for one, was in (*small, *tried) if seen(plans, one) != was), None)
        while script is None and (other := next(others, None)) is not None:
            was = seen(campaign.plans, other)
            tried.append((other, was))
            script = other if seen(plans, other) != was else None
        if script is not None and not any(script is one for one, _ in small):
            script = shrunk(script, partial(differs, plans), SHRINKS)
            small.append((script, seen(campaign.plans, script)))
        yield Survivor(mutation, script)


def seen_of(run: ScenarioRun) -> list[Any]:
    """All of a playing that a scenario can expect."""
    lines: list[Any] = [
        (one.journey, one.key, line.what, line.step, line.port, line.at) for one in run.runs for line in run.trace(one)
    ]
    lines += [(told.send.step, told.send.channel, told.send.at, told.send.outcome) for told in run.sends]
    lines += [(one.journey, one.admission.reason) for one in run.result.entries]
    return [*lines, run.person.stage, sorted(run.person.tags), sorted(run.person.attributes.items(), key=str)]
