"""Everything about one person, table by table, as the right of access asks (GDPR Art. 15, Korea's PIPA Art. 35)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.store.tables import tables_of_customers

MOST_ROWS = 100_000
"""Of one table."""
_OTHERWISE_ASKED = frozenset({"transitions"})
"""Has no index by customer: it is asked for by runs."""
_OWN = text("select to_jsonb(c) - 'search_text' as row from customers c where c.id = any(cast(:who as uuid[]))")
_WHO = text("""
with recursive known as (
    select id from customers where id = :customer
    union select c.id from customers c join known k on c.merged_into = k.id
)
select id from known
""")
_OF_CUSTOMER = "select to_jsonb(t) as row from {table} t where t.customer_id = any(cast(:who as uuid[])) limit {most}"
_TABLES = {
    **{
        table: text(_OF_CUSTOMER.format(table=table, most=MOST_ROWS)) for table in tables_of_customers(_OTHERWISE_ASKED)
    },
    "transitions": text(f"""
select to_jsonb(t) as row from transitions t
where t.run_id in (select id from runs where customer_id = any(cast(:who as uuid[]))) limit {MOST_ROWS}
"""),
}
_COUNTS = text("""
select (select count(*) from events where customer_id = any(cast(:who as uuid[]))) as events,
    (select count(*) from sends where customer_id = any(cast(:who as uuid[]))) as messages,
    (select count(*) from runs where customer_id = any(cast(:who as uuid[]))) as runs,
    (select count(*) from runs where customer_id = any(cast(:who as uuid[])) and finished_at is null) as live,
    (select count(*) from consent_log where customer_id = any(cast(:who as uuid[]))) as consents
""")


async def whole_person(db: AsyncConnection, customer: UUID) -> list[UUID]:
    """Our id of a customer, and those of all who were merged into them; empty: nobody."""
    return list((await db.execute(_WHO, {"customer": customer})).scalars())


async def everything_about(engine: AsyncEngine, customer: UUID) -> AsyncIterator[tuple[str, list[Any]]]:
    """Every table that knows of the person, by name, with its rows as JSON. A new table is there by itself."""
    async with engine.connect() as db:
        who = await whole_person(db, customer)
        yield "customers", list((await db.execute(_OWN, {"who": who})).scalars())
    for table, statement in _TABLES.items():
        async with engine.connect() as db:
            yield table, list((await db.execute(statement, {"who": who})).scalars())


async def count_of_person(engine: AsyncEngine, customer: UUID) -> dict[str, int]:
    """Of one person: ``events``, ``messages``, ``runs``, of which ``live`` are under way, words about ``consents``."""
    async with engine.connect() as db:
        who = await whole_person(db, customer)
        found = (await db.execute(_COUNTS, {"who": who})).mappings().one()
    return {str(name): int(count) for name, count in found.items()}
