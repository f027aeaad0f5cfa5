"""``sojourn record``: a run that was becomes a history on file, which ``sojourn replay`` holds every build to; or a
scenario, which ``sojourn test`` plays."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from api.command_line import run_with_engine
from orchestrator.commands.testing.record_scenario import keep_scenario
from orchestrator.commands.testing.said import Language, fail, locale_of, plain
from orchestrator.core.text import Text
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.replays import ReplayedRun, find_run, load_written
from workflows.connection import connect
from workflows.payloads import data_converter
from workflows.replays.history_files import save_history, save_trace, without_personal_data
from workflows.replays.replay import Replayed, replay

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def record(
    run: Annotated[str, typer.Argument(help="The run, by its id or (while it is under way) its workflow's.")],
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where it is kept; here, of a scenario.")] = Path(),
    kept_as: Annotated[Literal["history", "scenario"], typer.Option("--as", help="What it is kept as.")] = "history",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="Of a scenario: its file.")
    ] = None,
    keep_facts: Annotated[
        bool, typer.Option(help="Keep attributes that steps asked for, such as dates: they may be personal.")
    ] = False,
    lang: Language = "",
) -> None:
    """Keep a run, without what is of a person. As a history: every execution of it that Temporal still has, the plans,
    and the trace; it is replayed before it is kept. As a scenario: what happened to the customer, and what came of it;
    it is played before it is kept, and where it plays otherwise (code 1) the first line that differs is told."""
    locale = locale_of(lang)
    if kept_as == "scenario":
        keep_scenario(run, output, folder, locale)
        return
    if folder == Path() or output is not None:
        fail([Text("a history is kept in a folder: name one").to(locale)])

    async def work(engine: AsyncEngine, settings: Settings) -> list[str]:
        return await _record(engine, settings, run, folder, keep_facts, locale)

    for line in run_with_engine(work):
        typer.echo(line)


async def _record(
    engine: AsyncEngine, settings: Settings, run: str, folder: Path, keep_facts: bool, locale: str
) -> list[str]:
    found = await find_run(engine, run)
    if found is None:
        fail([Text("there is no run {run}", run=run).to(locale)])
    plans = Plans(engine)
    client = await connect(settings, plans, attempts=3)
    converter = data_converter(plans.load, plans.save)
    written = await load_written(engine, found.id)
    lines = []
    executions = await _executions(client, found, locale)
    for n, history in enumerate(executions):
        plan = (await replay(history, converter)).plan
        own = [await plans.get(found.plan_hash), *([plan] if plan is not None else [])]
        clean = without_personal_data(history, own, keep_facts)
        result = await replay(clean, converter, written)
        _require(result, locale)
        part = f"part{n}" if len(executions) > 1 else ""
        path = save_history(folder, clean, {one.hash: one for one in own}.values(), part)
        save_trace(path, result.trace)
        lines.append(str(path))
    return lines


async def _executions(client: Client, run: ReplayedRun, locale: str) -> list[WorkflowHistory]:
    """The executions of a run, the first one first, as far back as Temporal has them."""
    found: list[WorkflowHistory] = []
    wanted: str | None = None
    while True:
        try:
            history = await client.get_workflow_handle(run.workflow_id, run_id=wanted).fetch_history()
        except RPCError as error:
            if found:
                return found
            fail([Text("Temporal has no history of {run}: {why}", run=run.workflow_id, why=error.message).to(locale)])
        found.insert(0, history)
        wanted = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id or None
        if wanted is None:
            return found


def _require(result: Replayed, locale: str) -> None:
    divergence = result.divergence
    if divergence is None:
        return
    words = Text(
        "without personal data it is another run: {what}. Try --keep-facts, and look whether what is kept may be kept.",
        what=divergence.recorded,
    )
    fail([plain(words, locale)])
