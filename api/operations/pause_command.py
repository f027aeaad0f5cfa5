"""``sojourn pauses``: what is paused, from the server's own command line; paused and resumed."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.command_line import fail, run_with_engine
from api.operations.command import with_runs
from api.operations.resuming import Late, Resumption, resume
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import COMMAND
from orchestrator.store.database import session_factory
from orchestrator.store.operations.pauses import NothingToPause, pause, pauses
from orchestrator.store.runs.parking import group_parked

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them customers
    help="Pauses: everything, a channel, a journey or one of its steps.",
)
What = Annotated[
    str, typer.Argument(help="`everything`, `channel:email`, `journey:welcome` or `step:welcome/hello` (their keys).")
]
Why = Annotated[str, typer.Option(help="Your reason, for the audit log.")]
NOTHING = "there is no such channel, no such published journey, or no step of it sends under this id."


@app.command(name="list")
def listed() -> None:
    """Show what is paused: since when, by whom, and how many runs stand still for it."""

    async def work(engine: AsyncEngine, _: Settings) -> list[str]:
        groups = await group_parked(engine)
        return [
            f"{one.what}\t{one.at:%Y-%m-%d %H:%M}\t{one.by or '-'}\t"
            f"{sum(group.runs for group in groups if group.what == one.what)}\t{one.cause or one.why or '-'}"
            for one in await pauses(engine)
        ]

    lines = run_with_engine(work)
    typer.echo("\n".join(["what\tsince\tby\truns\twhy", *lines]) if lines else "Nothing is paused.")


@app.command()
def begin(what: What, why: Why = "") -> None:
    """Pause it: nothing more goes out, whoever comes due stands still, and nobody is lost."""

    async def work(engine: AsyncEngine, _: Settings) -> bool:
        async with session_factory(engine)() as session, session.begin():
            return await pause(session, what, COMMAND, why)

    try:
        done = run_with_engine(work)
    except NothingToPause:
        fail(NOTHING)
    typer.echo("Paused." if done else "It was paused already.")


@app.command()
def end(
    what: What,
    late: Annotated[
        Late, typer.Option(help="Messages that came due meanwhile: decided again `now`, or `skip`ped.")
    ] = "now",
    enter: Annotated[bool, typer.Option(help="Have entries that the pause refused decided again.")] = True,
    per_second: Annotated[float, typer.Option(min=0.1, max=200, help="Runs a second.")] = PER_SECOND,
    why: Why = "",
) -> None:
    """Resume it: those who stand still are let go, at a pace, each once."""
    wanted = Resumption(what, late, enter, per_second, why)
    try:
        begun = with_runs(lambda engine, runs: resume(engine, runs, wanted, COMMAND))
    except NothingToPause:
        fail(NOTHING)
    typer.echo("\n".join(["Resumed.", *(f"Follow it with `sojourn runs operation {one}`." for one in begun)]))
