"""What ``sojourn doctor --fix`` does about what was found.

Everything is paused before a run is touched: runs that begin again come due for what is long past, and whether that
goes out is for a person to decide, by resuming.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.operations.restored import hold
from api.doctor.checks import Examined
from api.doctor.runs import Comparison
from api.doctor.temporal import add_attributes, missing_attributes
from orchestrator.core.doctor.restored import behind
from orchestrator.core.run.routing import may_listen_for
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import COMMAND, Change, record_alone
from orchestrator.store.doctor.books import forget_listening, stand_at, start_again
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.trouble import close_run
from orchestrator.store.sending.rounds import last_round
from orchestrator.store.workspace import read_clock
from workflows.client import Runs
from workflows.reconcile_sends import rounds

RESTORED = "restored"
"""Reason of runs that a restored store has lost."""


@dataclass(frozen=True)
class Fixed:
    """What was done, by the code of the finding: how many."""

    done: dict[str, int]
    held: bool


async def fix(settings: Settings, engine: AsyncEngine, examined: Examined) -> Fixed:
    """Mend what can be mended. Raises what Temporal and the database raise; doing it again does the rest."""
    done: dict[str, int] = {"listening": await forget_listening(engine)}
    client, runs = examined.client, examined.runs
    if client is None or runs is None:
        return Fixed(_some(done), False)
    missing = await missing_attributes(client)
    if missing:
        await add_attributes(client, missing)
    done["search_attributes"] = len(missing)
    held = await _hold(settings, engine, client, runs)
    done |= await _mend(settings, engine, client, runs)
    done = _some(done)
    if done:
        await record_alone(engine, COMMAND, Change("doctor.fixed", "", {}, dict(done)))
    return Fixed(done, held)


def _some(done: dict[str, int]) -> dict[str, int]:
    return {code: many for code, many in done.items() if many}


async def _hold(settings: Settings, engine: AsyncEngine, client: Client, runs: Comparison) -> bool:
    told = await rounds(client, settings.task_queue)
    store = behind(await last_round(engine), told.last, known=told.known)
    if store is None and not runs.differences:
        return False
    lost = runs.only_temporal or runs.ended or runs.database_behind
    return await hold(engine, store or ("database" if lost else "temporal"))


async def _mend(settings: Settings, engine: AsyncEngine, client: Client, runs: Comparison) -> dict[str, int]:
    temporal = Runs(client, settings.task_queue, {})
    for opened in [*runs.only_temporal, *(opened for _, opened in runs.temporal_behind)]:
        await temporal.terminate(opened.workflow_id, RESTORED)
    again: list[UUID] = [one.id for one in runs.only_database if one.has_entry]
    again += [one.id for one, _ in runs.temporal_behind if one.has_entry]
    await start_again(engine, again)
    async with engine.connect() as db:
        now = (await read_clock(db)).now()
    lost = [one for one in (*runs.only_database, *(one for one, _ in runs.temporal_behind)) if not one.has_entry]
    for booked in lost:
        await close_run(engine, booked.id, RESTORED, COMMAND.who, now)
    for booked, end in runs.ended:
        await close_run(engine, booked.id, end.reason or RESTORED, COMMAND.who, now)
    plans = Plans(engine)
    for booked, opened, committed in runs.database_behind:
        plan = await plans.get(booked.plan_hash)
        step = opened.step or booked.step or plan.first
        await stand_at(engine, booked.id, step, committed, may_listen_for(plan))
    kinds = ("only_database", "ended", "only_temporal", "database_behind", "temporal_behind")
    return {kind: len(getattr(runs, kind)) for kind in kinds}
