"""What a run books: one statement for what is recorded and listened for, more only where more is asked.

Carrying out a commit twice has the effect of once, because Temporal promises an activity at least once. More than
that: a worker may die after a commit and before Temporal has its answer. The run then takes that turn again, and
with an event that has arrived meanwhile it may turn another way. So a commit does not add to what stands here, it
says what shall stand: the lines of the trace up to its last, the names listened for, whether the run is over. What
the turn that never was had written in their place is written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.commands import Commit, Fact, Interest, Transition
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import send_id
from orchestrator.core.events.run_events import Committed
from orchestrator.core.facts import fact, fact_kinds
from orchestrator.core.journey.chains import CHAIN_REST
from orchestrator.core.run.routing import MOST_CHAIN, by_time, consequences
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.customers.view import EVERYTHING, asked_segments, history_names, history_since, load_view
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.facts import Taker, stored_facts
from orchestrator.store.runs.customer_changes import apply_changes

_RECORD = text("""
with me as (
    select r.customer_id, r.workflow_id, r.journey_key, r.entered_at, c.stage as customer_stage, c.time_zone,
        coalesce(heard.chain, r.chain) as chain, coalesce(heard.at, r.chain_at) as chain_at,
        coalesce(r.booked_task > cast(:task as timestamptz) + interval '5 seconds', false)
            or coalesce(r.closing_run_id <> :execution, false) as superseded,
        :over or exists (
            select from runs o where o.workflow_id = r.workflow_id and o.finished_at is null and o.id <> r.id
        ) as over
    from runs r left join customers c on c.id = r.customer_id left join lateral (
        select max(case when kind = 'system' then coalesce(cast(context ->> 'chain' as int), 0) else 0 end) as chain,
            max(occurred_at) as at
        from events where message_id = any(cast(:heard as text[]))
    ) heard on true where r.id = :run
    for update of r  -- so that a merge of customers is seen as a whole, before or after
), valid as (
    select * from me where not superseded
), recorded as (
    insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
    select :run, t.seq, valid.journey_key, valid.customer_id, t.at, t.what, t.step, t.occurrence, t.port, t.note
    from valid, jsonb_to_recordset(cast(:transitions as jsonb)) as t(
        seq int, at timestamptz, what text, step text, occurrence int, port text, note jsonb)
    on conflict (run_id, seq) do update set at = excluded.at, what = excluded.what, step = excluded.step,
        occurrence = excluded.occurrence, port = excluded.port, note = excluded.note
), undone as (
    delete from transitions where run_id = :run and seq > :seq and exists (select from valid)
), listened as (
    insert into listening (customer_id, event_name, run_id, workflow_id)
    select valid.customer_id, name, :run, valid.workflow_id from valid, unnest(cast(:listening as text[])) as name
    on conflict do nothing returning event_name
), forgotten as (
    delete from listening
    where run_id = :run and event_name <> all(cast(:listening as text[])) and exists (select from valid)
), stood as (
    update runs set
        plan_hash = coalesce(:plan, plan_hash),
        version = coalesce(:version, version),
        parked_at = case when not :moved then parked_at end,
        parked_for = case when not :moved then parked_for end,
        status = case when valid.over then 'finished' else 'running' end,
        step = :step,
        stage = coalesce(:stage, stage),
        waiting_until = cast(:waiting_until as timestamptz),
        finished_at = case when valid.over then coalesce(finished_at, cast(:now as timestamptz)) end,
        reason = case when valid.over then coalesce(:reason, reason) end,
        closing_run_id = case when :over then :execution when valid.over then closing_run_id end,
        problem = case
            when valid.over or split_part(problem, ':', 1) is distinct from cast(:step as varchar)
                or split_part(problem, ':', 2) like 'commit.%' then null
            else problem
        end,
        booked_task = cast(:task as timestamptz),
        chain = valid.chain,
        chain_at = valid.chain_at
    from valid where id = :run
), moving as (
    select customer_id, customer_stage, cast(:moves_to as text) as stage from valid
    where cast(:moves_to as text) is distinct from customer_stage and cast(:moves_to as text) is not null
), moved as (
    update customers set stage = moving.stage, stage_since = :now, updated_at = :now
    from moving where id = moving.customer_id
), told as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select :told_id, customer_id, 'system', :told_name, jsonb_build_object('from', customer_stage, 'to', stage),
        (select jsonb_build_object('chain', case when chain_at > cast(:now as timestamptz) - interval '1 hour'
            then chain + 1 else 1 end) from valid),
        cast(:now as timestamptz), cast(:now as timestamptz)
    from moving on conflict do nothing returning message_id
)
select customer_id, customer_stage, time_zone, entered_at, superseded, chain, chain_at,
    (select array_agg(event_name) from listened) as newly,
    (select count(pg_notify(:channel, '')) from told) as told
from me
""")
_READ_BACK = text("""
select e.message_id, e.name, e.occurred_at, e.properties
from unnest(cast(:names as text[]), cast(:since as timestamptz[])) as asked(name, since)
join events e on e.customer_id = :customer and e.name = asked.name and e.occurred_at >= asked.since
where case when e.kind = 'system' then coalesce(cast(e.context ->> 'chain' as int), 0) else 0 end <= :most_chain
""")
_EMIT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:message_id, :customer, 'system', :name, cast(:properties as jsonb),
    jsonb_build_object('chain', cast(:chain as int)), :at, :now)
on conflict do nothing
""")
_GIVE_UP = text("""
update sends set status = 'skipped', reason = 'moved', hold_until = null,
    inputs = inputs || jsonb_build_object('reason', jsonb_build_object('code', 'moved'))
where id = :send and status = 'held'
""")
_SET_STAGE = text("update customers set stage = :stage, stage_since = :now, updated_at = :now where id = :customer")
_NOTIFY = text("select pg_notify(:channel, '')")
LATE = timedelta(days=1)
"""How long before a run's entry was decided its entry event is taken to have happened at most."""


class UnknownRun(LookupError):
    """There is no such run: its row was never written, or was erased."""


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """Where a run stands once a commit is carried out, and who says so."""

    seq: int
    """Of the last line of its trace."""
    listening: tuple[str, ...]
    """Every event name that it listens for."""
    task: datetime
    """When Temporal handed out the workflow task that books; real time. A worker that was frozen and taken for dead
    may book after its successor: that changes nothing any more."""
    execution: str
    """Temporal's run id. Only the execution that ended a run may still book for it."""
    plan: str | None = None
    """Hash of the plan that it follows; None: the one by which it began, and so is ``version``."""
    version: int | None = None


@dataclass(frozen=True)
class RunCommits:
    """Carries out commits on one database. ``time_zone``: of customers whose own is not known."""

    engine: AsyncEngine
    time_zone: str = DEFAULT_ZONE

    async def carry_out(self, run: UUID, commit: Commit, now: datetime, standing: RunSnapshot) -> Committed:
        """Record, change and emit in one transaction; then read back and answer.

        The interest is committed before anything is read back: an event that is stored after the read-back meets a
        listener, one stored before it is read.
        """
        changing, left = bool(commit.changes or commit.emit), _left_by_move(commit)
        more = changing or left is not None
        async with self.engine.connect() as db:
            if not more:  # a single statement is its own transaction, and one round trip
                await db.execution_options(isolation_level="AUTOCOMMIT")
            record = (await db.execute(_RECORD, _recording(run, commit, now, standing))).one_or_none()
            if record is None:
                raise UnknownRun(str(run))
            if more:
                if not record.superseded:
                    if left is not None:
                        await db.execute(_GIVE_UP, {"send": send_id(str(run), left.step, left.occurrence)})
                    if changing:
                        await _change(db, run, record, commit, now)
                await db.commit()
            listen = (*commit.listen, *_missed_interests(record, commit))
            committed = await self._answer(
                db, record.customer_id, record.time_zone or self.time_zone, commit, listen, now
            )
        if any(asked.kind in stored_facts() for asked in commit.facts):
            taker = Taker(record.customer_id, run, record.superseded)
            return replace(committed, facts=await self._with_stored(commit, committed, taker, now))
        return committed

    async def _with_stored(self, commit: Commit, committed: Committed, taker: Taker, now: datetime) -> tuple[Any, ...]:
        """The facts with those of the store, which are taken last, on a connection of their own: what is asked for here
        is committed already, so a crash in between costs nothing but the question, asked again."""
        facts, stored = list(committed.facts), stored_facts()
        for n, asked in enumerate(commit.facts):
            if asked.kind in stored:
                facts[n] = await stored[asked.kind](self.engine, asked, taker, now)
        return tuple(facts)

    async def _answer(
        self, db: AsyncConnection, customer: UUID, zone: str, commit: Commit, listen: Sequence[Interest], now: datetime
    ) -> Committed:
        heard = await _read_back(db, customer, listen)
        if not commit.ask and not any(_looks_closer(asked) for asked in commit.facts):
            return Committed(now, heard, facts=_facts(commit, Customer(zone=zone), now))
        # Of a run that an outage holds up: what it asks, it asks of the present.
        as_of = max(commit.as_of or now, now)
        since = {} if commit.facts else history_since(commit.ask, as_of)  # facts look at all that they name
        view = await load_view(db, customer, _history(commit), self.time_zone, since, asked_segments(commit.ask))
        verdicts = [evaluate(condition, view, as_of, commit.entry) for condition in commit.ask]
        until = min((verdict.until for verdict in verdicts if verdict.until is not None), default=None)
        return Committed(now, heard, tuple(verdict.truth for verdict in verdicts), until, _facts(commit, view, now))


def _looks_closer(asked: Fact) -> bool:
    """Whether more than the customer's time zone has to be known to answer a fact."""
    kind = fact_kinds()[asked.kind]
    return kind.profile or kind.events(asked) != frozenset()


def _history(commit: Commit) -> frozenset[str] | None:
    """Names of the events that a commit's questions look at; None: all of them."""
    names = history_names(commit.ask)
    for asked in commit.facts:
        looked_at = fact_kinds()[asked.kind].events(asked)
        if looked_at is None:
            return EVERYTHING
        names |= looked_at
    return names


def _facts(commit: Commit, view: Customer, now: datetime) -> tuple[Any, ...]:
    """The answers that follow from the customer alone; None in the places of those that are taken out of the store."""
    return tuple(None if asked.kind in stored_facts() else fact(asked, view, now) for asked in commit.facts)


def _missed_interests(record: Any, commit: Commit) -> tuple[Interest, ...]:
    """Names that the run thought it was listening for, and was not: a turn that never was had stopped listening. What
    arrived since is read back from before the run's beginning; the core knows which of it is news."""
    told = {interest.name for interest in commit.listen}
    return tuple(Interest(name, record.entered_at - LATE) for name in record.newly or () if name not in told)


def _recording(run: UUID, commit: Commit, now: datetime, standing: RunSnapshot) -> dict[str, Any]:
    return {
        "run": run,
        "transitions": orjson.dumps([_transition(one) for one in commit.transitions]).decode(),
        "seq": standing.seq,
        "listening": list(standing.listening),
        "heard": [one.note["message_id"] for one in commit.transitions if one.note.get("message_id")],
        "over": commit.ended is not None,
        "step": commit.step,
        "stage": commit.stage,
        "waiting_until": commit.waiting_until,
        "now": now,
        "reason": commit.ended,
        "task": standing.task,
        "execution": standing.execution,
        "plan": standing.plan,
        "version": standing.version,
        "moved": any(one.what == "moved" for one in commit.transitions),
        **_moving(run, commit, now),
    }


def _left_by_move(commit: Commit) -> Transition | None:
    """The visit that an operator's move has ended, if there is one: what it was about to send is not sent."""
    move = next((one for one in commit.transitions if one.what == "moved"), None)
    if move is None or not any(one.what == "entered" and one.seq > move.seq for one in commit.transitions):
        return None
    return move


def _moving(run: UUID, commit: Commit, now: datetime) -> dict[str, Any]:
    """A change of stage that comes alone travels in the one statement; beside others it keeps its place after them."""
    if commit.stage is None or commit.changes or commit.emit:
        return {"moves_to": None, "told_id": "", "told_name": "", "channel": EVENTS_CHANNEL}
    [told] = consequences(commit, str(run), None, now)
    return {"moves_to": commit.stage, "told_id": told.message_id, "told_name": told.name, "channel": EVENTS_CHANNEL}


def _transition(one: Transition) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": one.at.astimezone(UTC).isoformat(),
        "what": one.what,
        "step": one.step,
        "occurrence": one.occurrence,
        "port": one.port,
        "note": one.note,
    }


async def _read_back(db: AsyncConnection, customer: UUID, listen: Sequence[Interest]) -> tuple[CustomerEvent, ...]:
    asked = [(interest.name, interest.since) for interest in listen if interest.since is not None]
    if not asked:
        return ()
    given = {"customer": customer, "names": [name for name, _ in asked], "since": [since for _, since in asked]}
    given["most_chain"] = MOST_CHAIN
    rows = await db.execute(_READ_BACK, given)
    return by_time(CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties) for row in rows)


async def _change(db: AsyncConnection, run: UUID, record: Any, commit: Commit, now: datetime) -> None:
    """Profile, stage, and the events that tell of both and of what the run emits."""
    customer, stage_before = record.customer_id, record.customer_stage
    recent = record.chain_at is not None and record.chain_at > now - CHAIN_REST
    if commit.changes:
        await apply_changes(db, run, customer, commit.changes, now)
    for customer_event in consequences(commit, str(run), stage_before, now):
        properties = orjson.dumps(customer_event.properties, option=orjson.OPT_NON_STR_KEYS).decode()
        given = {"message_id": customer_event.message_id, "customer": customer, "name": customer_event.name}
        given["chain"] = record.chain + 1 if recent else 1
        await db.execute(_EMIT, {**given, "properties": properties, "at": customer_event.occurred_at, "now": now})
    if commit.stage is not None and commit.stage != stage_before:
        await db.execute(_SET_STAGE, {"stage": commit.stage, "now": now, "customer": customer})
    await db.execute(_NOTIFY, {"channel": EVENTS_CHANNEL})
