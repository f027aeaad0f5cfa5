"""``sojourn test``: scenarios played on the step function. Ends with 0 where all hold, 1 where one does not, 2 where a
file cannot be used or there is nothing to test."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from orchestrator.commands.testing.mutated import distinguishing, mutated, print_mutated
from orchestrator.commands.testing.outcomes import FileOutcome, play_file
from orchestrator.commands.testing.printed import place_in_words, print_coverage, print_outcome, write_junit
from orchestrator.commands.testing.said import Language, fail, locale_of
from orchestrator.commands.testing.suggestions import suggested
from orchestrator.core.fuzzing.mutations import Mutation
from orchestrator.core.text import Text
from orchestrator.files.scenarios import (
    SUFFIXES,
    LoadedScenarios,
    ScenarioFileProblem,
    find_scenarios,
    load_scenarios,
    save_scenarios,
)
from orchestrator.stack.process import StackProblem

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("test")
def run_scenarios(
    paths: Annotated[list[Path] | None, typer.Argument(exists=True, help="Scenario files, or folders of them.")] = None,
    only: Annotated[str, typer.Option("--only", "-k", help="Scenarios with this in their name.")] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Which ways through the journeys none has taken.")
    ] = False,
    junit: Annotated[Path | None, typer.Option(dir_okay=False, help="Write JUnit's XML there as well.")] = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change settings, one at a time: which changes does no scenario notice?")
    ] = False,
    suggest: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Write scenarios for what none has taken or noticed there (one file given)."),
    ] = None,
    engine: Annotated[
        Literal["step-function", "temporal"],
        typer.Option(help="What plays them: the step function, or Temporal with a server whose time is skipped."),
    ] = "step-function",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the timeline of every scenario.")] = False,
    lang: Language = "",
) -> None:
    """Play scenarios through journeys: what happens to a customer, and what is to come of it."""
    locale, console = locale_of(lang), Console()
    found = find_scenarios(paths or [Path()])
    if not found:
        fail([Text("no scenario file here: name them …{suffix}", suffix=SUFFIXES[0]).to(locale)])
    files = [play_file(loaded, only) for loaded in _load(found, locale)]
    if engine == "temporal":
        files = _on_temporal(files, locale)
    for file in files:
        if file.outcomes:
            console.print(f"[bold]{file.loaded.path}[/bold]", highlight=False)
        for outcome in file.outcomes:
            print_outcome(console, outcome, locale, verbose)
        if coverage:
            print_coverage(console, file.coverage, locale)
    changed = [mutated(file) for file in files] if mutate else []
    for one in changed:
        print_mutated(console, one, locale)
    if suggest is not None:
        _suggest(console, suggest, files, [mutation for one in changed for mutation in one.survived], locale)
    if junit is not None:
        write_junit(junit, files, locale)
    _conclude(console, files, locale)


def _on_temporal(files: list[FileOutcome], locale: str) -> list[FileOutcome]:
    from orchestrator.commands.testing.temporal_engine import play_on_temporal  # takes a second, and few want it

    try:
        return play_on_temporal(files)
    except StackProblem as problem:
        fail([Text("Temporal's server cannot be started: {why}", why=str(problem)).to(locale)])


def _load(paths: list[Path], locale: str) -> list[LoadedScenarios]:
    loaded: list[LoadedScenarios] = []
    wrong: list[str] = []
    for path in paths:
        try:
            loaded.append(load_scenarios(path))
        except ScenarioFileProblem as problem:
            wrong += problem.lines(locale)
    if wrong:
        fail(wrong)
    return loaded


def _suggest(console: Console, path: Path, files: list[FileOutcome], survived: list[Mutation], locale: str) -> None:
    if len(files) != 1:
        fail([Text("scenarios are suggested for one file at a time").to(locale)])
    [file] = files
    found, unknown = suggested(file, locale)
    found += distinguishing(file.loaded, survived, locale)
    if found:
        save_scenarios(path, file.loaded, found)
        told = Text(
            "{count} scenario suggested in {path}",
            plural="{count} scenarios suggested in {path}",
            count=len(found),
            path=str(path),
        )
        console.print(told.to(locale), highlight=False)
    for place in unknown:
        console.print(
            Text("nothing was found that leads to {place}", place=place_in_words(file.coverage, place)).to(locale)
        )


def _conclude(console: Console, files: list[FileOutcome], locale: str) -> None:
    outcomes = [one for file in files for one in file.outcomes]
    failed = sum(not one.holds for one in outcomes)
    if not outcomes:
        fail([Text("no scenario has this in its name").to(locale)])
    took = sum(one.seconds for one in outcomes)
    told = Text(
        "{held} passed, {failed} failed ({seconds} s)",
        held=len(outcomes) - failed,
        failed=failed,
        seconds=f"{took:.2f}",
    )
    console.print(told.to(locale), style="red" if failed else "green", highlight=False)
    if failed:
        raise typer.Exit(1)
