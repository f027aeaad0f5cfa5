"""``sojourn replay``: whether this build decides what was decided, for histories of a folder or for runs under way.

Ends with 0 where it does, 1 where it does not, 2 where something cannot be read.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text as Styled
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from api.command_line import run_with_engine
from orchestrator.commands.testing.said import Language, fail, locale_of, plain
from orchestrator.core.text import Text
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.replays import ReplayedRun, find_run, load_written, sample_live
from workflows.connection import connect
from workflows.payloads import data_converter
from workflows.replays.history_files import folder_converter, list_histories, load_history, load_trace, save_trace
from workflows.replays.replay import Replayed, replay

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("replay")
def replay_runs(
    folder: Annotated[Path | None, typer.Argument(exists=True, file_okay=False, help="A folder of histories.")] = None,
    run: Annotated[str, typer.Option(help="One run, by its id or its workflow's.")] = "",
    sample: Annotated[int, typer.Option(min=0, help="So many runs under way, picked at random.")] = 0,
    update: Annotated[bool, typer.Option(help="Keep the trace of histories that have none yet.")] = False,
    lang: Language = "",
) -> None:
    """Replay histories against this build, before it is released: a build that decides otherwise is refused with the
    first thing that it would do differently, in the journey's terms."""
    locale = locale_of(lang)
    if sum([folder is not None, bool(run), bool(sample)]) != 1:
        fail([Text("one of a folder, --run and --sample is needed").to(locale)])
    if folder is not None:
        results = asyncio.run(_of_folder(folder, update, locale))
    else:
        results = run_with_engine(lambda engine, settings: _of_live(engine, settings, run, sample, locale))
    _conclude(results, locale)


async def _of_folder(folder: Path, update: bool, locale: str) -> list[Replayed]:
    paths = list_histories(folder)
    if not paths:
        fail([Text("there are no histories in {path}", path=str(folder)).to(locale)])
    converter, results = folder_converter(folder), []
    for path in paths:
        try:
            written = load_trace(path)
            result = await replay(load_history(path), converter, written)
        except (ValueError, OSError) as error:
            fail([f"{path}: {error}"])
        if update and written is None and result.divergence is None:
            save_trace(path, result.trace)
        results.append(result)
    return results


async def _of_live(engine: AsyncEngine, settings: Settings, run: str, sample: int, locale: str) -> list[Replayed]:
    plans = Plans(engine)
    client = await connect(settings, plans, attempts=3)
    converter, results = data_converter(plans.load, plans.save), []
    for one in await _wanted(engine, run, sample, locale):
        try:
            history = await client.get_workflow_handle(one.workflow_id).fetch_history()
        except RPCError as error:
            if run:
                fail(
                    [Text("Temporal has no history of {run}: {why}", run=one.workflow_id, why=error.message).to(locale)]
                )
            continue  # it has ended meanwhile, and its history has gone
        results.append(await replay(history, converter, await load_written(engine, one.id)))
    return results


async def _wanted(engine: AsyncEngine, run: str, sample: int, locale: str) -> Sequence[ReplayedRun]:
    if not run:
        return await sample_live(engine, sample)
    found = await find_run(engine, run)
    if found is None:
        fail([Text("there is no run {run}", run=run).to(locale)])
    return [found]


def _conclude(results: Sequence[Replayed], locale: str) -> None:
    console = Console()
    wrong = [one for one in results if one.divergence is not None]
    for one in wrong:
        divergence = one.divergence
        if divergence is None:
            continue
        console.print("[red]✗[/red] ", Styled(one.workflow_id), sep="")
        at = Text("event {number} of its history", number=divergence.event) if divergence.event else Text("its trace")
        console.print("    ", Styled(Text("first difference: {at}", at=at).to(locale)), sep="")
        console.print("    ", Styled(plain(Text("was: {what}", what=divergence.recorded), locale)), sep="")
        console.print("    ", Styled(plain(Text("this build: {what}", what=divergence.decided), locale)), sep="")
    told = Text("{same} replayed alike, {other} otherwise", same=len(results) - len(wrong), other=len(wrong))
    console.print(told.to(locale), style="red" if wrong else "green", highlight=False)
    if wrong:
        raise typer.Exit(1)
