"""``sojourn runs``: runs in trouble from the server's own command line, and what is to become of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn, TypeVar
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from api.runs.operate import Act, Answer, operate
from orchestrator.core.run.trouble import describe_problem
from orchestrator.settings import Settings, SettingsProblem, load_settings
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.run_list import list_runs

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them customers
    help="Runs: which are in trouble, and what is to become of one.",
)
Found = TypeVar("Found")
Run = Annotated[UUID, typer.Argument(help="Id of the run.")]
SAID: dict[Answer, str] = {
    "asked": "Asked: the run does it as soon as its worker does.",
    "ended": "The run is over.",
}
FAULTS: dict[Answer, str] = {
    "unknown": "there is no run with this id: `sojourn runs list` shows those in trouble.",
    "finished": "this run is over already.",
    "gone": "Temporal does not know this run any more: `sojourn runs end` closes it.",
    "nothing_to_skip": "this run is not held up by a message: there is nothing to skip.",
}


@app.command(name="list")
def listed(
    journey: Annotated[str, typer.Option(help="Key of a journey; without, all of them.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that are well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
) -> None:
    """Show runs under way: those in trouble, the newest entry first."""

    async def work(engine: AsyncEngine, _: Settings) -> list[str]:
        status = "live" if everything else "problem"
        page = await list_runs(engine, journey=journey or None, status=status, limit=limit)
        return [
            f"{run.id}\t{run.journey_key}@{run.version}\t{run.step or '-'}\t"
            + (describe_problem(run.problem).to("en") if run.problem else run.status)
            for run in page.rows
        ]

    lines = _run(work)
    typer.echo("\n".join(lines) if lines else "No run is in trouble.")


@app.command()
def retry(run: Run) -> None:
    """Try again what failed."""
    _act(run, "retry")


@app.command()
def skip(run: Run) -> None:
    """Give up the message that keeps failing; the run goes on."""
    _act(run, "skip")


@app.command()
def end(
    run: Run, force: Annotated[bool, typer.Option(help="Do not wait for the run's worker: terminate it.")] = False
) -> None:
    """Let the customer leave the journey now."""
    _act(run, "end", force=force)


def _act(run: UUID, act: Act, *, force: bool = False) -> None:
    async def work(engine: AsyncEngine, settings: Settings) -> Answer:
        from workflows.client import Runs
        from workflows.connection import connect

        async def runs() -> Runs:
            return Runs(await connect(settings, Plans(engine), attempts=1), settings.task_queue, {})

        return await operate(engine, runs, run, act, "command line", force=force)

    try:
        answer = _run(work)
    except (RuntimeError, RPCError) as away:
        _fail(f"Temporal cannot be reached ({type(away).__name__}): is it running?")
    if answer in FAULTS:
        _fail(FAULTS[answer])
    typer.echo(SAID[answer])


def _run(work: Callable[[AsyncEngine, Settings], Awaitable[Found]]) -> Found:
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        _fail(str(problem))
    if not settings.database_url:
        _fail(f"Nothing runs in {settings.data_dir}: start `make run` first, or set SOJOURN_DATABASE_URL.")

    async def with_engine() -> Found:
        engine = create_engine(settings.database_url, pool_size=1)
        try:
            return await work(engine, settings)
        finally:
            await engine.dispose()

    return asyncio.run(with_engine())


def _fail(problem: str) -> NoReturn:
    for line in problem.splitlines():
        typer.echo(f"sojourn: {line}", err=True)
    raise typer.Exit(2)
