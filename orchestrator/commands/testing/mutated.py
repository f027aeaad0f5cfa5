"""Whether scenarios would notice: settings of their journeys are changed, one at a time, and they are played again."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from orchestrator.commands.testing.outcomes import FileOutcome, play_scenario
from orchestrator.core.fuzzing.campaign import Campaign
from orchestrator.core.fuzzing.mutations import Mutation, mutations_of
from orchestrator.core.fuzzing.survivors import customers_for, with_mutation
from orchestrator.core.scenarios.writing import outcome_of, scenario_of
from orchestrator.core.text import Text
from orchestrator.files.scenarios import LoadedScenarios

CUSTOMERS = 500


@dataclass(frozen=True)
class Mutated:
    """How many changes were tried, and those that no scenario has noticed."""

    tried: int
    survived: Sequence[Mutation]


def mutated(file: FileOutcome) -> Mutated:
    """Play the scenarios of a file with each mutation of its journeys. Those that fail anyway are not asked."""
    holding = [one.scenario for one in file.outcomes if one.holds]
    everything = [one for plan in file.loaded.plans for one in mutations_of(json.loads(plan.body))]

    def noticed(mutation: Mutation) -> bool:
        loaded = replace(file.loaded, plans=with_mutation(file.loaded.plans, mutation))
        return any(not play_scenario(loaded, scenario).holds for scenario in holding)

    return Mutated(len(everything), [one for one in everything if not noticed(one)])


def print_mutated(console: Console, found: Mutated, locale: str) -> None:
    """How many were noticed, and which were not."""
    noticed = found.tried - len(found.survived)
    told = Text("{noticed} of {tried} changes of a setting would be noticed", noticed=noticed, tried=found.tried)
    console.print(told.to(locale), highlight=False)
    for one in found.survived:
        console.print("  [yellow]○[/yellow] ", Styled(one.words.to(locale)), sep="", highlight=False)


def distinguishing(loaded: LoadedScenarios, survived: Sequence[Mutation], locale: str) -> Iterator[dict[str, Any]]:
    """Scenarios that notice what none has noticed, as far as a customer is found to whom it makes a difference."""
    campaign = Campaign(loaded.plans, loaded.environment, environment_for=loaded.environment_for)
    campaign.run(CUSTOMERS)
    told: list[Any] = []
    for survivor in customers_for(campaign, survived, loaded.environment_for):
        if survivor.script is not None and survivor.script not in told:
            told.append(survivor.script)
            run = campaign.watch(survivor.script).run
            yield scenario_of(survivor.mutation.words.to(locale), survivor.script, outcome_of(run))
