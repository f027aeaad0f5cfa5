"""What routing reads and writes: events not yet routed, listeners, live plans, entry decisions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.routing import EARLIER_NAME, MOST_STARTS
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.events.shards import SHARDS, Fence, shard_of, standing
from orchestrator.store.events.unrouted import Unrouted, mark_routed, read_newest, read_oldest
from orchestrator.store.runs.entries import Entry, ToStart, closed_runs, decide_entries, read_known
from orchestrator.store.runs.live_plans import LivePlan, LivePlans, UnreadablePlan
from orchestrator.store.runs.trouble import note_cut_chain

_LISTENERS = """
select distinct l.customer_id, l.event_name, l.workflow_id, l.run_id, r.plan_hash
from unnest(%(customers)s::uuid[], %(names)s::text[]) as happened(customer_id, name)
join listening l on l.customer_id = happened.customer_id and l.event_name = happened.name
join runs r on r.id = l.run_id
order by l.workflow_id
"""
_EARLIER_LISTENERS = """
select distinct l.customer_id, happened.name as event_name, l.workflow_id, l.run_id, r.plan_hash, r.step
from unnest(%(customers)s::uuid[], %(names)s::text[], %(earlier)s::text[]) as happened(customer_id, name, earlier)
join listening l on l.customer_id = happened.customer_id and l.event_name = happened.earlier
join runs r on r.id = l.run_id
where not exists (select from listening also where also.run_id = l.run_id and also.event_name = happened.name)
order by l.workflow_id
"""
_BEGUN = """
select r.id, r.entry_message_id, r.workflow_id, r.journey_key, r.version, r.plan_hash, r.customer_id,
    c.stage, c.time_zone, c.external_id
from runs r left join customers c on c.id = r.customer_id
where r.entry_message_id = any(%(ids)s::text[]) and r.status = 'starting'
"""
# Whoever is frozen in the middle of a transaction is cut off by the server, and keeps no shard and no customer locked.
# (``idle_in_transaction_session_timeout`` does not count in pipeline mode, where the server has more to expect.)
PATIENCE = "set local transaction_timeout = '5s'"
_SHOWS_EXTERNAL_IDS = text("select settings -> 'temporal' ->> 'external_id' = 'true' from workspace where id = 1")


@dataclass(frozen=True, slots=True)
class Listener:
    """A run that waits for an event of a name."""

    customer_id: UUID
    event_name: str
    workflow_id: str
    run_id: UUID
    plan_hash: str
    step: str | None = None
    """Where it stands, of a run that registered for the change under an earlier name only."""
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class UnstartedRun:
    """A run that an earlier attempt to route its entry event let in, and that nobody has seen start."""

    run_id: UUID
    message_id: str
    workflow_id: str
    journey_key: str
    version: int
    plan_hash: str
    customer_id: UUID
    zone: str
    stage: str | None
    external_id: str | None = None
    closed: frozenset[str] = frozenset()
    """Temporal's run ids that ended earlier runs under its workflow id."""


@dataclass(frozen=True)
class RoutingStore:
    """Routing's side of the database. ``fence``: of the shards of whoever asks; None: there are no others."""

    engine: AsyncEngine
    time_zone: str = DEFAULT_ZONE
    most_starts: int = MOST_STARTS
    """Runs that one customer may begin within an hour."""
    _live: LivePlans = field(default_factory=LivePlans)

    async def unrouted(
        self, limit: int, excluded: Collection[UUID] = (), shards: Collection[int] = range(SHARDS)
    ) -> list[Unrouted]:
        """The oldest events that wait (:func:`store.events.unrouted.read_oldest`)."""
        return await read_oldest(self.engine, limit, excluded, shards)

    async def newest_unrouted(
        self, limit: int, excluded: Collection[UUID] = (), shards: Collection[int] = range(SHARDS)
    ) -> list[Unrouted]:
        """What came last, of customers of whom nothing earlier waits (:func:`store.events.unrouted.read_newest`)."""
        return await read_newest(self.engine, limit, excluded, shards)

    async def mark_routed(self, events: Sequence[Unrouted], now: datetime, fence: Fence | None = None) -> None:
        """These events have reached everybody whom they concern (:func:`store.events.unrouted.mark_routed`)."""
        async with direct(self.engine).connection() as db:
            await mark_routed(db, events, now, fence)

    async def decide_all(
        self, entries: Sequence[Entry], routed: Sequence[Unrouted], now: datetime, fence: Fence | None = None
    ) -> list[ToStart | None] | None:
        """Decide entries, and mark other events as routed, in one commit; for each entry the run to start, if any.

        None, and nothing is written, where one of the entries' shards is another router's by now.
        """
        async with direct(self.engine).connection() as db, db.pipeline(), db.transaction():
            await db.execute(PATIENCE)
            stands = await standing(db, fence) if fence is not None else None
            known = await read_known(db, entries, self.time_zone, self.most_starts)
            if stands is not None:
                ours = {row["shard"] for row in await stands.fetchall()}
                if any(shard_of(entry.event.customer_id) not in ours for entry in entries):
                    return None
            started = await decide_entries(db, entries, known, self.most_starts)
            if routed:
                await mark_routed(db, routed, now, fence)
        return started

    async def decide(self, live: LivePlan, event: Unrouted, now: datetime) -> ToStart | None:
        """Decide one entry: the run to start, if any."""
        started = await self.decide_all([Entry(live, event, now)], (), now)
        return started[0] if started else None

    async def listeners(self, events: Sequence[Unrouted]) -> list[Listener]:
        """The runs that wait for any of these events."""
        pairs = {(one.customer_id, one.customer_event.name) for one in events}
        given = {"customers": [customer for customer, _ in pairs], "names": [name for _, name in pairs]}
        renamed = [(customer, name) for customer, name in pairs if name in EARLIER_NAME]
        async with direct(self.engine).connection() as db:
            rows = await (await db.execute(_LISTENERS, given)).fetchall()
            found = [Listener(**row) for row in rows]
            return found + await self._earlier_listeners(db, renamed) if renamed else found

    async def _earlier_listeners(self, db: DirectConnection, pairs: Sequence[tuple[UUID, str]]) -> list[Listener]:
        """Runs that have waited since before there was an event's name, and are registered under the earlier one."""
        given = {
            "customers": [customer for customer, _ in pairs],
            "names": [name for _, name in pairs],
            "earlier": [EARLIER_NAME[name] for _, name in pairs],
        }
        rows = await (await db.execute(_EARLIER_LISTENERS, given)).fetchall()
        return [Listener(**row, earlier=True) for row in rows]

    async def unstarted_runs(self, events: Sequence[Unrouted]) -> list[UnstartedRun]:
        """The runs that these events began and that have not started, whatever became of their journeys since."""
        async with direct(self.engine).connection() as db:
            cursor = await db.execute(_BEGUN, {"ids": [one.customer_event.message_id for one in events]})
            rows = await cursor.fetchall()
            closed = await closed_runs(db, [(row["customer_id"], row["workflow_id"]) for row in rows])
        return [self._unstarted(row, closed) for row in rows]

    def _unstarted(self, row: DictRow, closed: Mapping[str, frozenset[str]]) -> UnstartedRun:
        return UnstartedRun(
            row["id"],
            row["entry_message_id"],
            row["workflow_id"],
            row["journey_key"],
            row["version"],
            row["plan_hash"],
            row["customer_id"],
            row["time_zone"] or self.time_zone,
            row["stage"],
            row["external_id"],
            closed.get(row["workflow_id"], frozenset()),
        )

    async def live_plans(self) -> tuple[list[LivePlan], list[UnreadablePlan]]:
        """Every journey that is live or paused, in the order of their keys; and those whose plan this build cannot
        read, as a newer one wrote it. Each stands alone."""
        async with self.engine.connect() as db:
            return await self._live.load(db)

    async def shows_external_ids(self) -> bool:
        """Whether the workspace wants operators to read its own customers' ids beside their runs."""
        async with self.engine.connect() as db:
            return bool((await db.execute(_SHOWS_EXTERNAL_IDS)).scalar())

    async def cut(self, listeners: Sequence[Listener]) -> None:
        """These runs are not told of an event, because journeys set each other off: that is told of them."""
        await note_cut_chain(self.engine, [one.run_id for one in listeners])
