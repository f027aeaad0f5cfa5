"""All customers by stratum: how often they did what lets customers in. Sizes are exact, as of one snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

PAGE = 20_000
"""Customers that are read at once."""
STRATA = ("none", "one", "some", "many")
"""No trigger event, one, 2 to 5, more."""
SOME = 5
_WIDTH = 16
"""Bytes of an id."""
_CUSTOMERS = text("""
select c.id, t.n from customers c cross join lateral (
    select count(*) as n from (
        select from events e where e.customer_id = c.id and e.name = any(:names)
            and e.occurred_at > :since and e.occurred_at <= :now limit :most
    ) found
) t
where c.merged_into is null and c.id > :after order by c.id limit :page
""")
_START = UUID(int=0)


@dataclass(frozen=True)
class CustomerStrata:
    """Ids of customers by stratum, 16 bytes each, in an order as good as drawn by lot and the same each time."""

    ids: dict[str, bytes]

    @property
    def sizes(self) -> dict[str, int]:
        return {name: len(ids) // _WIDTH for name, ids in self.ids.items()}

    def part(self, stratum: str, first: int, count: int) -> bytes:
        """The ids of some customers."""
        return self.ids[stratum][first * _WIDTH : (first + count) * _WIDTH]


def uuids(packed: bytes) -> list[UUID]:
    """Packed ids as such."""
    return [UUID(bytes=one) for one in _each(packed)]


async def stratify(
    engine: AsyncEngine, triggers: frozenset[str], since: datetime, now: datetime, *, everybody_may: bool
) -> CustomerStrata:
    """Every customer, by how many of the trigger events they did after ``since``.

    ``everybody_may``: customers enter by a date or a schedule as well, so nobody is known never to enter.
    """
    found = {name: bytearray() for name in STRATA}
    given = {"names": sorted(triggers), "since": since, "now": now, "most": SOME + 1, "page": PAGE, "after": _START}
    async with engine.connect() as db:
        await db.execution_options(isolation_level="REPEATABLE READ")
        while rows := (await db.execute(_CUSTOMERS, given)).all():
            for identity, count in rows:
                found[_stratum(max(count, int(everybody_may)))] += identity.bytes
            given["after"] = rows[-1].id
            if len(rows) < PAGE:
                break
    return CustomerStrata({name: _drawn(bytes(ids)) for name, ids in found.items()})


def _stratum(count: int) -> str:
    if count > SOME:
        return "many"
    return ("none", "one")[count] if count < 2 else "some"


def _each(packed: bytes) -> Iterator[bytes]:
    return (packed[n : n + _WIDTH] for n in range(0, len(packed), _WIDTH))


def _lot(identity: bytes) -> bytes:
    return blake2b(identity, digest_size=8, person=b"backtest").digest()


def _drawn(packed: bytes) -> bytes:
    ids = list(_each(packed))
    ids.sort(key=_lot)
    return b"".join(ids)
