"""A customer's arm is recorded once, when the step is taken, and stands whatever is changed or repeated after."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Commit, Fact
from orchestrator.core.events.ids import experiment_id
from orchestrator.core.experiments.facts import exposure_fact
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.erasures.erase import erase_person
from orchestrator.store.experiments.exposures import take_arm
from orchestrator.store.facts import Taker
from orchestrator.store.intake.merge import lock_identities, merge_customers
from orchestrator.store.runs.commits import RunCommits, RunSnapshot
from tests.waiting import until

T0 = datetime(2026, 1, 5, 1, tzinfo=UTC)
HALVES = {"a": 50, "b": 50}
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, entered_at)
values (:run, 'cart/' || cast(:run as text), :journey, :version, 'h', :customer, '', 'running', :at)
""")
_CUSTOMER = text("insert into customers (id, created_at, updated_at) values (:id, now(), now()) on conflict do nothing")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def begin(engine: AsyncEngine, customer: UUID, *, journey: str = "cart", version: int = 1) -> Taker:
    run = uuid4()
    async with engine.begin() as db:
        await db.execute(_CUSTOMER, {"id": customer})
        given = {"run": run, "customer": customer, "journey": journey, "version": version, "at": T0}
        await db.execute(_RUN, given)
    return Taker(customer, run)


def asked(arm: str = "a", weights: dict[str, int] | None = None, name: str = "colour") -> Fact:
    return exposure_fact(name, "visit", "split", arm, weights or HALVES)


async def exposures(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as db:
        return list(await db.execute(text("select * from exposures order by at, customer_id")))


async def test_the_first_time_records_all_that_is_asked_later(engine: AsyncEngine) -> None:
    taker = await begin(engine, uuid4(), version=3)
    assert await take_arm(engine, asked("b", {"a": 1, "b": 3}), taker, T0) == "b"
    [row] = await exposures(engine)
    assert row.experiment_id == experiment_id("cart", "colour")
    assert (row.customer_id, row.arm, row.version, row.step) == (taker.customer, "b", 3, "split")
    assert (row.run_id, row.at, row.weights) == (taker.run, T0, {"a": 1, "b": 3})
    assert (row.moved_from, row.crossed) == (None, False)


async def test_weights_that_are_changed_move_nobody_not_even_to_nothing(engine: AsyncEngine) -> None:
    taker = await begin(engine, uuid4())
    await take_arm(engine, asked("a"), taker, T0)
    again = await begin(engine, taker.customer, version=2)
    for weights in ({"a": 1, "b": 99}, {"a": 0, "b": 1}, {"a": 0, "b": 1, "c": 1}):
        assert await take_arm(engine, asked("b", weights), again, T0 + timedelta(days=1)) == "a"
    [row] = await exposures(engine)
    assert (row.arm, row.at, row.version) == ("a", T0, 1)


async def test_of_an_arm_that_is_no_more_the_customer_is_assigned_anew_and_that_is_told(engine: AsyncEngine) -> None:
    taker = await begin(engine, uuid4())
    await take_arm(engine, asked("a"), taker, T0)
    for arm, weights in (("b", {"b": 1, "c": 1}), ("c", {"b": 1, "c": 9}), ("c", {"c": 1, "d": 1})):
        await take_arm(engine, asked(arm, weights), taker, T0 + timedelta(days=1))
    [row] = await exposures(engine)
    assert (row.arm, row.moved_from, row.at) == ("c", "a", T0)
    assert row.weights == {"c": 1, "d": 1}


async def test_one_name_in_two_journeys_is_two_experiments(engine: AsyncEngine) -> None:
    customer = uuid4()
    assert await take_arm(engine, asked("a"), await begin(engine, customer), T0) == "a"
    other = await begin(engine, customer, journey="news")
    assert await take_arm(engine, asked("b"), other, T0) == "b"
    assert len(await exposures(engine)) == 2


async def test_many_at_once_of_different_opinions_leave_one_record_and_hear_the_same(
    engine: AsyncEngine, database_url: str
) -> None:
    """Two workers, each with its commits twice, and the weights changed between them."""
    customer, other_engine = uuid4(), create_engine(database_url)
    takers = [await begin(engine, customer), await begin(engine, customer, version=2)]
    told = await asyncio.gather(
        *(take_arm(which, asked(arm), taker, T0)
          for which in (engine, other_engine) for taker in takers for arm in ("a", "b") for _ in range(2))
    )  # fmt: skip
    await other_engine.dispose()
    [row] = await exposures(engine)
    assert set(told) == {row.arm}


async def test_a_commit_whose_worker_died_before_it_was_through_is_carried_out_as_if_for_the_first_time(
    engine: AsyncEngine, database_url: str
) -> None:
    """PostgreSQL is told to cut the connection of the one who is waiting at the row; what it wrote is gone."""
    taker = await begin(engine, uuid4())
    commits, standing = RunCommits(engine), RunSnapshot(0, (), T0, "x")
    waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with (
        await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as watcher,
        engine.connect() as other,
    ):
        await other.execute(text("select from runs where id = :run for update"), {"run": taker.run})
        dying = asyncio.create_task(take_arm(engine, asked("a"), taker, T0))

        async def pid() -> tuple[int] | None:
            return await (await watcher.execute(waiting)).fetchone()

        await until(pid, "somebody waits for the run's row")
        found = await pid()
        assert found is not None
        await watcher.execute("select pg_terminate_backend(%s)", found)
        with pytest.raises(Exception, match="terminat"):
            await dying
        await other.rollback()
    assert await exposures(engine) == []
    commit = Commit(facts=(Fact("zone"), asked("b")))
    for _ in range(2):
        assert (await commits.carry_out(taker.run, commit, T0, standing)).facts == ("Asia/Seoul", "b")
    [row] = await exposures(engine)
    assert row.arm == "b"


async def test_a_commit_that_counts_no_more_and_one_of_a_run_that_is_over_record_nothing(engine: AsyncEngine) -> None:
    taker = await begin(engine, uuid4())
    assert await take_arm(engine, asked("a"), Taker(taker.customer, taker.run, superseded=True), T0) == "a"
    async with engine.begin() as db:
        await db.execute(text("update runs set finished_at = now() where id = :run"), {"run": taker.run})
    assert await take_arm(engine, asked("a"), taker, T0) == "a"
    assert await take_arm(engine, asked("b"), Taker(uuid4(), uuid4()), T0) == "b"  # of a run that was erased
    assert await exposures(engine) == []


async def test_new_customers_go_by_the_weights_that_the_workspace_moved(engine: AsyncEngine) -> None:
    known, new = await begin(engine, uuid4()), await begin(engine, uuid4())
    await take_arm(engine, asked("a"), known, T0)
    async with engine.begin() as db:
        await db.execute(text('update experiments set allocation = \'{"a": 0, "b": 7}\''))
    assert await take_arm(engine, asked("a"), known, T0) == "a"
    assert await take_arm(engine, asked("a"), new, T0 + timedelta(seconds=1)) == "b"
    assert (await exposures(engine))[1].weights == {"a": 0, "b": 7}
    # An allocation that knows none of the arms is of another time.
    gone = {"x": 1, "y": 1}
    assert await take_arm(engine, asked("x", gone), await begin(engine, uuid4()), T0) == "x"


# --- people -----------------------------------------------------------------------------------------------------------


async def merge(database_url: str, source: UUID, target: UUID) -> None:
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url)) as connection:
        await lock_identities(connection)
        await merge_customers(connection, source, target, T0)


async def test_of_two_who_are_one_person_the_earlier_exposure_stands_and_two_arms_are_marked(
    engine: AsyncEngine, database_url: str
) -> None:
    visitor, known = uuid4(), uuid4()
    first, second = await begin(engine, visitor), await begin(engine, known)
    later = T0 + timedelta(hours=1)
    await take_arm(engine, asked("a", name="two arms"), first, T0)
    await take_arm(engine, asked("b", name="two arms"), second, later)
    await take_arm(engine, asked("a", name="same arm"), first, later)
    await take_arm(engine, asked("a", name="same arm"), second, T0)
    await take_arm(engine, asked("b", name="of the visitor alone"), first, T0)
    await merge(database_url, visitor, known)
    named = {experiment_id("cart", name): name for name in ("two arms", "same arm", "of the visitor alone")}
    rows = await exposures(engine)
    found = {named[row.experiment_id]: (row.arm, row.at, row.run_id, row.crossed) for row in rows}
    assert found == {
        "two arms": ("a", T0, first.run, True),
        "same arm": ("a", T0, second.run, False),
        "of the visitor alone": ("b", T0, first.run, False),
    }
    assert {row.customer_id for row in rows} == {known}
    assert len(rows) == 3
    # And who takes the step next has the arm of the first time.
    assert await take_arm(engine, asked("b", name="two arms"), second, later) == "a"


async def test_an_exposure_beside_a_merge_is_of_who_remains(engine: AsyncEngine, database_url: str) -> None:
    """The merge has the run's row in its hand; the exposure waits, and is written for the other."""
    visitor, known = uuid4(), uuid4()
    first, _ = await begin(engine, visitor), await begin(engine, known)
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url)) as connection:
        await lock_identities(connection)
        await merge_customers(connection, visitor, known, T0)
        taking = asyncio.create_task(take_arm(engine, asked("a"), first, T0))
        waiting = text("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
        async with engine.connect() as watcher:
            await watcher.execution_options(isolation_level="AUTOCOMMIT")
            await until(lambda: watcher.scalar(waiting), "the exposure waits for the merge")
        await connection.commit()
    assert await taking == "a"
    [row] = await exposures(engine)
    assert row.customer_id == known


async def test_an_erased_person_leaves_no_exposure(engine: AsyncEngine) -> None:
    jane, joe = await begin(engine, uuid4()), await begin(engine, uuid4())
    for taker in (jane, joe):
        await take_arm(engine, asked("a"), taker, T0)
    async with engine.begin() as db:
        counts = await erase_person(db, [jane.customer], runs=[], nobody=uuid4(), at=T0)
    assert counts["exposures"] == 1
    assert [row.customer_id for row in await exposures(engine)] == [joe.customer]
