"""The demo shop's data, taken out of the workspace again: whose it is, how much there is, and its removal.

Whose: customers by the ids that the demo's story gives them, and visitors who made an account on the demo shop's page.
What belongs to anybody else stays, a journey or a pool of the demo too as soon as a person has changed it, or somebody
else is in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.store.journeys.notices import tell_changed
from orchestrator.store.tables import tables_of_customers

SETTING = "sample_data"
"""Of the workspace: ``removed`` once somebody has removed it; the demo then stays away."""
VISITOR = "^shop-[0-9a-f]{12}$"
"""An id that the demo shop's page gives who makes an account there (``web/static/shop.js``)."""

# Ids that begin alike stand side by side in the index; the pattern says which are meant.
_WHOSE = text("""
select customer_id as id from identities where kind = 'user' and value = any(cast(:ids as text[]))
union select customer_id from identities
    where kind = 'user' and value >= 'shop-' and value < 'shop-g' and value ~ :visitor
union select id from customers where external_id = any(cast(:ids as text[]))
""")
_MERGED = text("select id from customers where merged_into = any(cast(:who as uuid[]))")
_COUNTS = text("""
select (select count(*) from events where customer_id = any(cast(:who as uuid[]))) as events,
    (select count(*) from runs where customer_id = any(cast(:who as uuid[]))) as runs,
    (select count(*) from runs where customer_id = any(cast(:who as uuid[])) and finished_at is null) as open_runs,
    (select count(*) from sends where customer_id = any(cast(:who as uuid[]))) as messages
""")
_JOURNEYS = text("""
select key, name from journeys j where key = any(cast(:keys as text[])) and edited_by = :maker
    and not exists (select from runs r where r.journey_key = j.key and r.customer_id <> all(cast(:who as uuid[])))
order by created_at
""")
_POOLS = text("""
select key, document -> 'name' as name from coupon_pools p
where key = any(cast(:keys as text[])) and edited_by = :stocker
    and not exists (select from coupon_codes c where c.pool_key = p.key and c.customer_id <> all(cast(:who as uuid[])))
    and not exists (select from journeys j where j.key <> all(cast(:journeys as text[]))
        and position('"' || p.key || '"' in cast(j.draft as text)) > 0)
order by created_at
""")
_OPEN = text("select workflow_id from runs where customer_id = any(cast(:who as uuid[])) and finished_at is null")
_STATE = text("select settings ->> :name from workspace where id = 1")
_MARK = text("""
update workspace set settings = settings || jsonb_build_object(cast(:name as text), cast(:state as text)) where id = 1
""")
_FORGET_SETTING = text("""
update workspace set settings = settings - cast(:name as text)
where id = 1 and settings ->> :name = cast(:value as text)
""")
_OF_RUNS = """
delete from {table} where run_id in (select id from runs where customer_id = any(cast(:who as uuid[])))
"""
_OF_CUSTOMERS = "delete from {table} where customer_id = any(cast(:who as uuid[]))"
_LAST = ("runs", "identities")
_TABLES = tables_of_customers({*_LAST, "transitions", "coupon_codes"})
_DELETE = (
    text(_OF_RUNS.format(table="transitions")),
    text("""
update coupon_codes set customer_id = null, run_id = null where customer_id = any(cast(:who as uuid[]))
"""),
    *(text(_OF_CUSTOMERS.format(table=table)) for table in (*_TABLES, *_LAST)),
    text("""
delete from held_merges where source_id = any(cast(:who as uuid[])) or target_id = any(cast(:who as uuid[]))
"""),
    text("delete from customers where id = any(cast(:who as uuid[])) or merged_into = any(cast(:who as uuid[]))"),
)
_DELETE_JOURNEYS = (
    text("delete from journey_versions where journey_key = any(cast(:keys as text[]))"),
    text("delete from journeys where key = any(cast(:keys as text[]))"),
)
_DELETE_POOLS = (
    text("delete from coupon_codes where pool_key = any(cast(:keys as text[]))"),
    text("delete from coupon_pools where key = any(cast(:keys as text[]))"),
)


@dataclass(frozen=True)
class Sample:
    """What the demo brings along: ids of its customers, keys of its journeys and pools, who is said to have made them
    (``maker``, ``stocker``), and settings that it made."""

    ids: Sequence[str]
    journeys: Sequence[str]
    pools: Sequence[str]
    maker: str
    stocker: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class SampleContents:
    """What would go. Journeys and pools: their names by language, by key."""

    customers: Sequence[UUID]
    events: int
    runs: int
    open_runs: int
    messages: int
    journeys: Mapping[str, dict[str, str]]
    pools: Mapping[str, dict[str, str]]

    @property
    def some(self) -> bool:
        """Whether there is anything."""
        return bool(self.customers or self.journeys or self.pools)


async def is_removed(engine: AsyncEngine) -> bool:
    """Whether somebody has removed it."""
    async with engine.connect() as db:
        return (await db.execute(_STATE, {"name": SETTING})).scalar_one_or_none() == "removed"


async def load_contents(engine: AsyncEngine, sample: Sample) -> SampleContents:
    """What there is of it now."""
    async with engine.connect() as db:
        return await _contents(db, sample)


async def has_sample(engine: AsyncEngine, sample: Sample) -> bool:
    """Whether there is anybody of it."""
    async with engine.connect() as db:
        return (await db.execute(_WHOSE, {"ids": list(sample.ids), "visitor": VISITOR})).first() is not None


async def keep_away(engine: AsyncEngine) -> None:
    """From now on the demo adds nothing, not after a restart either."""
    async with engine.begin() as db:
        await db.execute(_MARK, {"name": SETTING, "state": "removed"})


async def open_workflows(engine: AsyncEngine, contents: SampleContents) -> list[str]:
    """Workflow ids of its runs that are under way."""
    async with engine.connect() as db:
        return list((await db.execute(_OPEN, {"who": list(contents.customers)})).scalars())


async def remove_sample(engine: AsyncEngine, sample: Sample) -> SampleContents:
    """Deletes it, all or nothing; what went. Its runs must have ended."""
    async with engine.begin() as db:
        contents = await _contents(db, sample)
        for statement in _DELETE:
            await db.execute(statement, {"who": list(contents.customers)})
        for statement in _DELETE_JOURNEYS:
            await db.execute(statement, {"keys": list(contents.journeys)})
        for statement in _DELETE_POOLS:
            await db.execute(statement, {"keys": list(contents.pools)})
        for name, value in sample.settings.items():
            await db.execute(_FORGET_SETTING, {"name": name, "value": value})
        for key in contents.journeys:
            await tell_changed(db, key)
    return contents


async def _contents(db: AsyncConnection, sample: Sample) -> SampleContents:
    who = list((await db.execute(_WHOSE, {"ids": list(sample.ids), "visitor": VISITOR})).scalars())
    who += (await db.execute(_MERGED, {"who": who})).scalars()
    counts = (await db.execute(_COUNTS, {"who": who})).one()
    asked: dict[str, Any] = {"keys": list(sample.journeys), "maker": sample.maker, "who": who}
    journeys = {row.key: _names(row.name) for row in await db.execute(_JOURNEYS, asked)}
    asked = {"keys": list(sample.pools), "stocker": sample.stocker, "who": who, "journeys": list(journeys)}
    pools = {row.key: _names(row.name) for row in await db.execute(_POOLS, asked)}
    return SampleContents(who, counts.events, counts.runs, counts.open_runs, counts.messages, journeys, pools)


def _names(name: Any) -> dict[str, str]:
    return name if isinstance(name, dict) else {"": str(name or "")}
