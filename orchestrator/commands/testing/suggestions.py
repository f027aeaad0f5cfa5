"""Scenarios made ready for the paths that no scenario has taken: found by the fuzzer, made small, with what comes of
them as what is expected. Whoever keeps one says with it that this is meant."""

from collections.abc import Iterator, Sequence
from typing import Any

from orchestrator.commands.testing.outcomes import FileOutcome
from orchestrator.commands.testing.printed import place_in_words
from orchestrator.core.fuzzing.campaign import Campaign
from orchestrator.core.scenarios.coverage import Place, passed
from orchestrator.core.scenarios.writing import outcome_of, scenario_of

CUSTOMERS = 2_000
SHRINKS = 200


def suggested(file: FileOutcome, locale: str) -> tuple[list[dict[str, Any]], list[Place]]:
    """Scenarios that together take what is missing, and the paths that no made-up customer has found."""
    missing = file.coverage.missing
    campaign = Campaign(
        file.loaded.plans, file.loaded.environment, environment_for=file.loaded.environment_for, shrinks=SHRINKS
    )
    campaign.run(CUSTOMERS, lambda: any(place not in campaign.reached for place in missing))
    return list(_scenarios(file, campaign, missing, locale)), [
        place for place in missing if place not in campaign.reached
    ]


def _scenarios(
    file: FileOutcome, campaign: Campaign, missing: Sequence[Place], locale: str
) -> Iterator[dict[str, Any]]:
    done: set[Place] = set()
    for place in missing:
        script = None if place in done else campaign.smallest_to(place)
        if script is None:
            continue
        run = campaign.watch(script).run
        done |= passed(run)
        yield scenario_of(place_in_words(file.coverage, place).to(locale), script, outcome_of(run))
