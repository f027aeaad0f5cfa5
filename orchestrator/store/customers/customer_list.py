"""Customers as a list: found by a part of a name, an id or an address, narrowed, and cut into pages.

What is searched for is looked up in an index of short pieces of each customer's text (``customer_grams``): three
letters together, two where one of them is not ASCII or begins a word. So a part of three letters is found anywhere, two
letters of Hangul too, and one or two letters of ASCII where a word begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.characters import comparable
from orchestrator.store.customers.record import SELECT, CustomerRow
from orchestrator.store.pagination import Listing, Page, read_cursor
from orchestrator.store.statements import Filtered, containing

MOST_FOUND = 1_000
"""Of a search: whoever finds more has to say more of whom they mean."""
REACHED_BY = ("email", "phone", "push")
"""Ways in which somebody can be reachable."""
_PHONE = frozenset("0123456789+-() .")
_FEWEST_DIGITS = 4
_WHOLE_GRAM = 3

_NARROWED = {
    "stage": "c.stage = :stage",
    "no_stage": "c.stage is null and :no_stage",
    "tag": "c.tags @> jsonb_build_array(cast(:tag as text))",
    "agreed": "c.consents -> :agreed = 'true'",
    "refused": "c.consents -> :refused = 'false'",
    "email": "c.email is not null and :email",
    "phone": "c.phone is not null and :phone",
    "push": "exists (select from devices d where d.customer_id = c.id and d.dropped_at is null) and :push",
}
_LOOKED_AT = 2_000
"""Of the newest customers: what more than :data:`_COMMON` of them have is common, and then the list is gone through
from its beginning, which soon has a page full, while the index would have to name them all."""
_COMMON = 100
_PROBE = Filtered(
    f"""
select count(*) from (
    select c.search_text from customers c {{where}} order by c.created_at desc, c.id desc limit {_LOOKED_AT}
) newest where newest.search_text like lower(:pattern)
""",
    _NARROWED,
    ("c.merged_into is null",),
)
_FIND = Filtered(
    """
select c.id, c.created_at from customers c
{where} and customer_grams(c.search_text) @> customer_grams(lower(:part)) and c.search_text like lower(:pattern)
limit :most
""",
    _NARROWED,
    ("c.merged_into is null",),
)
_EXACT = text("""
select c.id, c.created_at from customers c where c.merged_into is null and c.id in (
    select id from customers where external_id = :exact
    union select customer_id from identities where kind in ('user', 'anonymous') and value = :exact
    union select id from customers where id = cast(:id as uuid)
)
""")
_CUSTOMERS = Listing(
    SELECT,
    CustomerRow,
    at="c.created_at",
    id="c.id",
    conditions={
        "among": "c.id = any(cast(:among as uuid[]))",
        "pattern": "c.search_text like lower(:pattern)",
        **_NARROWED,
    },
    always=("c.merged_into is null",),
)
_BY_STAGE = text("""
select coalesce(c.stage, '') as stage, count(*) as n from customers c where c.merged_into is null group by c.stage
""")


@dataclass(frozen=True)
class CustomerFilter:
    """Who is asked for; empty: all. ``stage``: ``none`` for those in none yet; ``agreed``, ``refused``: names of
    consents; ``reachable``: one of ``REACHED_BY``."""

    search: str = ""
    stage: str = ""
    tag: str = ""
    agreed: str = ""
    refused: str = ""
    reachable: str = ""

    @property
    def narrowed(self) -> dict[str, Any]:
        """Conditions by name, with their values, but for what is searched for."""
        wanted: dict[str, Any] = {name: getattr(self, name) for name in ("tag", "agreed", "refused")}
        if self.stage == "none":
            wanted["no_stage"] = True
        else:
            wanted["stage"] = self.stage
        if self.reachable in REACHED_BY:
            wanted[self.reachable] = True
        return {name: value for name, value in wanted.items() if value}


@dataclass(frozen=True)
class CustomerPage(Page[CustomerRow]):
    """A page of customers. ``capped``: more than ``MOST_FOUND`` were found, and some of them stand on no page."""

    capped: bool = False


async def list_customers(
    engine: AsyncEngine, given: CustomerFilter, *, before: str | None = None, limit: int = 50
) -> CustomerPage:
    """Customers, those first seen last first."""
    wanted, search, capped = given.narrowed, comparable(given.search), False
    if search:
        async with engine.connect() as db:
            pattern = containing(search_parts(search)[0])
            if await _is_common(db, pattern, wanted):
                wanted["pattern"] = pattern
            else:
                found = await _find(db, search, wanted)
                capped = len(found) >= MOST_FOUND
                after = [one for one in found if (found[one], one) < read_cursor(before)]
                wanted["among"] = sorted(after, key=lambda one: (found[one], one), reverse=True)[: limit + 1]
    page = await _CUSTOMERS.page(engine, wanted, before, limit)
    return CustomerPage(page.rows, page.next, capped)


async def count_customers(engine: AsyncEngine) -> dict[str, int]:
    """Customers by stage; ``""``: in none yet."""
    async with engine.connect() as db:
        return {row.stage: row.n for row in await db.execute(_BY_STAGE)}


def search_parts(search: str) -> list[str]:
    """What is looked for in a customer's text: as it is written, and a telephone number as it is kept.

    Of a part that is too short to be found anywhere the beginning of a word is meant.
    """
    short = len(search) < _WHOLE_GRAM and (len(search) == 1 or search.isascii())
    parts = [f" {search}" if short else search]
    digits = "".join(letter for letter in search if letter.isdigit() and letter.isascii())
    if len(digits) >= _FEWEST_DIGITS and _PHONE.issuperset(search):
        number = digits.removeprefix("0")
        parts += [number] if number != search and len(number) >= _WHOLE_GRAM else []
    return parts


async def _is_common(db: AsyncConnection, pattern: str, wanted: Mapping[str, Any]) -> bool:
    newest = await db.execute(_PROBE.statement(wanted), {**wanted, "pattern": pattern})
    return bool(newest.scalar_one() > _COMMON)


async def _find(db: AsyncConnection, search: str, wanted: Mapping[str, Any]) -> dict[UUID, datetime]:
    """Whoever is found, with when they were first seen."""
    try:
        identity: UUID | None = UUID(search)
    except ValueError:
        identity = None
    found = {row.id: row.created_at for row in await db.execute(_EXACT, {"exact": search, "id": identity})}
    for part in search_parts(search):
        given = {**wanted, "part": part, "pattern": containing(part), "most": MOST_FOUND}
        found |= {row.id: row.created_at for row in await db.execute(_FIND.statement(wanted), given)}
    return found
