"""``sojourn fuzz``: made-up customers attack journeys. Ends with 0 where every promise was kept, 1 where one was
broken, 2 where a file cannot be used."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text as Styled

from orchestrator.commands.testing.printed import print_coverage, print_timeline
from orchestrator.commands.testing.said import Language, fail, locale_of, plain
from orchestrator.core.fuzzing.campaign import Campaign, Counterexample
from orchestrator.core.scenarios.writing import scenario_of
from orchestrator.core.sending.policies import NEW_WORKSPACE
from orchestrator.core.text import Text
from orchestrator.files.scenarios import (
    SUFFIXES,
    LoadedScenarios,
    ScenarioFileProblem,
    load_scenarios,
    loaded_of,
    save_scenarios,
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def fuzz(
    files: Annotated[
        list[Path],
        typer.Argument(
            exists=True, dir_okay=False, help="Journeys that live together, or one scenario file of theirs."
        ),
    ],
    customers: Annotated[int, typer.Option(min=1, help="How many are made up.")] = 1_000,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so long.")] = None,
    seed: Annotated[int, typer.Option(help="The same one makes up the same customers.")] = 0,
    save: Annotated[Path | None, typer.Option(dir_okay=False, help="Keep what was found there, as scenarios.")] = None,
    lang: Language = "",
) -> None:
    """Attack journeys with made-up customers: events late, doubled, at once and at the deadline; consent withdrawn,
    addresses gone, providers failing. What must never be is made as small as it gets, shown, and kept as a scenario.

    With a scenario file its rules (`always`), templates and settings count as well; else those of a new workspace.
    """
    locale, console = locale_of(lang), Console()
    loaded = _loaded(files, locale)
    campaign = Campaign(
        loaded.plans, loaded.environment, loaded.file.always, seed, environment_for=loaded.environment_for
    )
    _run(campaign, customers, seconds, locale)
    print_coverage(console, campaign.coverage, locale)
    for one in campaign.found.values():
        _print(console, one, locale)
    if save is not None and campaign.found:
        _save(save, loaded, campaign, locale)
    broken = Text("{count} promise broken", plural="{count} promises broken", count=len(campaign.found))
    told = Text("{customers:,} customers, {broken} (seed {seed})", customers=campaign.tried, broken=broken, seed=seed)
    console.print(told.to(locale), style="red" if campaign.found else "green", highlight=False)
    if campaign.found:
        raise typer.Exit(1)


def _loaded(files: list[Path], locale: str) -> LoadedScenarios:
    try:
        if len(files) == 1 and files[0].name.endswith(SUFFIXES):
            return load_scenarios(files[0])
        return loaded_of(files, {"sending": dict(NEW_WORKSPACE)})
    except ScenarioFileProblem as problem:
        fail(problem.lines(locale))


def _run(campaign: Campaign, customers: int, seconds: float | None, locale: str) -> None:
    end = None if seconds is None else time.monotonic() + seconds
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(Text("customers", context="fuzz").to(locale), total=customers)
        for _ in campaign.steps(customers):
            progress.advance(task)
            if end is not None and time.monotonic() > end:
                break


def _print(console: Console, one: Counterexample, locale: str) -> None:
    violation = one.violation
    at = Text("{words} (at “{step}”)", words=violation.words, step=violation.step)
    console.print()
    console.print(Styled(plain(at if violation.step else violation.words, locale), style="bold red"))
    print_timeline(console, one.watched.run, locale)


def _save(path: Path, loaded: LoadedScenarios, campaign: Campaign, locale: str) -> None:
    found = [scenario_of(plain(one.violation.words, locale), one.script) for one in campaign.found.values()]
    save_scenarios(path, loaded, found)
