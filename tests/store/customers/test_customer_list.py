"""Customers are found by a part of what they are known by, in Hangul too; narrowed; and cut into pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.customers.customer_list import (
    CustomerFilter,
    count_customers,
    list_customers,
    search_parts,
)
from orchestrator.store.database import create_engine

T0 = datetime(2026, 5, 1, tzinfo=UTC)
_ADD = text("""
insert into customers (id, external_id, email, phone, attributes, tags, consents, stage, created_at, updated_at)
values (:id, :external, :email, :phone, jsonb_build_object('name', cast(:name as text)),
    to_jsonb(cast(:tags as text[])), cast(:consents as jsonb), :stage, :at, :at)
""")
PEOPLE = [
    ("u-100", "Mina Kim", "mina@example.com", "+821012345678", ["vip"], '{"email": true}', "retention"),
    ("u-101", "김수민", None, "+821099998888", [], '{"email": false}', "intake"),
    ("u-102", "수민박", None, None, ["vip", "b2b"], "{}", None),
    ("50%_off\\", "Ana", "ana@shop.example", None, [], "{}", None),
]


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_engine(database_url)
    async with made.begin() as db:
        for n, (external, name, email, phone, tags, consents, stage) in enumerate(PEOPLE):
            person = {"id": uuid4(), "external": external, "name": name, "email": email, "phone": phone}
            more = {"tags": tags, "consents": consents, "stage": stage, "at": T0 + timedelta(hours=n)}
            await db.execute(_ADD, {**person, **more})
    yield made
    await made.dispose()


async def found(engine: AsyncEngine, **given: str) -> list[str | None]:
    return [row.external_id for row in (await list_customers(engine, CustomerFilter(**given))).rows]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("mina", ["u-100"]),
        ("MINA@EXAM", ["u-100"]),
        ("na@ex", ["u-100"]),
        ("수민", ["u-102", "u-101"]),
        ("김", ["u-101"]),
        ("김수민", ["u-101"]),
        ("ki", ["u-100"]),
        ("im", []),
        ("010-1234-5678", ["u-100"]),
        ("9999 8888", ["u-101"]),
        ("u-10", ["u-102", "u-101", "u-100"]),
        ("50%_off\\", ["50%_off\\"]),
        ("%", []),
        ("nobody at all", []),
    ],
)
async def test_a_part_finds_who_is_meant(engine: AsyncEngine, search: str, expected: list[str]) -> None:
    assert await found(engine, search=search) == expected


async def test_a_name_that_changes_is_found_as_it_is_now(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("update customers set attributes = '{\"name\": \"Dain\"}' where external_id = 'u-100'"))
    assert (await found(engine, search="dain"), await found(engine, search="mina kim")) == (["u-100"], [])


async def test_filters_narrow_the_list_and_a_search(engine: AsyncEngine) -> None:
    assert await found(engine, tag="vip") == ["u-102", "u-100"]
    assert await found(engine, tag="vip", search="수민") == ["u-102"]
    assert await found(engine, agreed="email") == ["u-100"]
    assert await found(engine, refused="email") == ["u-101"]
    assert await found(engine, reachable="phone") == ["u-101", "u-100"]
    assert await found(engine, reachable="push") == []
    assert await found(engine, stage="none") == ["50%_off\\", "u-102"]
    assert await found(engine, stage="intake", search="u-10") == ["u-101"]


@pytest.mark.parametrize("search", ["", "u-1"])
async def test_pages_hold_each_customer_once(engine: AsyncEngine, search: str) -> None:
    every = await found(engine, search=search)
    seen, before = list[str | None](), None
    for _ in every:
        page = await list_customers(engine, CustomerFilter(search=search), before=before, limit=1)
        seen += [row.external_id for row in page.rows]
        before = page.next
    assert (seen, before) == (every, None)


async def test_what_nearly_all_have_is_listed_newest_first(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(
            text("""
            insert into customers (id, external_id, attributes, created_at, updated_at)
            select gen_random_uuid(), 'many-' || n, '{"name": "Everybody"}', now() + n * interval '1 s', now()
            from generate_series(1, 150) n
            """)
        )
    page = await list_customers(engine, CustomerFilter("everybody"), limit=2)
    assert [row.external_id for row in page.rows] == ["many-150", "many-149"]
    assert (await list_customers(engine, CustomerFilter("everybody"), before=page.next, limit=1)).rows[0].name
    assert not page.capped


async def test_stages_are_counted_without_those_who_were_merged(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(
            text("update customers set merged_into = :into where external_id = 'u-101'"), {"into": UUID(int=1)}
        )
    assert await count_customers(engine) == {"retention": 1, "": 2}
    assert await found(engine, search="김수민") == []


def test_what_is_looked_for() -> None:
    assert search_parts("a") == [" a"]
    assert search_parts("수민") == ["수민"]
    assert search_parts("010 1234") == ["010 1234", "101234"]
    assert search_parts("u-100") == ["u-100"]
