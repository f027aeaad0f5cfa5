"""The codes of coupon pools: uploaded, generated, looked up."""

import secrets
from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.coupons.pool import CodePattern, CodeReader, Line
from orchestrator.store.pagination import Page, cut, read_cursor

BATCH = 5_000
MOST_LINES_TOLD = 1_000
"""Lines of an upload that are told one by one; all are counted."""
STATES = ("free", "taken", "redeemed")

_ADD = text("""
insert into coupon_codes (pool_key, code) select :pool, code from unnest(cast(:codes as text[])) as code
on conflict do nothing returning code
""")
_WHOSE = text("select code, pool_key from coupon_codes where code = any(cast(:codes as text[]))")
_CODE_COLUMNS = """
select c.pool_key, c.code, c.seq, c.customer_id, c.run_id, c.journey_key, c.taken_at, c.valid_until, c.redeemed_at,
    c.redeemed_by, c.revenue, c.currency, p.attributes ->> 'name' as name, p.external_id, p.email, r.step is not null
from (select * from coupon_codes {where}) c
left join customers p on p.id = c.customer_id left join runs r on r.id = c.run_id
"""
_FIND = text(_CODE_COLUMNS.format(where="where code = any(cast(:codes as text[]))"))
_WANTED = {
    "free": "taken_by is null and redeemed_at is null and seq > :seq",
    "taken": "taken_at is not null and (taken_at, seq) < (:at, :seq)",
    "redeemed": "redeemed_at is not null and (redeemed_at, seq) < (:at, :seq)",
}
_ORDER = {"free": "seq", "taken": "taken_at desc, seq desc", "redeemed": "redeemed_at desc, seq desc"}
# The page is cut and ordered before it is joined, and ordered again behind the joins, which promise no order.
_LISTED = {
    state: text(
        _CODE_COLUMNS.format(where=f"where pool_key = :pool and {_WANTED[state]} order by {_ORDER[state]} limit :limit")
        + f"order by {_ORDER[state]}"
    )
    for state in STATES
}


@dataclass
class Upload:
    """What became of codes that were offered."""

    added: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    """Lines that were left out, by reason (``core.coupons.pool.LINE_PROBLEMS``)."""
    lines: list[Line] = field(default_factory=list)
    """Those lines, the first :data:`MOST_LINES_TOLD` of them."""

    def left_out(self, line: Line) -> None:
        """One line that added no code."""
        if line.problem is not None:
            self.problems[line.problem] = self.problems.get(line.problem, 0) + 1
            if len(self.lines) < MOST_LINES_TOLD:
                self.lines.append(line)


@dataclass(frozen=True)
class CodeRow:
    """One code, and what became of it."""

    pool_key: str
    code: str
    seq: int
    customer_id: UUID | None
    run_id: UUID | None
    journey_key: str | None
    taken_at: datetime | None
    valid_until: datetime | None
    redeemed_at: datetime | None
    redeemed_by: str | None
    revenue: Decimal | None
    currency: str | None
    name: str | None
    external_id: str | None
    email: str | None
    run_known: bool


async def upload_codes(engine: AsyncEngine, pool: str, lines: AsyncIterable[str]) -> Upload:
    """Adds what lines of text hold, batch by batch, each committed by itself: an upload that breaks off can be sent
    again as it is, for what is there already is told as a duplicate and does no harm."""
    reader, done = CodeReader(), Upload()
    batch: list[Line] = []
    async for text_line in lines:
        for line in reader.read((text_line,)):
            if line.problem is None:
                batch.append(line)
            else:
                done.left_out(line)
        if len(batch) >= BATCH:
            await _add(engine, pool, batch, done)
            batch = []
    if batch:
        await _add(engine, pool, batch, done)
    done.lines.sort()
    return done


async def generate_codes(
    engine: AsyncEngine,
    pool: str,
    pattern: CodePattern,
    number: int,
    draw: Callable[[str], str] = secrets.choice,
) -> None:
    """Adds exactly so many new codes; one that is there already is drawn again. ``draw``: see ``CodePattern.code``."""
    left = number
    async with engine.begin() as db:
        while left:
            codes = {pattern.code(draw) for _ in range(min(left, BATCH))}
            left -= len(await _insert(db, pool, sorted(codes)))


async def find_codes(engine: AsyncEngine, codes: Sequence[str]) -> list[CodeRow]:
    """Codes by what they say exactly, of whatever pool."""
    async with engine.connect() as db:
        return [CodeRow(*row) for row in await db.execute(_FIND, {"codes": list(codes)})]


async def list_codes(
    engine: AsyncEngine, pool: str, state: str, before: str | None = None, limit: int = 50
) -> Page[CodeRow]:
    """A pool's codes in a state of :data:`STATES`: the free ones in the order in which they will be taken, others the
    newest first."""
    at, place = read_cursor(before)
    seq = place.int if before else (0 if state == "free" else 2**62)
    given = {"pool": pool, "at": at, "seq": min(seq, 2**62), "limit": limit + 1}
    async with engine.connect() as db:
        rows = [CodeRow(*row) for row in await db.execute(_LISTED[state], given)]

    def where(row: CodeRow) -> tuple[datetime, UUID]:
        moment = row.redeemed_at if state == "redeemed" else row.taken_at
        return moment or datetime.now(UTC), UUID(int=row.seq)

    return cut(rows, limit, where)


async def _add(engine: AsyncEngine, pool: str, batch: Sequence[Line], done: Upload) -> None:
    async with engine.begin() as db:
        added = set(await _insert(db, pool, [line.code for line in batch]))
        done.added += len(added)
        known = [line for line in batch if line.code not in added]
        if known:
            rows = await db.execute(_WHOSE, {"codes": [line.code for line in known]})
            whose = {row.code: row.pool_key for row in rows}
            for line in known:
                same = whose.get(line.code, pool) == pool
                done.left_out(line._replace(problem="duplicate" if same else "in_other_pool"))


async def _insert(db: AsyncConnection, pool: str, codes: list[str]) -> list[str]:
    return list((await db.execute(_ADD, {"pool": pool, "codes": codes})).scalars())
