"""A commit says what shall stand: a turn that is taken again, another way, leaves no trace of the first."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Commit, Interest, Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.runs.commits import RunCommits, RunSnapshot

T0 = datetime(2026, 1, 5, 1, tzinfo=UTC)
CUSTOMER, RUN = uuid4(), uuid4()
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, entered_at)
values (:id, :workflow, 'cart', 1, 'hash', :customer, '', 'starting', :at)
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', :name, '{}', '{}', :at, :at)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with engine.begin() as db:
        await db.execute(_RUN, {"id": RUN, "workflow": "cart/c", "customer": CUSTOMER, "at": T0})
    yield engine
    await engine.dispose()


@pytest.fixture
def commits(engine: AsyncEngine) -> RunCommits:
    return RunCommits(engine)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def line(seq: int, what: Any, step: str, port: str = "") -> Transition:
    return Transition(seq, after(seq), what, step, 1, port, {})


WAITING = Commit(transitions=(line(1, "entered", "wait"),), listen=(Interest("Viewed", T0), Interest("Bought", T0)))
STOOD = RunSnapshot(1, ("Viewed", "Bought"), after(1), "x1")
TIMED_OUT = Commit(transitions=(line(2, "left", "wait", "timeout"), line(3, "entered", "mail")), unlisten=("Viewed",))
LATER = RunSnapshot(3, ("Bought",), after(30), "x1")


async def trace(engine: AsyncEngine) -> list[tuple[int, str, str, str]]:
    async with engine.connect() as db:
        rows = await db.execute(text("select seq, what, step, port from transitions order by seq"))
        return [(row.seq, row.what, row.step, row.port) for row in rows]


async def listening(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as db:
        return set((await db.execute(text("select event_name from listening"))).scalars())


async def run(engine: AsyncEngine) -> Any:
    async with engine.connect() as db:
        return (await db.execute(text("select * from runs where id = :id"), {"id": RUN})).one()


async def happen(engine: AsyncEngine, name: str, at: datetime) -> None:
    async with engine.begin() as db:
        await db.execute(_EVENT, {"id": name, "customer": CUSTOMER, "name": name, "at": at})


async def test_twice_has_the_effect_of_once(engine: AsyncEngine, commits: RunCommits) -> None:
    for _ in range(2):
        await commits.carry_out(RUN, WAITING, after(1), STOOD)
    assert await trace(engine) == [(1, "entered", "wait", "")]
    assert await listening(engine) == {"Viewed", "Bought"}


async def test_the_worker_dies_and_meanwhile_the_customer_buys(engine: AsyncEngine, commits: RunCommits) -> None:
    """First the deadline was committed, and lost with its worker; the turn taken again finds a purchase."""
    await commits.carry_out(RUN, WAITING, after(1), STOOD)
    await commits.carry_out(RUN, TIMED_OUT, after(30), LATER)
    bought = Commit(transitions=(line(2, "ended", "wait"),), ended="bought", step="wait")
    await commits.carry_out(RUN, bought, after(40), RunSnapshot(2, (), after(40), "x1"))
    assert await trace(engine) == [(1, "entered", "wait", ""), (2, "ended", "wait", "")]
    assert await listening(engine) == set()
    over = await run(engine)
    assert (over.status, over.reason, over.closing_run_id) == ("finished", "bought", "x1")


async def test_a_run_that_goes_on_waiting_hears_again(engine: AsyncEngine, commits: RunCommits) -> None:
    """The lost turn had stopped listening; what arrived while nobody listened is read back."""
    await commits.carry_out(RUN, WAITING, after(1), STOOD)
    await commits.carry_out(RUN, TIMED_OUT, after(30), LATER)
    await happen(engine, "Viewed", after(35))
    again = Commit(transitions=(line(2, "left", "wait", "more"), line(3, "entered", "wait")))
    committed = await commits.carry_out(RUN, again, after(40), replace(STOOD, seq=3, task=after(40)))
    assert await listening(engine) == {"Viewed", "Bought"}
    assert [customer_event.name for customer_event in committed.heard] == ["Viewed"]


async def test_an_end_that_never_was(engine: AsyncEngine, commits: RunCommits) -> None:
    await commits.carry_out(RUN, WAITING, after(1), STOOD)
    end = Commit(transitions=(line(2, "ended", "wait"),), ended="through")
    await commits.carry_out(RUN, end, after(30), RunSnapshot(2, (), after(30), "x1"))
    await commits.carry_out(RUN, TIMED_OUT, after(40), replace(LATER, task=after(40)))
    going_on = await run(engine)
    assert (going_on.status, going_on.finished_at, going_on.reason) == ("running", None, None)
    assert (await trace(engine))[-1] == (3, "entered", "mail", "")


async def test_an_end_after_which_a_new_run_was_let_in_stands(engine: AsyncEngine, commits: RunCommits) -> None:
    await commits.carry_out(RUN, WAITING, after(1), STOOD)
    end = Commit(transitions=(line(2, "ended", "wait"),), ended="through")
    await commits.carry_out(RUN, end, after(30), RunSnapshot(2, (), after(30), "x1"))
    async with engine.begin() as db:
        await db.execute(_RUN, {"id": uuid4(), "workflow": "cart/c", "customer": CUSTOMER, "at": after(35)})
    await commits.carry_out(RUN, TIMED_OUT, after(40), replace(LATER, task=after(40)))
    assert (await run(engine)).status == "finished"


@pytest.mark.parametrize(
    "given_up", [replace(LATER, task=after(30)), replace(LATER, task=after(60), execution="x2")], ids=["task", "run"]
)
async def test_who_was_given_up_writes_nothing(engine: AsyncEngine, commits: RunCommits, given_up: RunSnapshot) -> None:
    """A worker frozen for longer than its task was its own; an execution begun for a run that is over."""
    await commits.carry_out(RUN, WAITING, after(1), STOOD)
    end = Commit(transitions=(line(2, "ended", "wait"),), ended="bought")
    await commits.carry_out(RUN, end, after(50), RunSnapshot(2, (), after(50), "x1"))
    await commits.carry_out(RUN, TIMED_OUT, after(31), given_up)
    assert await trace(engine) == [(1, "entered", "wait", ""), (2, "ended", "wait", "")]
    assert await listening(engine) == set()
    assert (await run(engine)).status == "finished"


async def test_the_clock_of_another_temporal_host_may_be_a_little_behind(
    engine: AsyncEngine, commits: RunCommits
) -> None:
    await commits.carry_out(RUN, WAITING, after(1), replace(STOOD, task=after(33)))
    await commits.carry_out(RUN, TIMED_OUT, after(30), LATER)
    assert len(await trace(engine)) == 3
    assert isinstance((await run(engine)).id, UUID)


@pytest.mark.parametrize("emitted", [(), (CustomerEvent("e1", "Asked", T0, {}),)], ids=["alone", "beside an event"])
async def test_a_change_of_stage_is_kept_and_told_once(
    engine: AsyncEngine, commits: RunCommits, emitted: tuple[CustomerEvent, ...]
) -> None:
    """However it travels, alone in the one statement or after what the step emits."""
    async with engine.begin() as db:
        made = "insert into customers (id, stage, created_at, updated_at) values (:id, 'intake', :at, :at)"
        await db.execute(text(made), {"id": CUSTOMER, "at": T0})
    commit = replace(WAITING, stage="adaptation", step="wait", emit=emitted)
    for _ in range(2):
        await commits.carry_out(RUN, commit, after(2), STOOD)
    await commits.carry_out(RUN, replace(commit, stage="churn_signal"), after(1), replace(STOOD, task=after(-60)))
    async with engine.connect() as db:
        [customer] = (await db.execute(text("select stage, stage_since from customers"))).all()
        told = (await db.execute(text("select name, properties, occurred_at from events order by seq"))).all()
    assert tuple(customer) == ("adaptation", after(2))
    changed = ("Lifecycle Stage Changed", {"from": "intake", "to": "adaptation"}, after(2))
    assert [tuple(one) for one in told] == [*(("Asked", {}, T0) for _ in emitted), changed]


async def test_the_router_is_told_of_a_change_of_stage(
    engine: AsyncEngine, commits: RunCommits, database_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as listener:
        await listener.execute(f"listen {EVENTS_CHANNEL}")
        await commits.carry_out(RUN, WAITING, after(1), STOOD)
        await commits.carry_out(RUN, replace(WAITING, stage="adaptation"), after(2), STOOD)
        assert [one.channel async for one in listener.notifies(timeout=1)] == [EVENTS_CHANNEL]
