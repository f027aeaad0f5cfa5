"""``sojourn runs``: runs in trouble from the server's own command line, and what is to become of them."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from api.command_line import fail, run_with_engine
from api.runs.operate import Answer, OneAct, operate
from orchestrator.core.run.trouble import describe_problem
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import COMMAND
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.run_list import list_runs

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them customers
    help="Runs: which are in trouble, and what is to become of one.",
)
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

    lines = run_with_engine(work)
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


def _act(run: UUID, act: OneAct, *, force: bool = False) -> None:
    async def work(engine: AsyncEngine, settings: Settings) -> Answer:
        from workflows.client import Runs
        from workflows.connection import connect

        async def runs() -> Runs:
            return Runs(await connect(settings, Plans(engine), attempts=1), settings.task_queue, {})

        return await operate(engine, runs, run, act, COMMAND, force=force)

    try:
        answer = run_with_engine(work)
    except (RuntimeError, RPCError) as away:
        fail(f"Temporal cannot be reached ({type(away).__name__}): is it running?")
    if answer in FAULTS:
        fail(FAULTS[answer])
    typer.echo(SAID[answer])
