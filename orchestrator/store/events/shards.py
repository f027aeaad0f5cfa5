"""Shards: all customers in 64 parts, which the routers share among themselves, a part to one router at a time.

A router's lease (``leases``) must be renewed within seconds, else its shards are anybody's. Whoever takes a shard
raises its token; what a router writes under a token that is no longer the shard's is not committed. So a router that
was frozen, taken for dead and wakes up again changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import DictRow
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.connection_pool import DirectConnection, direct

SHARDS = 64
SHARD_OF = f"(get_byte(uuid_send({{customer}}), 15) & {SHARDS - 1})"
""":func:`shard_of` in SQL, of a column; as the index ``events_to_route`` has it."""
LEASE_PREFIX = "router/"
"""How the names of routers' leases begin; their id follows."""

_ROUTERS = "select holder from leases where starts_with(name, 'router/') and until > now() order by holder"
_MINE = "select shard, token from routing_shards where holder = %(me)s order by shard"
# A router of an earlier build routes everything under one lease: as long as it runs, nothing is free.
_TAKE = """
update routing_shards set holder = %(me)s, token = token + 1
where shard in (
    select shard from routing_shards
    where (holder is null or holder <> all(%(alive)s::uuid[]))
        and not exists (select from leases where name = 'routing' and until > now())
    order by shard limit %(most)s for update skip locked
)
"""
_RELEASE = "update routing_shards set holder = null where holder = %(me)s and shard = any(%(shards)s::int[])"
FENCE = """
select held.shard from routing_shards held
join unnest(%(shards)s::int[], %(tokens)s::bigint[]) as known(shard, token)
    on known.shard = held.shard and known.token = held.token
where held.holder = %(me)s for share of held
"""
"""Shards that are held still, under the tokens of :meth:`Fence.parameters`; they stay so to the transaction's end."""


def shard_of(customer: UUID) -> int:
    """The shard of a customer: the last six bits of their id, which are random."""
    return customer.int % SHARDS


def as_array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL writes an array: several times as fast as the driver, which writes it out for each pass."""
    return f"{{{','.join(map(str, numbers))}}}"


@dataclass(frozen=True, slots=True)
class Fence:
    """Under which tokens a router holds shards: what it commits holds only where they still do."""

    holder: UUID
    tokens: Mapping[int, int]

    def parameters(self) -> dict[str, Any]:
        """As statements name them."""
        return {"me": self.holder, "shards": as_array(self.tokens), "tokens": as_array(self.tokens.values())}


@dataclass(frozen=True)
class Shares:
    """How the shards are shared out. ``held``: this router's, with their tokens; ``fair``: how many it should have."""

    held: Mapping[int, int]
    fair: int


def fair_share(me: UUID, routers: Sequence[UUID]) -> int:
    """Of ``routers``, in the order of their ids: the first have one more where the shards do not divide evenly."""
    if me not in routers:
        return 0
    each, more = divmod(SHARDS, len(routers))
    return each + (routers.index(me) < more)


async def share_out(engine: AsyncEngine, me: UUID) -> Shares:
    """Take what is free, up to a fair share. The caller's lease runs; giving back is theirs (:func:`release`)."""
    async with direct(engine).connection() as db, db.transaction():
        alive = [row["holder"] for row in await (await db.execute(_ROUTERS)).fetchall()]
        held = await _held(db, me)
        fair = fair_share(me, alive)
        if len(held) < fair:
            await db.execute(_TAKE, {"me": me, "alive": alive, "most": fair - len(held)})
            held = await _held(db, me)
    return Shares(held, fair)


async def release(engine: AsyncEngine, me: UUID, shards: Collection[int]) -> None:
    """Let others have these shards, all of whose events that were taken are routed."""
    async with direct(engine).connection() as db:
        await db.execute(_RELEASE, {"me": me, "shards": list(shards)})


async def standing(db: DirectConnection, fence: Fence) -> AsyncCursor[DictRow]:
    """Asks which shards are still held under these tokens; they stay so until the transaction ends."""
    return await db.execute(FENCE, fence.parameters())


async def _held(db: DirectConnection, me: UUID) -> dict[int, int]:
    rows = await (await db.execute(_MINE, {"me": me})).fetchall()
    return {row["shard"]: row["token"] for row in rows}
