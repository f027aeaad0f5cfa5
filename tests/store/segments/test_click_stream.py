"""Every ready segment is as large as plain SQL over the raw rows of a click-stream says, at three instants.

The file is the excerpt that the other tests read; ``TEST_CLICKSTREAM`` and ``TEST_CLICKSTREAM_MAP`` name a larger one.
"""

import csv
import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.segments.ready import READY
from orchestrator.files.events import EventMapping, opened, read_log, read_mapping
from orchestrator.store.conditions.condition_sql import customers, events
from orchestrator.store.database import create_engine
from tests.store.segments.world import World, as_taken_in, id_of

DATA = Path(__file__).parents[2] / "data"
FILE = Path(os.environ.get("TEST_CLICKSTREAM") or DATA / "little_shop.csv")
MAPPING = Path(os.environ.get("TEST_CLICKSTREAM_MAP") or DATA / "little_shop.map.yaml")

_RAW = text("create table raw (who text, what text, at timestamptz)")
_FILL = text("insert into raw values (:who, :what, :at)")
_SIZES = text("""
with known as (
    select who, min(at) as since from raw where at - interval '1 second' <= :now group by who
), orders as (
    select who, count(*) as n, min(at) as first, max(at) as last,
        count(*) filter (where at > :now - interval '90 days') as lately
    from (select distinct who, what, at from raw) as rows where what = 'purchase' and at <= :now group by who
)
select
    count(*) filter (where o.n is null) as "signed-up-not-bought",
    count(*) filter (where o.n = 1 and :now - o.last >= interval '60 days') as "bought-once-and-silent",
    count(*) filter (where o.lately >= 1) as active,
    0 as vip,
    count(*) filter (where o.n > 1 and o.last > o.first
        and extract(epoch from :now - o.last) * (o.n - 1) >= 1.5 * extract(epoch from o.last - o.first)) as "at-risk",
    0 as "consent-to-renew",
    count(*) as unreachable
from known left join orders o using (who)
""")
"""The file says nothing of amounts, consents and contacts: nobody is a VIP, has agreed, or can be reached."""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def raw_rows(engine: AsyncEngine, mapping: EventMapping) -> list[datetime]:
    """The rows as the file has them, in a table of their own; their instants in order."""
    columns, rows = mapping.columns, list[dict[str, Any]]()
    with opened(FILE) as file:
        for row in csv.DictReader(file):
            at = row[columns.time]
            rows.append({"who": row[columns.user], "what": row[columns.event], "at": _utc(at)})
    async with engine.begin() as db:
        await db.execute(_RAW)
        await db.execute(_FILL, rows)
    return sorted(row["at"] for row in rows)


def _utc(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    return at if at.tzinfo is not None else datetime.fromisoformat(f"{written}+00:00")


async def arrive(world: World, log: list[tuple[int, CustomerEvent]], known: set[int]) -> None:
    """These events come in, with the customers whom they are the first of."""
    new = sorted({who for who, _ in log} - known)
    known.update(new)
    async with world.engine.begin() as db:
        if new:
            people = [{"id": id_of(who), "created_at": world.now, "updated_at": world.now} for who in new]
            await db.execute(insert(customers), people)
        rows: list[dict[str, Any]] = [
            {
                "message_id": f"{one.message_id} {who}",
                "customer_id": id_of(who),
                "name": one.name,
                "occurred_at": one.occurred_at,
                "properties": as_taken_in(one.properties),
                "received_at": world.now,
            }
            for who, one in log
        ]
        for part in range(0, len(rows), 1_000):
            await db.execute(insert(events), rows[part : part + 1_000])


@pytest.mark.timeout(900)
async def test_ready_segments_are_as_large_as_the_raw_rows_say(engine: AsyncEngine, database_url: str) -> None:
    mapping = read_mapping(MAPPING)
    assert mapping.first_event == "Signed Up"
    instants = await raw_rows(engine, mapping)
    log = [(who, one) for who, own in enumerate(read_log(FILE, mapping).values()) for one in own]
    log.sort(key=lambda one: one[1].occurred_at)
    world, known, begun = World(engine, database_url, chunk=500), set[int](), instants[len(instants) // 3]
    ends = [begun, instants[2 * len(instants) // 3], instants[-1] + timedelta(days=70)]
    before: datetime | None = None
    for now in ends:
        world.now = now
        came = [
            (who, one) for who, one in log if (before is None or one.occurred_at > before) and one.occurred_at <= now
        ]
        await arrive(world, came, known)
        if before is None:
            for key, document in READY.items():
                await world.define(key, document.condition)
        await world.settle(rounds=10_000, most=256)
        before = now
        async with engine.connect() as db:
            expected = dict((await db.execute(_SIZES, {"now": now})).mappings().one())
        kept = await world.members()
        sizes = {key: len(kept.get(key, ())) for key in expected}
        assert sizes == expected, now
        assert not any(kept.get(key) for key in READY if key not in expected), "nobody has a stage"
        assert await world.overdue() == 0
