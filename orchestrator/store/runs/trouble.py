"""What is wrong with a run, for those who look after it: written where it is noticed, cleared where it is over.

A problem is ``STEP:CAUSE``: the step at which the run stands, and a short code of what went wrong there. It is gone as
soon as the run has left that step (``commits.py`` sees to that), or what failed has succeeded. A run that should have
gone on long ago is in trouble by itself, though nobody has written so: every list asks for it (:data:`PROBLEM`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.trouble import CHAIN, OVERDUE, problem_at

_SPEED = "(86400.0 / coalesce(w.day_seconds, 86400.0))"
_CLOCK = f"w.clock_journey + (clock_timestamp() - w.clock_real) * {_SPEED}"

JOURNEY_NOW = f"(select coalesce(max({_CLOCK}), clock_timestamp()) from workspace w)"
"""The present, by the workspace's clock."""

OVERDUE_BEFORE = f"""
(select coalesce(
    max({_CLOCK} - greatest(interval '1 hour', interval '1 minute' * {_SPEED})), clock_timestamp() - interval '1 hour')
from workspace w)
"""
"""The journey's instant of an hour ago; of a real minute in an accelerated workspace, where an hour may be a second."""

PROBLEM = f"""
case when r.status = 'finished' then null
    when r.problem is not null then r.problem
    when (r.status = 'running' and r.waiting_until < {OVERDUE_BEFORE})
        or (r.status = 'starting' and r.parked_at is null and r.entered_at < {OVERDUE_BEFORE})
        then coalesce(r.step, '') || chr(58) || '{OVERDUE}'
end
"""
"""What is wrong with a run ``r``; null: nothing is known to be."""

PROBLEM_SINCE = """
case when r.problem is not null then coalesce(r.problem_since, r.entered_at)
    else coalesce(r.waiting_until, r.entered_at) end
"""
"""Since when a run ``r`` is in trouble; of one that is overdue, since it was due."""

_SET = text(f"""
update runs set problem = cast(:problem as text), problem_at = {JOURNEY_NOW},
    problem_since = case when problem = cast(:problem as text) then coalesce(problem_since, {JOURNEY_NOW})
        else {JOURNEY_NOW} end
where id = :run and finished_at is null
""")
_CLEAR = text("update runs set problem = null where id = :run and problem is not null")
_CUT = text(f"""
update runs set problem = coalesce(step, '') || :cause, problem_since = {JOURNEY_NOW}, problem_at = {JOURNEY_NOW}
where id = any(cast(:runs as uuid[])) and finished_at is null
""")
_FIND = text(f"""
select r.id, r.workflow_id, r.status, r.step, r.entry_message_id, {PROBLEM}, r.problem_at, r.parked_at, r.parked_for,
    r.reason, r.journey_key, r.version, r.plan_hash
from runs r where r.id = :run
""")
# Seen from a run: another customer's that fails of the same, since when nobody's message left the step.
_ANOTHER = text("""
select me.journey_key as key, exists (
    select from runs o where o.journey_key = me.journey_key and o.status in ('starting', 'running')
        and o.problem = :problem and o.customer_id <> me.customer_id and not exists (
            select from sends s where s.journey_key = me.journey_key and s.step = split_part(:problem, ':', 1)
                and s.status = 'sent' and s.sent_at >= o.problem_since
        )
) as another from runs me where me.id = :run
""")
_OFFER_AGAIN = text("update events set routed_at = null where message_id = :message and routed_at is not null")
_NOTIFY = text("select pg_notify(:channel, '')")
_CLOSE = text("""
with over as (
    update runs set status = 'finished', finished_at = :now, reason = :reason, problem = null, waiting_until = null
    where id = :run and finished_at is null returning id, journey_key, customer_id, step
), silent as (
    delete from listening where run_id = :run and exists (select from over)
)
insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
select over.id, coalesce((select max(seq) from transitions where run_id = :run), 0) + 1, over.journey_key,
    over.customer_id, :now, 'ended', coalesce(over.step, ''), 1, :reason, cast(:note as jsonb)
from over
""")


async def set_problem(engine: AsyncEngine, run: UUID, problem: str | None) -> None:
    """Keep what is wrong with a run (``STEP:CAUSE``), or that nothing is (None). A finished run keeps none."""
    async with engine.begin() as db:
        if problem is None:
            await db.execute(_CLEAR, {"run": run})
        else:
            await db.execute(_SET, {"run": run, "problem": problem})


async def note_cut_chain(engine: AsyncEngine, runs: Sequence[UUID]) -> None:
    """These runs were not told of an event, because journeys set each other off."""
    async with engine.begin() as db:
        await db.execute(_CUT, {"runs": list(runs), "cause": problem_at(None, CHAIN)})


@dataclass(frozen=True)
class FailingRun:
    """Of which journey it is, and whether another customer's run there fails of the same."""

    key: str
    another: bool


async def fails_for_another(engine: AsyncEngine, run: UUID, problem: str) -> FailingRun | None:
    """Whether a run is not alone with its problem (``STEP:CAUSE``); None: there is no such run."""
    async with engine.connect() as db:
        row = (await db.execute(_ANOTHER, {"run": run, "problem": problem})).one_or_none()
    return None if row is None else FailingRun(*row)


@dataclass(frozen=True)
class StandingRun:
    """A run as an operator finds it. ``entry``: the message id of its entry event."""

    id: UUID
    workflow_id: str
    status: str
    step: str | None
    entry: str | None
    problem: str | None
    problem_at: datetime | None = None
    parked_at: datetime | None = None
    parked_for: str | None = None
    reason: str | None = None
    journey_key: str = ""
    version: int = 0
    plan_hash: str = ""


async def find_run(engine: AsyncEngine, run: UUID) -> StandingRun | None:
    """A run by its id, or None."""
    async with engine.connect() as db:
        row = (await db.execute(_FIND, {"run": run})).one_or_none()
    return None if row is None else StandingRun(*row)


async def offer_entry_again(engine: AsyncEngine, run: StandingRun, channel: str) -> None:
    """A run that was let in and has not started: its entry event is routed once more, which starts it."""
    async with engine.begin() as db:
        await db.execute(_OFFER_AGAIN, {"message": run.entry})
        await db.execute(_NOTIFY, {"channel": channel})


async def close_run(engine: AsyncEngine, run: UUID, reason: str, by: str, now: datetime) -> None:
    """End a run that Temporal does not know (any more), in our own books; one that is over stays as it is."""
    note = orjson.dumps({"by": by}).decode()
    async with engine.begin() as db:
        await db.execute(_CLOSE, {"run": run, "reason": reason, "now": now, "note": note})
