"""What a few letters mean: what people made and named, by a part of its name; customers by a whole id.

What people make by hand (journeys and the like) is looked through, a few thousand short names at most. Customers are
millions: they are found by what is indexed alone, their ids, an e-mail address among them; a part of a name is a matter
for the customers' own list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.characters import comparable
from orchestrator.store.customer_names import CALLED
from orchestrator.store.statements import containing

Kind = Literal["journey", "template", "survey", "coupon_pool", "segment", "customer"]
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Found:
    """One thing. ``name``: by language, or one word for all under ``""``; ``state``: a status, where it has one."""

    kind: Kind
    key: str
    name: dict[str, str]
    state: str = ""


_LOOK = """
select key, {names} as name, {state} as state from {table}
where {where} and (key ilike :search or exists (
    select from jsonb_each_text(case when jsonb_typeof({names}) = 'object' then {names} else '{{}}' end) as named
    where named.value ilike :search))
order by key = :exact desc, {order} desc, key limit :limit
"""
_DOCUMENTS = {"names": "document -> 'name'", "state": "''", "where": "archived_at is null", "order": "updated_at"}
_JOURNEYS = {"names": "name", "state": "status", "where": "true", "order": "coalesce(edited_at, updated_at)"}
_NAMED: dict[Kind, TextClause] = {
    "journey": text(_LOOK.format(table="journeys", **_JOURNEYS)),
    "template": text(_LOOK.format(table="templates", **_DOCUMENTS)),
    "survey": text(_LOOK.format(table="surveys", **_DOCUMENTS)),
    "coupon_pool": text(_LOOK.format(table="coupon_pools", **_DOCUMENTS)),
    "segment": text(_LOOK.format(table="segments", **_DOCUMENTS)),
}
"""Rows whose key, or whose name in any language, contains ``:search``; the same key first."""
_CUSTOMERS = text(f"""
select cast(c.id as text) as key, {CALLED} as name, coalesce(c.external_id, '') as state from customers c
where c.merged_into is null and c.id in (
    select id from customers where external_id = :exact
    union all select customer_id from identities where kind in ('user', 'anonymous') and value = :exact
    union all select id from customers where lower(email) = lower(:exact)
    union all select id from customers where id = cast(:id as uuid)
)
limit :limit
""")


async def find(
    engine: AsyncEngine, search: str, *, each: int, customers: bool, id: str | None = None
) -> Sequence[Found]:
    """At most ``each`` of every kind.

    Args:
        search: Part of a name; empty: what was changed last.
        customers: Whether customers are looked for, too; only where something is searched for.
        id: The same as one of our own ids, where it is one.
    """
    search = comparable(search)
    given: dict[str, Any] = {"search": containing(search), "exact": search, "limit": each}
    found: list[Found] = []
    async with engine.connect() as db:
        for kind, query in _NAMED.items():
            if search or kind == "journey":
                found += [
                    Found(kind, row.key, _by_language(row.name), row.state) for row in await db.execute(query, given)
                ]
        if customers and search:
            rows = await db.execute(_CUSTOMERS, {"exact": search, "id": id, "limit": each})
            found += [Found("customer", row.key, {"": row.name or row.key[:8]}, row.state) for row in rows]
    return found


def _by_language(name: Any) -> dict[str, str]:
    if not isinstance(name, dict):
        return {"": name} if isinstance(name, str) else {}
    return {locale: words for locale, words in name.items() if isinstance(words, str)}
