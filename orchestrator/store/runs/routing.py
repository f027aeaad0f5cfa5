"""What routing reads and writes: events not yet routed, listeners, live plans, entry decisions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_id, run_id, workflow_id
from orchestrator.core.run.routing import EARLIER_NAME, MOST_CHAIN, MOST_STARTS, Admission, Past, admit, run_key
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.customers.view import history_names, load_view
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.runs.live_plans import LivePlan, LivePlans, UnreadablePlan
from orchestrator.store.runs.trouble import note_cut_chain

_UNROUTED = text("""
select message_id, customer_id, name, properties, occurred_at,
    case when kind = 'system' then coalesce(cast(context ->> 'chain' as int), 0) else 0 end as chain from events
where routed_at is null and customer_id <> all(cast(:aside as uuid[])) order by seq limit :limit
""")
_ROUTED = text("""
update events set routed_at = :now
from unnest(cast(:ids as text[]), cast(:customers as uuid[])) as offered(id, customer)
where message_id = offered.id and customer_id = offered.customer and routed_at is null
""")
_STANDS = text("select merged_into is null from customers where id = :customer for key share")
_LISTENERS = text("""
select distinct l.customer_id, l.event_name, l.workflow_id, l.run_id, r.plan_hash
from unnest(cast(:customers as uuid[]), cast(:names as text[])) as happened(customer_id, name)
join listening l on l.customer_id = happened.customer_id and l.event_name = happened.name
join runs r on r.id = l.run_id
order by l.workflow_id
""")
_EARLIER_LISTENERS = text("""
select distinct l.customer_id, happened.name as event_name, l.workflow_id, l.run_id, r.plan_hash, r.step
from unnest(cast(:customers as uuid[]), cast(:names as text[]), cast(:earlier as text[]))
    as happened(customer_id, name, earlier)
join listening l on l.customer_id = happened.customer_id and l.event_name = happened.earlier
join runs r on r.id = l.run_id
where not exists (select from listening also where also.run_id = l.run_id and also.event_name = happened.name)
order by l.workflow_id
""")
_DECIDED = text("select admitted, run_id from entry_decisions where id = :id")
_PAST = text("""
select finished_at is null as live, entered_at from runs
where customer_id = :customer and journey_key = :journey and key = :key
order by finished_at is null desc, entered_at desc limit 1
""")
_STARTS = text("""
select count(*) from (
    select from runs where customer_id = :customer and entered_at > cast(:now as timestamptz) - interval '1 hour'
        and entered_at <= :now limit :most
) lately
""")
_CUSTOMER = text("select stage, time_zone from customers where id = :customer")
_DECIDE = text("""
insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, detail, run_id)
values (:id, :journey, :version, :customer, :message_id, :now, :admitted, :reason, cast(:detail as jsonb), :run)
on conflict do nothing
""")
_ADMIT = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status,
    step, stage, entered_at, chain, chain_at)
values (:run, :workflow, :journey, :version, :plan_hash, :customer, :key, :message_id, 'starting',
    :step, :stage, :now, :chain, :chain_at)
""")
_STARTING = text("""
select r.status, r.workflow_id, c.stage, c.time_zone from runs r left join customers c on c.id = r.customer_id
where r.id = :run and r.status = 'starting'
""")
_BEGUN = text("""
select r.id, r.entry_message_id, r.workflow_id, r.journey_key, r.version, r.plan_hash, r.customer_id,
    c.stage, c.time_zone
from runs r left join customers c on c.id = r.customer_id
where r.entry_message_id = any(cast(:ids as text[])) and r.status = 'starting'
""")
_CLOSED = text("""
select closing_run_id from runs where workflow_id = :workflow and closing_run_id is not null
order by finished_at desc limit 20
""")

_SHOWS_EXTERNAL_IDS = text("select settings -> 'temporal' ->> 'external_id' = 'true' from workspace where id = 1")
_EXTERNAL_ID = text("select external_id from customers where id = :customer")


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
class ToStart:
    """An admitted run that Temporal may not know yet."""

    run_id: UUID
    workflow_id: str
    live: LivePlan
    customer_id: UUID
    zone: str
    stage: str | None


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


@dataclass(frozen=True)
class RoutingStore:
    """Routing's side of the database."""

    engine: AsyncEngine
    time_zone: str = DEFAULT_ZONE
    most_starts: int = MOST_STARTS
    """Runs that one customer may begin within an hour."""
    _live: LivePlans = field(default_factory=LivePlans)

    async def unrouted(self, limit: int, excluded: Collection[UUID] = ()) -> list[Unrouted]:
        """The oldest events that have not been routed, in the order in which they were stored.

        ``excluded``: customers whose events are not asked for now.
        """
        async with self.engine.connect() as db:
            rows = await db.execute(_UNROUTED, {"limit": limit, "aside": list(excluded)})
            return [
                Unrouted(
                    row.customer_id,
                    CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties),
                    row.chain,
                )
                for row in rows
            ]

    async def mark_routed(self, events: Sequence[Unrouted], now: datetime) -> None:
        """These events have reached everybody whom they concern.

        An event whose customer was merged into another meanwhile has not: it stays unrouted, and is offered once more
        to the other's runs. Whoever had it already knows it by its message id.
        """
        given = {
            "ids": [event.customer_event.message_id for event in events],
            "customers": [e.customer_id for e in events],
        }
        async with self.engine.begin() as db:
            await db.execute(_ROUTED, {**given, "now": now})

    async def listeners(self, events: Sequence[Unrouted]) -> list[Listener]:
        """The runs that wait for any of these events."""
        pairs = {(one.customer_id, one.customer_event.name) for one in events}
        given = {"customers": [customer for customer, _ in pairs], "names": [name for _, name in pairs]}
        async with self.engine.connect() as db:
            rows = await db.execute(_LISTENERS, given)
            found = [Listener(r.customer_id, r.event_name, r.workflow_id, r.run_id, r.plan_hash) for r in rows]
            renamed = [(customer, name) for customer, name in pairs if name in EARLIER_NAME]
            return found + await self._earlier_listeners(db, renamed) if renamed else found

    async def _earlier_listeners(self, db: AsyncConnection, pairs: Sequence[tuple[UUID, str]]) -> list[Listener]:
        """Runs that have waited since before there was an event's name, and are registered under the earlier one."""
        given = {
            "customers": [customer for customer, _ in pairs],
            "names": [name for _, name in pairs],
            "earlier": [EARLIER_NAME[name] for _, name in pairs],
        }
        rows = await db.execute(_EARLIER_LISTENERS, given)
        return [Listener(r.customer_id, r.event_name, r.workflow_id, r.run_id, r.plan_hash, r.step, True) for r in rows]

    async def unstarted_runs(self, events: Sequence[Unrouted]) -> list[UnstartedRun]:
        """The runs that these events began and that have not started, whatever became of their journeys since."""
        async with self.engine.connect() as db:
            rows = await db.execute(_BEGUN, {"ids": [one.customer_event.message_id for one in events]})
            return [
                UnstartedRun(
                    r.id,
                    r.entry_message_id,
                    r.workflow_id,
                    r.journey_key,
                    r.version,
                    r.plan_hash,
                    r.customer_id,
                    r.time_zone or self.time_zone,
                    r.stage,
                )
                for r in rows
            ]

    async def live_plans(self) -> tuple[list[LivePlan], list[UnreadablePlan]]:
        """Every journey that is live or paused, in the order of their keys; and those whose plan this build cannot
        read, as a newer one wrote it. Each stands alone."""
        async with self.engine.connect() as db:
            return await self._live.load(db)

    async def closed_run_ids(self, workflow: str) -> frozenset[str]:
        """Temporal run ids that ended earlier runs under a workflow id."""
        async with self.engine.connect() as db:
            rows = await db.execute(_CLOSED, {"workflow": workflow})
            return frozenset(row.closing_run_id for row in rows)

    async def shows_external_ids(self) -> bool:
        """Whether the workspace wants operators to read its own customers' ids beside their runs."""
        async with self.engine.connect() as db:
            return bool((await db.execute(_SHOWS_EXTERNAL_IDS)).scalar())

    async def external_id(self, customer: UUID) -> str | None:
        """The shop's own id of a customer."""
        async with self.engine.connect() as db:
            found: str | None = (await db.execute(_EXTERNAL_ID, {"customer": customer})).scalar()
        return found

    async def cut(self, listeners: Sequence[Listener]) -> None:
        """These runs are not told of an event, because journeys set each other off: that is told of them."""
        await note_cut_chain(self.engine, [one.run_id for one in listeners])

    async def decide(self, live: LivePlan, event: Unrouted, now: datetime) -> ToStart | None:
        """Decide an entry, once and for all, and keep the decision with its reason.

        Returns:
            The run to start. None where the customer does not enter, or the run is known to have started, or the
            customer has just been merged into another (the event is then routed again, as the other's).
        """
        decision = UUID(derived_id(live.plan.key, event.customer_event.message_id, 0, "entry"))
        async with self.engine.begin() as db:
            # The lock makes a merge wait for this entry, which it then takes along.
            if (await db.execute(_STANDS, {"customer": event.customer_id})).scalar_one_or_none() is False:
                return None
            decided = (await db.execute(_DECIDED, {"id": decision})).one_or_none()
            if decided is not None:
                return await self._again(db, live, event, decided.run_id) if decided.admitted else None
            try:
                async with db.begin_nested():
                    return await self._decide(db, live, event, decision, now)
            except IntegrityError:  # a run of the same identity has begun in the meantime
                await self._keep(db, live, event, decision, now, Admission(False, "already_in"), None)
                return None

    async def _decide(self, db: Any, live: LivePlan, event: Unrouted, decision: UUID, now: datetime) -> ToStart | None:
        plan, key = live.plan, run_key(live.plan, event.customer_event)
        identity = workflow_id(plan.key, event.customer_id, key or "")
        admission = await self._admission(db, live, event, key, now)
        run = run_id(identity, event.customer_event.message_id) if admission.admitted else None
        await self._keep(db, live, event, decision, now, admission, run)
        if run is None:
            return None
        given = {"run": run, "workflow": identity, "journey": plan.key, "version": live.version, "key": key}
        given |= {"plan_hash": plan.hash, "customer": event.customer_id, "message_id": event.customer_event.message_id}
        given |= {"step": plan.first, "stage": plan.stage(plan.first), "now": now}
        given |= {"chain": event.chain, "chain_at": event.customer_event.occurred_at}
        await db.execute(_ADMIT, given)
        person = (await db.execute(_CUSTOMER, {"customer": event.customer_id})).one_or_none()
        zone = (person.time_zone if person else None) or self.time_zone
        return ToStart(run, identity, live, event.customer_id, zone, person.stage if person else None)

    async def _admission(self, db: Any, live: LivePlan, event: Unrouted, key: str | None, now: datetime) -> Admission:
        if live.paused:
            return Admission(False, "paused")
        if key is None:
            return Admission(False, "no_key")
        if event.chain > MOST_CHAIN:
            return Admission(False, "chain")
        # By customer, not by workflow id: runs of those who were merged into this customer count as well.
        mine = {"customer": event.customer_id, "journey": live.plan.key, "key": key}
        past = (await db.execute(_PAST, mine)).one_or_none()
        entry = live.plan.journey.entry
        names = history_names([entry.filter]) if entry.filter is not None else frozenset[str]()
        view = await load_view(db, event.customer_id, names, self.time_zone)
        known = Past(past.live, past.entered_at) if past else Past()
        admission = admit(live.plan, event.customer_event, view, str(event.customer_id), now, known)
        if admission.admitted and await self._too_many(db, event.customer_id, now):
            return Admission(False, "too_many_starts")
        return admission

    async def _too_many(self, db: Any, customer: UUID, now: datetime) -> bool:
        """Whether a customer has begun so many runs within an hour that something goes round."""
        given = {"customer": customer, "now": now, "most": self.most_starts}
        return bool((await db.execute(_STARTS, given)).scalar_one() >= self.most_starts)

    async def _keep(
        self,
        db: Any,
        live: LivePlan,
        event: Unrouted,
        decision: UUID,
        now: datetime,
        admission: Admission,
        run: UUID | None,
    ) -> None:
        given = {"id": decision, "journey": live.plan.key, "version": live.version, "customer": event.customer_id}
        given |= {"message_id": event.customer_event.message_id, "now": now, "run": run}
        given |= {"admitted": admission.admitted, "reason": admission.reason}
        detail = {"event": event.customer_event.name, "plan": live.plan.hash}
        await db.execute(_DECIDE, {**given, "detail": orjson.dumps(detail).decode()})

    async def _again(self, db: Any, live: LivePlan, event: Unrouted, run: UUID) -> ToStart | None:
        """The event is routed a second time: start its run if nobody has seen it start."""
        row = (await db.execute(_STARTING, {"run": run})).one_or_none()
        if row is None:
            return None
        return ToStart(run, row.workflow_id, live, event.customer_id, row.time_zone or self.time_zone, row.stage)
