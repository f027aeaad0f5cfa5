"""Entries, decided as a set: customers, earlier runs and decisions are read for all of them at once, and written so.

Of several events of one customer each is decided with what was decided of those before it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import DictRow

from orchestrator.core.conditions.customer import Customer
from orchestrator.core.events.ids import derived_id, run_id, workflow_id
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import MOST_CHAIN, Admission, Past, admit, run_key
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.connection_pool import DirectConnection
from orchestrator.store.customers.views import Views, read_views
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.runs.live_plans import LivePlan

HOUR = timedelta(hours=1)
_SPANS = {"per_hour": HOUR, "per_day": timedelta(days=1)}
EVER = datetime(1, 1, 1, tzinfo=UTC)

# The lock makes a merge wait for these entries, which it then takes along; in the order in which a merge locks.
_CUSTOMERS = """
select id, merged_into is null as stands, stage, time_zone, external_id from customers
where id = any(%(customers)s::uuid[]) order by id for key share
"""
_DECIDED = "select id, admitted, run_id from entry_decisions where id = any(%(ids)s::uuid[])"
# By customer, not by workflow id: runs of those who were merged into this customer count as well.
_PAST = """
select asked.customer, asked.journey, asked.key, past.live, past.entered_at
from unnest(%(customers)s::uuid[], %(journeys)s::text[], %(keys)s::text[]) as asked(customer, journey, key)
cross join lateral (
    select finished_at is null as live, entered_at from runs
    where customer_id = asked.customer and journey_key = asked.journey and key = asked.key
    order by finished_at is null desc, entered_at desc limit 1
) as past
"""
_STARTS = """
select asked.customer, lately.entered_at
from unnest(%(customers)s::uuid[], %(nows)s::timestamptz[]) as asked(customer, now)
cross join lateral (
    select entered_at from runs where customer_id = asked.customer and entered_at > asked.now - interval '1 hour'
    order by entered_at desc limit %(most)s
) as lately
"""
_ADMIT = """
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status,
    step, stage, entered_at, chain, chain_at)
select id, workflow, journey, version, plan_hash, customer, key, message_id, 'starting',
    step, stage, now, chain, chain_at
from json_to_recordset(%(runs)s::json) as given(id uuid, workflow text, journey text, version int, plan_hash text,
    customer uuid, key text, message_id text, step text, stage text, now timestamptz, chain int, chain_at timestamptz)
order by id on conflict do nothing returning id
"""
_DECIDE = """
insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, detail, run_id)
select id, journey, version, customer, message_id, now, admitted, reason, detail, run
from json_to_recordset(%(decisions)s::json) as given(id uuid, journey text, version int, customer uuid, message_id text,
    now timestamptz, admitted boolean, reason text, detail jsonb, run uuid)
order by id on conflict do nothing
"""
# One router at a time counts a journey that has a limit, and sees what those before it have let in.
_COUNTING = (
    "select pg_advisory_xact_lock(hashtextextended('entries of ' || key, 0)) from unnest(%(keys)s::text[]) as key"
)
_ENTERED = """
select asked.key, asked.span, count(*) as entered
from unnest(%(keys)s::text[], %(spans)s::text[], %(since)s::timestamptz[], %(most)s::int[])
    as asked(key, span, since, most)
cross join lateral (
    select from runs where journey_key = asked.key and entered_at > asked.since limit asked.most
) as lately
group by 1, 2
"""
_STARTING = "select id, workflow_id from runs where id = any(%(runs)s::uuid[]) and status = 'starting'"
_CLOSED = """
select asked.workflow, closed.closing_run_id
from unnest(%(customers)s::uuid[], %(workflows)s::text[]) as asked(customer, workflow)
cross join lateral (
    select closing_run_id from runs
    where customer_id = asked.customer and workflow_id = asked.workflow and closing_run_id is not null
    order by finished_at desc limit 20
) as closed
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that fires a trigger of a live plan. ``now``: journey time."""

    live: LivePlan
    event: Unrouted
    now: datetime

    @property
    def decision(self) -> UUID:
        """Its id, derived, so that it is decided once."""
        return UUID(derived_id(self.live.plan.key, self.event.customer_event.message_id, 0, "entry"))


@dataclass(frozen=True, slots=True)
class ToStart:
    """An admitted run that Temporal may not know yet. ``closed``: Temporal's run ids that ended earlier runs under its
    workflow id; ``external_id``: the shop's own id of the customer."""

    run_id: UUID
    workflow_id: str
    live: LivePlan
    customer_id: UUID
    zone: str
    stage: str | None
    external_id: str | None = None
    closed: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Decided:
    """What was decided of an entry in this transaction."""

    entry: Entry
    admission: Admission
    key: str | None
    workflow: str
    run: UUID | None
    again: bool
    """Whether earlier runs had the same identity."""


@dataclass
class Known:
    """What was read of the customers of these entries, and what has been decided of them since."""

    zone: str
    customers: Mapping[UUID, DictRow] = field(default_factory=dict)
    decided: Mapping[UUID, DictRow] = field(default_factory=dict)
    past: dict[tuple[UUID, str, str], Past] = field(default_factory=dict)
    entered: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """How many entered journeys that have a limit, by key and span (``per_hour``, ``per_day``, ``total``)."""
    starts: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    views: Views = field(default_factory=lambda: Views(DEFAULT_ZONE))

    def stands(self, customer: UUID) -> bool:
        """False for one who has just been merged into another: the event is then routed again, as the other's."""
        row = self.customers.get(customer)
        return row is None or bool(row["stands"])


async def decide_entries(
    db: DirectConnection, entries: Sequence[Entry], known: Known, most_starts: int
) -> list[ToStart | None]:
    """Decide entries, once and for all, and keep each decision with its reason. ``known``: as read in the same
    transaction, which the caller ends.

    Returns:
        For each entry the run to start. None where the customer does not enter, or the run is known to have started,
        or the customer has just been merged into another.
    """
    fresh: list[_Decided] = []
    seen: set[UUID] = set()
    for entry in entries:
        if known.stands(entry.event.customer_id) and entry.decision not in known.decided and entry.decision not in seen:
            seen.add(entry.decision)
            fresh.append(_decide(entry, known, most_starts))
    await _write(db, fresh)
    workflows = {one.run: one.workflow for one in fresh if one.run is not None}
    admitted = {one.entry.decision: one.run for one in fresh if one.run is not None}
    earlier = {entry.decision: run for entry in entries if (run := _earlier(entry, known)) is not None}
    if earlier:
        rows = await (await db.execute(_STARTING, {"runs": list(earlier.values())})).fetchall()
        workflows |= {row["id"]: row["workflow_id"] for row in rows}
    asked = [(one.entry.event.customer_id, one.workflow) for one in fresh if one.run is not None and one.again]
    asked += [(e.event.customer_id, workflows.get(earlier[e.decision], "")) for e in entries if e.decision in earlier]
    closed = await closed_runs(db, asked)
    runs = admitted | earlier
    return [_to_start(entry, runs.get(entry.decision), workflows, closed, known) for entry in entries]


def _earlier(entry: Entry, known: Known) -> UUID | None:
    """The run of an entry that was decided before: it starts if nobody has seen it start."""
    row = known.decided.get(entry.decision)
    stands = known.stands(entry.event.customer_id)
    return row["run_id"] if row is not None and row["admitted"] and stands else None


async def read_known(db: DirectConnection, entries: Sequence[Entry], zone: str, most_starts: int) -> Known:
    """What deciding these entries asks of the store, in one go. ``db`` is in a transaction, and in pipeline mode."""
    customers = sorted({entry.event.customer_id for entry in entries})
    nows = {entry.event.customer_id: entry.now for entry in sorted(entries, key=lambda one: one.now)}
    identities = {
        (entry.event.customer_id, entry.live.plan.key, run_key(entry.live.plan, entry.event.customer_event) or "")
        for entry in entries
    }
    asked = {"customers": [i[0] for i in identities], "journeys": [i[1] for i in identities]}
    asked["keys"] = [i[2] for i in identities]
    starting = {"customers": customers, "nows": [nows[one] for one in customers], "most": most_starts}
    people = await db.execute(_CUSTOMERS, {"customers": customers})
    decided = await db.execute(_DECIDED, {"ids": [entry.decision for entry in entries]})
    past = await db.execute(_PAST, asked)
    starts = await db.execute(_STARTS, starting)
    known = Known(
        zone, {row["id"]: row for row in await people.fetchall()}, {row["id"]: row for row in await decided.fetchall()}
    )
    for row in await past.fetchall():
        known.past[row["customer"], row["journey"], row["key"]] = Past(row["live"], row["entered_at"])
    for row in await starts.fetchall():
        known.starts[row["customer"]].append(row["entered_at"])
    await _read_views(db, entries, known)
    await _read_entered(db, entries, known)
    return known


def _limits(plan: Plan) -> dict[str, int]:
    """Of a journey, by span."""
    limits = plan.journey.entry.limits
    given = {"per_hour": limits.per_hour, "per_day": limits.per_day, "total": limits.total}
    return {span: limit for span, limit in given.items() if limit is not None}


async def _read_entered(db: DirectConnection, entries: Sequence[Entry], known: Known) -> None:
    """How many have entered the journeys that have a limit, as far as it matters."""
    plans = {entry.live.plan.key: entry.live.plan for entry in entries if entry.live.plan.journey.entry.limits}
    if not plans:
        return
    now = max(entry.now for entry in entries)
    asked = [(key, span, limit) for key, plan in sorted(plans.items()) for span, limit in _limits(plan).items()]
    given: dict[str, Any] = {"keys": [one[0] for one in asked], "spans": [one[1] for one in asked]}
    given["since"] = [now - _SPANS[one[1]] if one[1] in _SPANS else EVER for one in asked]
    given["most"] = [one[2] for one in asked]
    await db.execute(_COUNTING, {"keys": sorted(plans)})
    for row in await (await db.execute(_ENTERED, given)).fetchall():
        known.entered[row["key"], row["span"]] = row["entered"]


async def _read_views(db: DirectConnection, entries: Sequence[Entry], known: Known) -> None:
    """Profiles, histories and memberships, of those alone who are asked whether they meet a filter."""
    asked = [(entry, entry.live.plan.journey.entry.filter) for entry in entries]
    customers = {entry.event.customer_id for entry, condition in asked if condition is not None}
    conditions = [condition for _, condition in asked if condition is not None]
    if customers:
        earliest = min(entry.now for entry in entries)
        known.views = await read_views(db, customers, conditions, earliest, known.zone)


def _decide(entry: Entry, known: Known, most_starts: int) -> _Decided:
    plan, event = entry.live.plan, entry.event
    key = run_key(plan, event.customer_event)
    identity = workflow_id(plan.key, event.customer_id, key or "")
    admission = _admission(entry, key, known, most_starts)
    run = run_id(identity, event.customer_event.message_id) if admission.admitted else None
    again = (event.customer_id, plan.key, key or "") in known.past
    if run is not None:
        known.past[event.customer_id, plan.key, key or ""] = Past(True, entry.now)
        known.starts[event.customer_id].append(entry.now)
        for span in _limits(plan):
            known.entered[plan.key, span] += 1
    return _Decided(entry, admission, key, identity, run, again)


def _admission(entry: Entry, key: str | None, known: Known, most_starts: int) -> Admission:
    event, plan = entry.event, entry.live.plan
    if entry.live.paused:
        return Admission(False, "paused")
    if key is None:
        return Admission(False, "no_key")
    if event.chain > MOST_CHAIN:
        return Admission(False, "chain")
    past = known.past.get((event.customer_id, plan.key, key), Past())
    view = known.views.view(event.customer_id) if plan.journey.entry.filter is not None else Customer()
    held_out = entry.live.holdout
    admission = admit(plan, event.customer_event, view, str(event.customer_id), entry.now, past, held_out)
    lately = sum(entry.now - HOUR < at <= entry.now for at in known.starts[event.customer_id])
    if admission.admitted and lately >= most_starts:
        return Admission(False, "too_many_starts")
    if admission.admitted and any(known.entered[plan.key, span] >= most for span, most in _limits(plan).items()):
        return Admission(False, "limit")
    return admission


async def _write(db: DirectConnection, fresh: Sequence[_Decided]) -> None:
    """Runs first: one whose identity has a live run, which came with somebody who was merged, is not let in."""
    runs = [_run_row(one, one.entry.live.plan) for one in fresh if one.run is not None]
    if runs:
        cursor = await db.execute(_ADMIT, {"runs": orjson.dumps(runs).decode()})
        made = {row["id"] for row in await cursor.fetchall()}
        for one in fresh:
            if one.run is not None and one.run not in made:
                one.run, one.admission = None, Admission(False, "already_in")
    if fresh:
        await db.execute(_DECIDE, {"decisions": orjson.dumps([_decision_row(one) for one in fresh]).decode()})


def _run_row(one: _Decided, plan: Plan) -> dict[str, Any]:
    event = one.entry.event
    row: dict[str, Any] = {
        "id": one.run,
        "workflow": one.workflow,
        "journey": plan.key,
        "version": one.entry.live.version,
    }
    row |= {"plan_hash": plan.hash, "customer": event.customer_id, "key": one.key, "now": one.entry.now}
    row |= {"message_id": event.customer_event.message_id, "step": plan.first, "stage": plan.stage(plan.first)}
    return row | {"chain": event.chain, "chain_at": event.customer_event.occurred_at}


def _decision_row(one: _Decided) -> dict[str, Any]:
    live, event = one.entry.live, one.entry.event
    row: dict[str, Any] = {
        "id": one.entry.decision,
        "journey": live.plan.key,
        "version": live.version,
        "customer": event.customer_id,
    }
    row |= {"message_id": event.customer_event.message_id, "now": one.entry.now, "run": one.run}
    row |= {"admitted": one.admission.admitted, "reason": one.admission.reason}
    return row | {"detail": {"event": event.customer_event.name, "plan": live.plan.hash}}


def _to_start(
    entry: Entry,
    run: UUID | None,
    workflows: Mapping[UUID, str],
    closed: Mapping[str, frozenset[str]],
    known: Known,
) -> ToStart | None:
    workflow = workflows.get(run) if run is not None else None
    if run is None or workflow is None:
        return None
    customer = entry.event.customer_id
    row = known.customers.get(customer) or {"time_zone": None, "stage": None, "external_id": None}
    zone, ended = row["time_zone"] or known.zone, closed.get(workflow, frozenset())
    return ToStart(run, workflow, entry.live, customer, zone, row["stage"], row["external_id"], ended)


async def closed_runs(db: DirectConnection, wanted: Sequence[tuple[UUID, str]]) -> dict[str, frozenset[str]]:
    """Temporal run ids that ended earlier runs, by workflow id: of these customers' workflows."""
    if not wanted:
        return {}
    given = {"customers": [customer for customer, _ in wanted], "workflows": [workflow for _, workflow in wanted]}
    closed: dict[str, set[str]] = defaultdict(set)
    for row in await (await db.execute(_CLOSED, given)).fetchall():
        closed[row["workflow"]].add(row["closing_run_id"])
    return {workflow: frozenset(ids) for workflow, ids in closed.items()}
