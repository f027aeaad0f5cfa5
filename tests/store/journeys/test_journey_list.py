"""The list of journeys at a few hundred: every page, every order, every narrowing."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import create_engine
from orchestrator.store.journeys.journey_list import (
    SORTS,
    Sort,
    Wanted,
    load_choices,
    page_of_journeys,
    read_tags,
)

OWNER = UUID(int=7)
MANY = 230


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with engine.begin() as db:
        await db.execute(
            text("""
insert into users (id, email, name, role, created_at) values (:id, 'm@example.com', 'Mina', 'admin', now())"""),
            {"id": OWNER},
        )
        # Names of two in a row are the same, and so are instants: only the key tells them apart.
        await db.execute(
            text("""
insert into journeys (key, name, draft, status, created_at, updated_at, edited_at, tags, owner_id)
select 'j-' || n, jsonb_build_object('en', 'Journey ' || chr(65 + n % 20) || n / 2, 'ko', '여정 ' || n), '{}',
    case when n % 5 = 0 then 'live' when n % 7 = 0 then 'paused' else 'draft' end,
    timestamptz '2026-01-01' + n / 3 * interval '1 hour', now(), timestamptz '2026-02-01' + n % 11 * interval '1 hour',
    case when n % 2 = 0 then '["봄", "VIP"]'::jsonb else '[]' end, case when n % 10 = 0 then cast(:owner as uuid) end
from generate_series(1, :many) n"""),
            {"owner": OWNER, "many": MANY},
        )
    yield engine
    await engine.dispose()


async def keys(engine: AsyncEngine, wanted: Wanted, limit: int = 17) -> list[str]:
    """Of all pages."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = await page_of_journeys(engine, wanted, after, limit)
        found += [one.key for one in page.rows]
        after = page.next
        if after is None:
            return found


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_show_each_journey_once_in_one_order(engine: AsyncEngine, sort: Sort) -> None:
    found = await keys(engine, Wanted(sort=sort))
    assert len(found) == len(set(found)) == MANY
    assert found == await keys(engine, Wanted(sort=sort), limit=MANY)


async def test_names_are_sorted_in_the_readers_language(engine: AsyncEngine) -> None:
    page = await page_of_journeys(engine, Wanted(sort="name", locale="ko"), limit=3)
    assert [one.name["ko"] for one in page.rows] == ["여정 1", "여정 10", "여정 100"]


async def test_narrowed_by_each_and_by_all(engine: AsyncEngine) -> None:
    assert len(await keys(engine, Wanted(status="live"))) == MANY // 5
    assert len(await keys(engine, Wanted(tag="VIP"))) == MANY // 2
    assert len(await keys(engine, Wanted(owner=OWNER))) == MANY // 10
    assert await keys(engine, Wanted(search="-100")) == ["j-100"]
    assert await keys(engine, Wanted(search="J-100")) == ["j-100"]
    assert await keys(engine, Wanted(search="j-100", status="live", tag="봄", owner=OWNER)) == ["j-100"]
    assert await keys(engine, Wanted(search="100%")) == []


async def test_a_cursor_whose_journey_is_gone_begins_anew(engine: AsyncEngine) -> None:
    assert [one.key for one in (await page_of_journeys(engine, Wanted(), "gone", 5)).rows] == [
        one.key for one in (await page_of_journeys(engine, Wanted(), None, 5)).rows
    ]


async def test_what_there_is_to_choose_from(engine: AsyncEngine) -> None:
    choices = await load_choices(engine)
    assert choices.statuses["live"] == MANY // 5
    assert dict(choices.tags) == {"VIP": MANY // 2, "봄": MANY // 2}
    assert choices.owners == [(OWNER, "Mina")]


def test_tags_as_people_write_them() -> None:
    assert read_tags(" #봄,  vip , VIP,, 신규  고객 ") == ["봄", "vip", "신규 고객"]
    assert read_tags(", ,") == []
    assert len(read_tags(",".join(map(str, range(50))))) == 12
