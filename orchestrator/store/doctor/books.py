"""What our own books say of runs, events and messages, and what in them does not fit together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.events.system_events import EVENTS_CHANNEL

# An admitted run whose event is still to be routed is started by the router in a moment.
_LIVE = text("""
select r.id, r.workflow_id, r.status, r.step, r.booked_task, r.parked_at is not null as parked, r.plan_hash,
    coalesce(e.routed_at is null, false) as unrouted, e.message_id is not null as has_entry
from runs r left join events e on e.message_id = r.entry_message_id
where r.status in ('starting', 'running') and r.finished_at is null
""")
_ANYBODY = text("select exists (select from runs where finished_at is null)")
_STANDS = text("""
select r.workflow_id, r.id, r.status from runs r where r.workflow_id = any(cast(:workflows as text[]))
    and r.finished_at is null
""")
_UNROUTED = text("""
select message_id from events where routed_at is null and received_at < clock_timestamp() - interval '1 minute'
order by received_at limit 10000
""")
_LISTENING = """
select distinct l.run_id from listening l left join runs r on r.id = l.run_id
where r.id is null or r.finished_at is not null
"""
_LISTENING_OF_NOBODY = text(_LISTENING)
_FORGET_LISTENING = text(f"delete from listening where run_id in ({_LISTENING})")
_SENDS_OF_NOBODY = text("""
select s.id from sends s where not exists (select from runs r where r.id = s.run_id) limit 10000
""")
_CLAIMED = text("""
select id from sends where status = 'claimed'
    and cast(inputs -> 'claim' ->> 'at' as timestamptz) < clock_timestamp() - interval '15 minutes' limit 10000
""")
_START_AGAIN = text("""
with again as (
    update runs set status = 'starting', parked_at = null, parked_for = null, problem = null, waiting_until = null,
        closing_run_id = null, booked_task = null
    where id = any(cast(:runs as uuid[])) and finished_at is null returning entry_message_id
), offered as (
    update events set routed_at = null from again where message_id = again.entry_message_id returning message_id
)
select count(pg_notify(:channel, '')) from offered
""")
_LISTEN = text("""
insert into listening (customer_id, event_name, run_id, workflow_id)
select r.customer_id, name, r.id, r.workflow_id from runs r, unnest(cast(:names as text[])) as name
where r.id = :run and r.finished_at is null on conflict do nothing
""")
_STEP = text("""
update runs set step = :step, status = 'running', booked_task = :committed, waiting_until = null
where id = :run and finished_at is null
""")
_REVISION = text("select version_num from alembic_version")
_NOW = text("select clock_timestamp()")


@dataclass(frozen=True)
class BookedRun:
    """A run under way, as the books have it. ``booked_task``: real time of the workflow task that committed last;
    ``unrouted``: its entry is to be routed, which starts it; ``has_entry``: there is an event to start it with."""

    id: UUID
    workflow_id: str
    status: str
    step: str | None
    booked_task: datetime | None
    parked: bool
    plan_hash: str
    unrouted: bool
    has_entry: bool


async def live_runs(engine: AsyncEngine) -> dict[str, BookedRun]:
    """Every run that is not over, by its workflow id."""
    async with engine.connect() as db:
        return {row.workflow_id: BookedRun(*row) for row in await db.execute(_LIVE)}


async def anybody_under_way(engine: AsyncEngine) -> bool:
    """Whether there is a run that is not over."""
    async with engine.connect() as db:
        return bool((await db.execute(_ANYBODY)).scalar_one())


async def live_among(engine: AsyncEngine, workflows: Collection[str]) -> Mapping[str, UUID]:
    """Those of these workflow ids under which a run is not over, with the run."""
    async with engine.connect() as db:
        rows = await db.execute(_STANDS, {"workflows": list(workflows)})
        return {row.workflow_id: row.id for row in rows}


@dataclass(frozen=True)
class Misfits:
    """Ids of what does not fit together."""

    unrouted: Sequence[str]
    listening: Sequence[str]
    sends: Sequence[str]
    claimed: Sequence[str]


async def misfits(engine: AsyncEngine) -> Misfits:
    """Events that nobody routed for a minute; listeners without a run; messages of no run; and messages that a process
    was at which said nothing for a quarter of an hour."""
    asked = (_UNROUTED, _LISTENING_OF_NOBODY, _SENDS_OF_NOBODY, _CLAIMED)
    async with engine.connect() as db:
        return Misfits(*[[str(one) for one in (await db.execute(query)).scalars()] for query in asked])


async def forget_listening(engine: AsyncEngine) -> int:
    """Listeners without a run under way are gone; how many there were."""
    async with engine.begin() as db:
        return (await db.execute(_FORGET_LISTENING)).rowcount


async def start_again(engine: AsyncEngine, runs: Collection[UUID]) -> None:
    """Have the router start these runs once more from their entry. What they did is known by derived ids, and is not
    done twice."""
    async with engine.begin() as db:
        await db.execute(_START_AGAIN, {"runs": list(runs), "channel": EVENTS_CHANNEL})


async def stand_at(engine: AsyncEngine, run: UUID, step: str, committed: datetime, listening: Collection[str]) -> None:
    """Where Temporal has a run, since the task that ``committed`` last (real time), and all that it may be listening
    for: its next commit says what it is."""
    async with engine.begin() as db:
        await db.execute(_STEP, {"run": run, "step": step, "committed": committed})
        await db.execute(_LISTEN, {"run": run, "names": list(listening)})


async def schema_and_time(engine: AsyncEngine) -> tuple[str, datetime]:
    """The schema's revision, and the database's clock."""
    async with engine.connect() as db:
        revision = str((await db.execute(_REVISION)).scalar_one())
        return revision, (await db.execute(_NOW)).scalar_one()
