"""Journeys that set each other off come to an end: by the depth of a chain, by the entries of a customer in an hour."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Change, Commit, Interest, Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, load_plan, plan_of, read_and_check
from orchestrator.core.run.routing import MOST_CHAIN, Routes
from orchestrator.store.database import create_engine
from orchestrator.store.runs.commits import RunCommits, RunSnapshot
from orchestrator.store.runs.entries import ToStart
from orchestrator.store.runs.live_plans import LivePlan
from orchestrator.store.runs.routing import RoutingStore
from orchestrator.store.runs.run_list import list_runs
from tests.core.run.driver import Document, step, straight, wait

T0 = datetime(2026, 1, 5, 1, tzinfo=UTC)
CUSTOMER = uuid4()
_CUSTOMER = text("""
insert into customers (id, attributes, consents, consented_at, tags, created_at, updated_at)
values (:id, '{}', '{}', '{}', '[]', :at, :at)
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', :name, '{}', cast(:context as jsonb), :at, :at)
""")
_DECISIONS = text("select journey_key, admitted, reason from entry_decisions order by at, admitted desc")


def plan(key: str, event: str, *steps: Document) -> Plan:
    document = {**straight(*steps), "key": key, "reentry": {"mode": "after_end"}}
    document["entry"] = {"triggers": [{"kind": "event", "event": event}]}
    parsed, _ = read_and_check(document)
    assert parsed is not None
    return load_plan(plan_of(parsed).body)


A = plan("a", "A", step("t", "emit_event", event="B"))
B = plan("b", "B", step("t", "emit_event", event="A"))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with engine.begin() as db:
        await db.execute(_CUSTOMER, {"id": CUSTOMER, "at": T0})
    yield engine
    await engine.dispose()


async def track(engine: AsyncEngine, name: str, at: datetime = T0, context: str = "{}") -> None:
    given = {"id": str(uuid4()), "customer": CUSTOMER, "name": name, "context": context, "at": at}
    async with engine.begin() as db:
        await db.execute(_EVENT, given)


async def walk(engine: AsyncEngine, plans: Mapping[str, Plan], pause: timedelta, rounds: int = 60) -> int:
    """Routes and carries out whatever follows from what is stored; how many entries were decided."""
    store, commits, now, decided = RoutingStore(engine), RunCommits(engine), T0, 0
    routes = Routes(tuple(plans.values()))
    for _ in range(rounds):
        events = await store.unrouted(10)
        for event in events:
            for one in routes.triggered(event.customer_event):
                decided += 1
                run = await store.decide(LivePlan(one, 1), event, now)
                if run is not None:
                    now += pause
                    await go_through(commits, run, one, now)
        await store.mark_routed(events, now)
    return decided


async def go_through(commits: RunCommits, run: ToStart, one: Plan, now: datetime) -> None:
    """The run emits its event, and is over."""
    name = one.steps["t"].emitted()[0].event
    told = CustomerEvent(str(uuid4()), name, now, {})
    commit = Commit(transitions=(Transition(1, now, "ended", "end", 1, "done", {}),), emit=(told,), ended="done")
    await commits.carry_out(run.run_id, commit, now, RunSnapshot(1, (), now, str(uuid4())))


async def decisions(engine: AsyncEngine) -> list[tuple[str, bool, str]]:
    async with engine.connect() as db:
        return [(row.journey_key, row.admitted, row.reason) for row in await db.execute(_DECISIONS)]


async def test_a_chain_ends_after_its_depth_with_a_reason(engine: AsyncEngine) -> None:
    await track(engine, "A")
    assert await walk(engine, {"a": A, "b": B}, timedelta(milliseconds=1)) == MOST_CHAIN + 2
    found = await decisions(engine)
    assert [reason for _, admitted, reason in found if not admitted] == ["chain"]
    assert len(found) == MOST_CHAIN + 2


async def test_what_waits_an_hour_between_is_another_occasion_each_time(engine: AsyncEngine) -> None:
    await track(engine, "A")
    assert await walk(engine, {"a": A, "b": B}, timedelta(hours=1), rounds=30) == 30
    assert all(admitted for _, admitted, _ in await decisions(engine))


async def test_what_a_client_says_of_a_chain_does_not_count(engine: AsyncEngine) -> None:
    for context in ('{"chain": 99}', '{"chain": "many"}', '{"chain": {}}'):
        await track(engine, "A", context=context)
    events = await RoutingStore(engine).unrouted(10)
    assert [event.chain for event in events] == [0, 0, 0]


async def test_a_customer_begins_only_so_many_runs_within_an_hour(engine: AsyncEngine) -> None:
    store = replace(RoutingStore(engine), most_starts=3)
    once = plan("once", "A", step("t", "emit_event", event="Nobody Hears"))
    commits = RunCommits(engine)
    for n in range(5):
        await track(engine, "A", T0 + timedelta(minutes=n))
    for n, event in enumerate(await store.unrouted(10)):
        now = T0 + timedelta(minutes=n)
        run = await store.decide(LivePlan(once, 1), event, now)
        if run is not None:
            await go_through(commits, run, once, now)
    assert [reason for *_, reason in await decisions(engine)] == ["admitted"] * 3 + ["too_many_starts"] * 2
    await track(engine, "A", T0 + timedelta(hours=1, minutes=1))
    events = await store.unrouted(10)
    assert await store.decide(LivePlan(once, 1), events[-1], T0 + timedelta(hours=1, minutes=1)) is not None


async def test_runs_that_wake_each_other_are_cut_and_say_so(engine: AsyncEngine) -> None:
    """A run that hears an event of a chain passes its depth on; one beyond the depth is not read back."""
    store, commits = RoutingStore(engine), RunCommits(engine)
    waits = plan("waits", "A", wait("w", "Ping", window=None), step("t", "emit_event", event="Pong"))
    await track(engine, "A")
    [entry] = await store.unrouted(10)
    run = await store.decide(LivePlan(waits, 1), entry, T0)
    assert run is not None
    await store.mark_routed([entry], T0)
    asked = Commit(listen=(Interest("Ping", T0),), step="w", transitions=(Transition(1, T0, "entered", "w"),))
    heard = await commits.carry_out(run.run_id, asked, T0, RunSnapshot(1, ("Ping",), T0, "x"))
    assert heard.heard == ()
    depth = await _emit_at(engine, commits, run, MOST_CHAIN)
    [told] = await store.unrouted(10)
    assert (told.customer_event.name, told.chain, depth) == ("Pong", MOST_CHAIN + 1, MOST_CHAIN + 1)
    await store.cut(await store.listeners([replace(told, customer_event=replace(told.customer_event, name="Ping"))]))
    [row] = (await list_runs(engine, status="problem")).rows
    assert row.problem == "w:chain"
    ended = Commit(transitions=(Transition(9, T0, "ended", "end"),), ended="done", step="end")
    await commits.carry_out(run.run_id, ended, T0, RunSnapshot(9, (), T0, "x"))
    assert (await list_runs(engine, status="problem")).rows == []


async def _emit_at(engine: AsyncEngine, commits: RunCommits, run: ToStart, depth: int) -> int:
    """The run hears an event of a depth, and emits one; the depth of that."""
    ping = str(uuid4())
    given = {"id": ping, "customer": CUSTOMER, "name": "Ping", "context": f'{{"chain": {depth}}}', "at": T0}
    async with engine.begin() as db:
        await db.execute(_EVENT, given)
        await db.execute(text("update events set kind = 'system', routed_at = :at where message_id = :id"), given)
    left = Transition(2, T0, "left", "w", 1, "happened", {"message_id": ping})
    told = CustomerEvent(str(uuid4()), "Pong", T0, {})
    change = Change(str(uuid4()), "set", "n", 1)
    commit = Commit(transitions=(left,), step="w", emit=(told,), changes=(change,) if depth < 0 else ())
    await commits.carry_out(run.run_id, commit, T0, RunSnapshot(2, ("Ping",), T0, "x"))
    async with engine.connect() as db:
        found: Any = await db.execute(
            text("select context from events where message_id = :id"), {"id": told.message_id}
        )
        return int(found.scalar_one()["chain"])
