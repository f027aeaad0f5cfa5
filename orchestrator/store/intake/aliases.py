"""What is known of ids before they are said to be one customer."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_NAMES = text("""
select identities.value, customers.external_id
from identities join customers on customers.id = identities.customer_id
where identities.value = any(:ids) and customers.external_id is not null
union
select external_id, external_id from customers where external_id = any(:ids)
""")


async def names_of(engine: AsyncEngine, ids: Iterable[str]) -> Mapping[str, set[str]]:
    """By id: the external ids of the known customers whom it means, as a user's id or as a visitor's."""
    found: dict[str, set[str]] = {}
    async with engine.connect() as db:
        for value, external_id in await db.execute(_NAMES, {"ids": list(ids)}):
            found.setdefault(value, set()).add(external_id)
    return found
