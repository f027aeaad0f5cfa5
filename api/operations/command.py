"""``sojourn runs``: one run or thousands from the command line: trouble, operations, what became of each."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Literal, TypeVar, cast, get_args
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.command_line import fail, run_with_engine
from api.operations.begin import AWAY, MoreThanSeen, NobodyChosen, Order, begin, go_on, retry_failed, turn
from api.operations.moving import Moving, MustBeChosen, UnknownStep, UnknownVersion, foresee, move, move_back
from api.operations.schemas import ActOnMany
from api.runs.command import app
from api.runs.operate import RunsClient
from orchestrator.core.events.run_events import TimerRule
from orchestrator.core.journey.step_mapping import Place
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.core.run.trouble import acts_on, describe_problem
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import COMMAND
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.operations.choice import Choice, Chosen, preview
from orchestrator.store.operations.progress import (
    OperationRow,
    count_items,
    count_items_of,
    count_outcomes,
    list_items,
    list_operations,
    load_operation,
    settle,
)
from orchestrator.store.runs.trouble_groups import group_trouble
from workflows.client import Runs

Found = TypeVar("Found")
Journey = Annotated[str, typer.Option(help="Key of a journey.")]
Step = Annotated[str, typer.Option(help="Id of the step at which they stand.")]
Cause = Annotated[str, typer.Option(help="Code of what is wrong, as `sojourn runs trouble` has it.")]
ActOrMove = Literal[ActOnMany, "move"]
_STARTED = "Started: follow it with `sojourn runs operation {}`."
Id = Annotated[UUID, typer.Argument(help="Id of the operation.")]


@app.command()
def trouble(journey: Journey = "") -> None:
    """Show runs in trouble by journey, step and cause: how many, since when, and what may free them."""

    async def work(engine: AsyncEngine, _: Settings) -> list[str]:
        return [
            f"{one.runs}\t{one.journey_key}\t{one.step or '-'}\t{one.cause}\t{one.first_seen:%Y-%m-%d %H:%M}\t"
            f"{describe_problem(one.problem).to('en')}\t{', '.join(acts_on(one.problem))}"
            for one in await group_trouble(engine, journey or None)
        ]

    lines = run_with_engine(work)
    typer.echo("\n".join(["runs\tjourney\tstep\tcause\tsince\tproblem\tacts", *lines]) if lines else "No trouble.")


@app.command()
def many(
    act: Annotated[ActOrMove, typer.Argument(help="What is to be done to them.")],
    journey: Journey = "",
    version: Annotated[int, typer.Option(min=0, help="Number of the version that they follow; 0: any.")] = 0,
    step: Step = "",
    cause: Cause = "",
    to_version: Annotated[int, typer.Option(min=0, help="Of move: the version to go to; 0: they stay in theirs.")] = 0,
    to: Annotated[
        list[str] | None, typer.Option(help="Of move: STEP=STEP, or STEP=STEP:TIMER; may be repeated.")
    ] = None,
    share: Annotated[int, typer.Option(min=1, max=100, help="Of move: so many of a hundred.")] = 100,
    first: Annotated[int, typer.Option(min=0, help="At most so many, the oldest first; 0: all of them.")] = 0,
    per_second: Annotated[float, typer.Option(min=0.1, max=200, help="Runs a second.")] = PER_SECOND,
    why: Annotated[str, typer.Option(help="Your reason, for the audit log.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whom it would be for.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Do something to many runs: says for how many and for whom, asks, and starts an operation."""
    choice = Choice(journey or None, step or None, cause or None, first=first or None, version=version or None)
    if act == "move":
        steps = dict(map(_place, to or ()))
        moving = Moving(journey, version, to_version or version, steps, choice.step, first=choice.first)
        moving = replace(moving, share=share if share < 100 else None)
        _move(moving, why, per_second, dry_run=dry_run, yes=yes)
        return
    shown = run_with_engine(lambda engine, _: preview(engine, act, choice))
    if not shown.count:
        fail("there is no run to which this could be done now.")
    typer.echo("\n".join(_previewed(act, shown)))
    if dry_run:
        return
    if not yes:
        typer.confirm(f"{act} {shown.count} run(s)?", abort=True)
    order = Order(act, choice, why, per_second, shown.count)
    operation = with_runs(lambda engine, runs: begin(engine, runs, order, COMMAND))
    typer.echo(_STARTED.format(operation))


@app.command()
def back(identity: Id, why: Annotated[str, typer.Option(help="Your reason, for the audit log.")] = "") -> None:
    """Move those back whom an operation has moved."""

    async def work(engine: AsyncEngine, runs: RunsClient) -> UUID | None:
        found = await load_operation(engine, identity)
        if found is None or found.act != "move":
            return None
        return await move_back(engine, runs, Plans(engine), found, COMMAND, why)

    following = with_runs(work)
    if following is None:
        fail("there is no operation with this id that moved somebody.")
    typer.echo(_STARTED.format(following))


def _move(moving: Moving, why: str, per_second: float, *, dry_run: bool, yes: bool) -> None:
    """Say where they go, ask, and begin."""
    if not moving.journey or not moving.version:
        fail("say which runs: --journey and --version.")
    try:
        found = run_with_engine(lambda engine, _: foresee(engine, Plans(engine), moving))
    except (UnknownVersion, UnknownStep) as unknown:
        fail(f"there is no such version or step: {unknown}.")
    if not found.count:
        fail("there is no run to which this could be done now.")
    typer.echo(f"move: {found.count} run(s), version {moving.version} to {moving.to}")
    for one in found.steps:
        place = f"{one.place.to}:{one.place.timer}" if one.place else "?"
        at_once = (
            f"\t{one.due} at once" + (f", may send {', '.join(one.sends)}" if one.sends else "") if one.due else ""
        )
        typer.echo(f"  {one.runs}\t{one.step}\t{place}\t{one.why}{at_once}")
    if found.open:
        fail(f"say where they go with --to {found.open[0]}=STEP: {', '.join(found.open)}.")
    if dry_run:
        return
    if not yes:
        typer.confirm(f"move {found.count} run(s)?", abort=True)
    begun = with_runs(
        lambda engine, runs: move(engine, runs, Plans(engine), moving, COMMAND, why, per_second, found.count)
    )
    typer.echo(_STARTED.format(begun))


def _place(given: str) -> tuple[str, Place]:
    """``STEP=STEP``, ``STEP=STEP:TIMER``."""
    step, _, where = given.partition("=")
    to, _, timer = where.partition(":")
    if not step or not to or timer not in ("", *get_args(TimerRule)):
        fail(f"“{given}” is not STEP=STEP or STEP=STEP:TIMER, with a timer of {', '.join(get_args(TimerRule))}.")
    return step, Place(to, cast(TimerRule, timer or "kept"))


@app.command()
def operations(limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20) -> None:
    """Show operations, the newest first."""

    async def work(engine: AsyncEngine, _: Settings) -> list[str]:
        page = await list_operations(engine, limit=limit)
        counts = await count_items_of(engine, [one.id for one in page.rows])
        return [_line(one, counts[one.id]) for one in page.rows]

    typer.echo("\n".join(run_with_engine(work)) or "There was no operation yet.")


@app.command()
def operation(
    identity: Id,
    failed: Annotated[bool, typer.Option("--failed", help="Also list each run for which it failed.")] = False,
) -> None:
    """Show how far an operation is, and what became of its runs."""

    async def work(engine: AsyncEngine, _: Settings) -> list[str] | None:
        await settle(engine, identity)
        found = await load_operation(engine, identity)
        if found is None:
            return None
        lines = [_line(found, await count_items(engine, identity))]
        lines += [f"{many}\t{status}\t{outcome}" for status, outcome, many in await count_outcomes(engine, identity)]
        if failed:
            rows = await list_items(engine, identity, "failed", limit=10_000)
            lines += [f"{row.id}\t{row.step or '-'}\t{row.outcome}" for row in rows]
        return lines

    lines = run_with_engine(work)
    if lines is None:
        fail("there is no operation with this id.")
    typer.echo("\n".join(lines))


@app.command()
def cancel(identity: Id) -> None:
    """Cancel an operation: it goes no further, and can be gone on with."""

    async def work(engine: AsyncEngine, _: Settings) -> bool | None:
        found = await load_operation(engine, identity)
        return None if found is None else await turn(engine, found, "cancelled", COMMAND)

    _said(run_with_engine(work), "Cancelled.", "it is not running.")


@app.command()
def resume(identity: Id) -> None:
    """Go on with an operation that was cancelled."""

    async def work(engine: AsyncEngine, runs: RunsClient) -> bool | None:
        found = await load_operation(engine, identity)
        return None if found is None else await go_on(engine, runs, found, COMMAND)

    _said(with_runs(work), "It goes on.", "it was not cancelled.")


@app.command(name="retry-failed")
def again(identity: Id) -> None:
    """Start a new operation for those only for whom this one failed."""

    async def work(engine: AsyncEngine, runs: RunsClient) -> UUID | None:
        found = await load_operation(engine, identity)
        return None if found is None else await retry_failed(engine, runs, found, COMMAND)

    following = with_runs(work)
    _said(None if following is None else True, f"Started: follow it with `sojourn runs operation {following}`.", "")


def _previewed(act: str, shown: Chosen) -> list[str]:
    places = [f"  {one.runs}\t{one.journey_key}\t{one.step or '-'}" for one in shown.steps]
    sample = [f"  {one.id}\t{one.journey_key}@{one.version}\t{one.step or '-'}" for one in shown.sample]
    return [f"{act}: {shown.count} run(s)", *places, "for example", *sample]


def _line(one: OperationRow, counts: dict[str, int]) -> str:
    told = " ".join(f"{status}={many}" for status, many in sorted(counts.items()))
    return f"{one.id}\t{one.act}\t{one.status}\t{one.total}\t{told}\t{one.made_by}\t{one.made_at:%Y-%m-%d %H:%M}"


def _said(done: bool | None, yes: str, no: str) -> None:
    if done is None:
        fail("there is no operation with this id.")
    if not done:
        fail(no)
    typer.echo(yes)


def with_runs(work: Callable[[AsyncEngine, RunsClient], Awaitable[Found]]) -> Found:
    """Carry out work that needs Temporal."""

    async def connected(engine: AsyncEngine, settings: Settings) -> Found:
        from workflows.connection import connect

        async def runs() -> Runs:
            return Runs(await connect(settings, Plans(engine), attempts=1), settings.task_queue, {})

        return await work(engine, runs)

    try:
        return run_with_engine(connected)
    except NobodyChosen:
        fail("there is no run to which this could be done now.")
    except MoreThanSeen as grown:
        fail(f"there are {grown.count} by now, more than you were shown. Look again.")
    except MustBeChosen as unsaid:
        fail(f"it is not said where runs at these steps go: {', '.join(unsaid.steps)}.")
    except AWAY as away:
        fail(f"Temporal cannot be reached ({type(away).__name__}): is it running?")


__all__ = ["app"]
