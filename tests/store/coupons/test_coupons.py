"""Coupon codes: uploaded and generated, taken exactly once by whoever asks at the same time, redeemed once."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Commit, Fact
from orchestrator.core.coupons.pool import CodePattern, PoolDocument
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.coupons import codes, pools
from orchestrator.store.coupons.redeem import redeem_events
from orchestrator.store.coupons.take import take_coupon
from orchestrator.store.database import create_engine
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.facts import Taker
from orchestrator.store.runs.commits import RunCommits, RunSnapshot
from tests.waiting import until

T0 = datetime(2026, 1, 5, 1, tzinfo=UTC)
TAKER = Path(__file__).with_name("coupon_taker.py")
WORTH = {"en": "10% off", "ko": "10% 할인"}
TEN_PERCENT = PoolDocument.model_validate({"name": "Welcome", "worth": WORTH, "low_at": 3})
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, entered_at)
values (:run, 'w', 'cart', 1, 'h', :customer, '', 'starting', :at)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await pools.create_pool(engine, "welcome", TEN_PERCENT, T0, "me")
    yield engine
    await engine.dispose()


async def lines(given: Sequence[str]) -> AsyncIterator[str]:
    for one in given:
        yield one


async def upload(engine: AsyncEngine, *given: str, pool: str = "welcome") -> codes.Upload:
    return await codes.upload_codes(engine, pool, lines(given))


async def take(
    engine: AsyncEngine, visit: str, *, customer: UUID | None = None, now: datetime = T0, **more: Any
) -> Any:
    taker = Taker(customer or uuid4(), uuid4(), more.pop("superseded", False))
    return await take_coupon(engine, Fact("coupon", more.pop("pool", "welcome"), visit, more), taker, now)


async def stock(engine: AsyncEngine) -> pools.Stock:
    pool = await pools.load_pool(engine, "welcome")
    assert pool is not None
    return pool.stock


# --- taking ----------------------------------------------------------------------------------------------------------


async def test_processes_that_take_at_once_give_no_code_twice_lose_none_and_are_empty_when_all_are_gone(
    engine: AsyncEngine, database_url: str
) -> None:
    await codes.generate_codes(engine, "welcome", CodePattern(), 200)
    spans = [(0, 80), (60, 150), (140, 240)]  # of three workers, some with the same visits: 240 visits, 200 codes
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, str(TAKER), database_url, "welcome", str(a), str(b), stdout=-1, env=environment
        )
        for a, b in spans
    ]
    told = [json.loads((await worker.communicate())[0]) for worker in workers]
    answers: dict[str, set[str | None]] = {}
    for one in told:
        for visit, got in one.items():
            answers.setdefault(visit, set()).update(got)
    assert len(answers) == 240
    assert all(len(got) == 1 for got in answers.values()), "asked again, a visit gets what it had"
    given = [code for got in answers.values() for code in got if code is not None]
    assert len(given) == len(set(given)) == 200
    assert await stock(engine) == pools.Stock(total=200, taken=200, free=0, redeemed=0)


async def test_a_code_that_somebody_has_a_hand_on_is_waited_for_before_the_pool_counts_as_empty(
    engine: AsyncEngine,
) -> None:
    await upload(engine, "A-1")
    async with engine.connect() as other:
        await other.execute(text("select from coupon_codes where code = 'A-1' for update"))
        taking = asyncio.create_task(take(engine, "v1"))
        waits = text(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        async with engine.connect() as watcher:
            # Within one transaction PostgreSQL shows every look what the first one saw.
            await watcher.execution_options(isolation_level="AUTOCOMMIT")
            await until(lambda: watcher.scalar(waits), "somebody waits for the row")
        assert not taking.done()
        await other.rollback()
    assert (await taking)["code"] == "A-1"


async def test_a_code_comes_with_its_worth_in_the_customers_language_and_its_last_second(engine: AsyncEngine) -> None:
    week = TEN_PERCENT.model_copy(update={"valid_days": 7})
    await pools.change_pool(engine, "welcome", week, T0, "me")
    await upload(engine, "A-1", "A-2")
    jane = uuid4()
    async with engine.begin() as db:
        query = "insert into customers (id, locale, created_at, updated_at) values (:id, 'en', now(), now())"
        await db.execute(text(query), {"id": jane})
    assert await take(engine, "v1") == {"code": "A-1", "valid_until": "2026-01-12T23:59:59+09:00", "worth": "10% 할인"}
    assert (await take(engine, "v2", customer=jane))["worth"] == "10% off"
    again = await take(engine, "v1", now=T0 + timedelta(days=3))
    assert datetime.fromisoformat(again["valid_until"]) == datetime.fromisoformat("2026-01-12T23:59:59+09:00")


async def test_what_is_archived_over_or_unknown_gives_nothing_and_what_it_gave_stays(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    first = await take(engine, "v1")
    await pools.archive_pool(engine, "welcome", True, T0, "me")
    assert await take(engine, "v2") is None
    assert await take(engine, "v1") == first
    await pools.archive_pool(engine, "welcome", False, T0, "me")
    until = TEN_PERCENT.model_copy(update={"valid_until": date(2026, 1, 10)})
    await pools.change_pool(engine, "welcome", until, T0, "me")
    assert await take(engine, "v3", now=T0 + timedelta(days=6)) is None
    assert await take(engine, "v4", pool="nowhere") is None
    assert (await take(engine, "v5", now=T0 + timedelta(days=5)))["code"] == "A-2"


async def test_once_per_customer_holds_when_two_runs_ask_at_the_same_time(engine: AsyncEngine) -> None:
    await upload(engine, *(f"A-{n}" for n in range(20)))
    jane = uuid4()
    got = await asyncio.gather(*(take(engine, f"v{n}", customer=jane, once=True) for n in range(8)))
    assert sum("code" in one for one in got) == 1
    assert sum(one.get("had", False) for one in got) == 7
    assert (await stock(engine)).taken == 1


async def test_a_superseded_booking_finds_its_code_and_takes_none(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    assert await take(engine, "v1", superseded=True) is None
    first = await take(engine, "v1")
    assert await take(engine, "v1", superseded=True) == first


async def test_a_booking_answers_with_the_code_beside_other_facts(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    customer, run = uuid4(), uuid4()
    async with engine.begin() as db:
        await db.execute(_RUN, {"run": run, "customer": customer, "at": T0})
    commit = Commit(facts=(Fact("zone"), Fact("coupon", "welcome", "v1")))
    commits, standing = RunCommits(engine), RunSnapshot(0, (), T0, "x")
    first = await commits.carry_out(run, commit, T0, standing)
    assert first.facts == ("Asia/Seoul", {"code": "A-1", "worth": "10% 할인"})
    assert (await commits.carry_out(run, commit, T0, standing)).facts == first.facts
    [row] = await codes.find_codes(engine, ["A-1"])
    assert (row.customer_id, row.run_id, row.journey_key) == (customer, run, "cart")


# --- uploading and generating ----------------------------------------------------------------------------------------


async def test_an_upload_tells_line_by_line_what_it_left_out(engine: AsyncEngine) -> None:
    await pools.create_pool(engine, "other", TEN_PERCENT, T0, None)
    await upload(engine, "X-1", pool="other")
    await upload(engine, "B-1")
    done = await upload(engine, "\ufeffcode,note", "B-1,a", '"B-2";b', "", "B-2", "X-1", "B 3", "y" * 65, "B-4")
    assert done.added == 2
    assert [(line.number, line.problem) for line in done.lines] == [
        (2, "duplicate"),
        (5, "duplicate_in_file"),
        (6, "in_other_pool"),
        (7, "not_a_code"),
        (8, "too_long"),
    ]
    assert done.problems == dict.fromkeys(
        ("duplicate", "duplicate_in_file", "in_other_pool", "not_a_code", "too_long"), 1
    )
    assert (await upload(engine, "B-2", "B-4")).problems == {"duplicate": 2}


async def test_an_upload_ends_at_what_is_too_many(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.core.coupons.pool.MOST_AT_ONCE", 10)
    done = await upload(engine, *(f"C-{n}" for n in range(15)))
    assert done.added == 10
    assert [(line.number, line.problem) for line in done.lines] == [(11, "too_many")]


async def test_so_many_codes_are_generated_though_some_were_drawn_before(engine: AsyncEngine) -> None:
    drawn = iter("AAAAAAAABBBBAAAABBBBCCCCDDDD" * 3)
    pattern = CodePattern(prefix="WB", length=4, group=0)
    await codes.generate_codes(engine, "welcome", pattern, 3, lambda alphabet: next(drawn))
    page = await codes.list_codes(engine, "welcome", "free")
    assert [row.code for row in page.rows] == ["WB-AAAA", "WB-BBBB", "WB-CCCC"]


async def test_lists_go_page_by_page(engine: AsyncEngine) -> None:
    await upload(engine, *(f"D-{n}" for n in range(7)))
    for n in range(5):
        await take(engine, f"v{n}", now=T0 + timedelta(minutes=n // 2))
    first = await codes.list_codes(engine, "welcome", "taken", limit=3)
    rest = await codes.list_codes(engine, "welcome", "taken", first.next, limit=3)
    assert [row.code for row in (*first.rows, *rest.rows)] == ["D-4", "D-3", "D-2", "D-1", "D-0"]
    assert rest.next is None
    free = await codes.list_codes(engine, "welcome", "free", limit=1)
    assert [row.code for row in (await codes.list_codes(engine, "welcome", "free", free.next)).rows] == ["D-6"]


async def test_how_pools_stand(engine: AsyncEngine) -> None:
    async def standing(now: datetime = T0) -> str:
        async with engine.connect() as db:
            found = (await pools.load_standings(db, now))["welcome"]
        pool = await pools.load_pool(engine, "welcome")
        assert pool is not None
        assert pool.standing(now, "Asia/Seoul") == found
        return found

    assert await standing() == "empty"
    await upload(engine, "A-1", "A-2")
    assert await standing() == "low"
    await upload(engine, "A-3")
    assert await standing() == "ready"
    until = TEN_PERCENT.model_copy(update={"valid_until": date(2026, 1, 5)})
    await pools.change_pool(engine, "welcome", until, T0, "me")
    assert await standing() == "ready"
    assert await standing(T0 + timedelta(days=1)) == "over"
    await pools.archive_pool(engine, "welcome", True, T0, "me")
    assert await standing() == "archived"


# --- redemption ------------------------------------------------------------------------------------------------------


async def customer_with(engine: AsyncEngine) -> UUID:
    customer = uuid4()
    async with engine.begin() as db:
        query = "insert into customers (id, created_at, updated_at) values (:id, now(), now())"
        await db.execute(text(query), {"id": customer})
    return customer


def event(customer: UUID, name: str, identity: str = "m1", **properties: Any) -> Unrouted:
    return Unrouted(customer, CustomerEvent(identity, name, T0 + timedelta(hours=1), properties))


async def told(engine: AsyncEngine) -> list[dict[str, Any]]:
    async with engine.connect() as db:
        rows = await db.execute(text("select properties from events where name = 'Coupon Redeemed' order by seq"))
        return list(rows.scalars())


async def test_an_order_with_a_code_redeems_it_once_and_says_so(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    jane = await customer_with(engine)
    await take(engine, "v1", customer=jane)
    order = event(jane, "Order Completed", coupon=" a-1 ", revenue="12,000", currency="krw", total=13_000)
    assert await redeem_events(engine, [order]) == 1
    assert await redeem_events(engine, [order, event(jane, "Order Completed", "m2", coupon="A-1")]) == 0
    [row] = await codes.find_codes(engine, ["A-1"])
    assert (row.redeemed_by, row.revenue, row.currency) == ("m1", Decimal(12_000), "KRW")
    assert await told(engine) == [
        {"code": "A-1", "pool": "welcome", "order": "m1", "revenue": 12_000.0, "currency": "KRW"}
    ]
    [part] = await pools.pool_report(engine, "welcome")
    assert (part.taken, part.redeemed, part.revenue) == (1, 1, {"KRW": Decimal(12_000)})


async def test_of_two_codes_in_one_order_its_revenue_counts_once(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    jane = await customer_with(engine)
    await redeem_events(engine, [event(jane, "Order Completed", coupon=["A-1", "A-2"], revenue=10)])
    [part] = await pools.pool_report(engine, "welcome")
    assert (part.journey, part.taken, part.redeemed, part.revenue) == (None, 0, 2, {"": Decimal(10)})


async def test_a_code_that_leaked_is_not_given_to_anybody_any_more(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    jane = await customer_with(engine)
    await redeem_events(engine, [event(jane, "Coupon Redeemed", code="A-1")])
    assert await told(engine) == [], "the shop said so itself"
    assert (await take(engine, "v1"))["code"] == "A-2"
    assert await take(engine, "v2") is None
    assert await stock(engine) == pools.Stock(total=2, taken=1, free=0, redeemed=1)


async def test_the_workspace_says_where_its_orders_have_their_codes(engine: AsyncEngine) -> None:
    await upload(engine, "A-1", "A-2")
    jane = await customer_with(engine)
    async with engine.begin() as db:
        await db.execute(
            text("insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', :given)"),
            {"given": '{"coupon_properties": ["voucher"]}'},
        )
    assert await redeem_events(engine, [event(jane, "Order Completed", coupon="A-1")]) == 0
    assert await redeem_events(engine, [event(jane, "Order Completed", voucher="A-2", code="A-1")]) == 1
