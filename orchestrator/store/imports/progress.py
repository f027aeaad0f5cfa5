"""Imports of customers: made, begun, how far they are, and what was refused. Real time."""

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.store.database import dump_json
from orchestrator.store.pagination import Listing, Page

Status = Literal["read", "running", "done", "cancelled", "failed"]
HELD = timedelta(seconds=30)
"""How long a process that works on an import has it for itself after its last sign of life."""
MOST_REFUSED = 50_000
"""Rows that are kept to be mended; more are only counted."""
KEPT = timedelta(days=30)
"""How long refused rows are kept."""
WAITS = timedelta(days=7)
"""How long a file is kept that nobody begins to import."""

_SELECT = """
select i.id, i.name, i.status, i.encoding, i.delimiter, i.columns, i.fields, i.tells_journeys, i.total, i.done,
    i.stored, i.duplicates, i.refused, i.warned, i.problem, i.made_by, i.locale, i.made_at, i.finished_at
from customer_imports i
"""
_ADD = text("""
insert into customer_imports (id, name, status, encoding, delimiter, columns, fields, content, total, made_by, locale,
    made_at)
values (:id, :name, 'read', :encoding, :delimiter, cast(:columns as jsonb), cast(:fields as jsonb), :content, :total,
    :made_by, :locale, :at)
""")
_CONTENT = text("select content from customer_imports where id = :id")
_WAITING = text("select id from customer_imports where status = 'read'")
_BEGIN = text("""
update customer_imports set status = 'running', fields = cast(:fields as jsonb), tells_journeys = :tells
where id = :id and status = 'read' returning id
""")
_CANCEL = text("""
update customer_imports set status = 'cancelled', finished_at = :at, content = null
where id = :id and status in ('read', 'running') returning id
""")
_HOLD = text("""
update customer_imports set held_until = :until
where id = :id and status = 'running' and (held_until is null or held_until < :now) returning id
""")
_LEFT_ALONE = text("""
select id from customer_imports where status = 'running' and (held_until is null or held_until < :now)
""")
_STEP = text("""
update customer_imports set done = :done, stored = stored + :stored, duplicates = duplicates + :duplicates,
    refused = refused + :refused, warned = warned + :warned, held_until = :until
where id = :id and status = 'running' returning id
""")
_REFUSE = text("""
insert into refused_rows (import_id, number, cells, reason)
select :id, r.number, r.cells, r.reason
from jsonb_to_recordset(cast(:rows as jsonb)) as r(number integer, cells jsonb, reason text)
on conflict do nothing
""")
_FINISH = text("""
update customer_imports set status = :status, problem = :problem, finished_at = :at, content = null, held_until = null
where id = :id and status = 'running' returning id
""")
_LET_GO = text("update customer_imports set held_until = null where id = :id and status = 'running'")
_REFUSED = text("""
select number, cells, reason from refused_rows where import_id = :id and number > :after order by number limit 1000
""")
_FORGET = text("""
delete from refused_rows where import_id in (select id from customer_imports where finished_at < :before)
""")
_GIVE_UP = text("""
update customer_imports set status = 'cancelled', finished_at = :at, content = null
where status = 'read' and made_at < :before
""")


@dataclass(frozen=True)
class ImportRow:
    """One import. ``fields``: of each column, in order; ``done``: rows that were looked at, of ``total``."""

    id: UUID
    name: str
    status: Status
    encoding: str
    delimiter: str
    columns: list[str]
    fields: list[str]
    tells_journeys: bool
    total: int
    done: int
    stored: int
    duplicates: int
    refused: int
    warned: int
    problem: str
    made_by: str
    locale: str
    made_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Step:
    """What became of some rows. ``done``: rows looked at since the beginning; ``refusals``: number, cells, reason."""

    done: int
    stored: int
    duplicates: int
    warned: int
    refusals: Sequence[tuple[int, Sequence[str], str]] = ()


_IMPORTS = Listing(_SELECT, ImportRow, at="i.made_at", id="i.id", conditions={})


async def list_imports(engine: AsyncEngine, *, before: str | None = None, limit: int = 50) -> Page[ImportRow]:
    """The newest first."""
    return await _IMPORTS.page(engine, {}, before, limit)


async def load_import(engine: AsyncEngine, identity: UUID) -> ImportRow | None:
    """One; None where there is none."""
    return await _IMPORTS.one(engine, identity)


async def add_import(engine: AsyncEngine, given: Mapping[str, Any], content: str) -> UUID:
    """Keep a file that was read: ``name``, ``encoding``, ``delimiter``, ``columns``, ``fields``, ``total``,
    ``made_by``, ``locale``. What was refused long ago, and files that nobody began, are forgotten at that."""
    identity, now = uuid7(), datetime.now(UTC)
    lists = {name: dump_json(given[name]) for name in ("columns", "fields")}
    packed = zlib.compress(content.encode(), 6)
    async with engine.begin() as db:
        await db.execute(_ADD, {**given, **lists, "id": identity, "content": packed, "at": now})
        await db.execute(_FORGET, {"before": now - KEPT})
        await db.execute(_GIVE_UP, {"before": now - WAITS, "at": now})
    return identity


async def load_content(engine: AsyncEngine, identity: UUID) -> str | None:
    """The rows as CSV, the first line the columns; None once it is over."""
    async with engine.connect() as db:
        packed: bytes | None = (await db.execute(_CONTENT, {"id": identity})).scalar_one_or_none()
    return None if packed is None else zlib.decompress(packed).decode()


async def begin_import(engine: AsyncEngine, identity: UUID, fields: Sequence[str], tells_journeys: bool) -> bool:
    """Whether it begins now: False where it has begun already, or is over."""
    async with engine.begin() as db:
        given = {"id": identity, "fields": dump_json(list(fields)), "tells": tells_journeys}
        return (await db.execute(_BEGIN, given)).first() is not None


async def cancel_import(engine: AsyncEngine, identity: UUID) -> bool:
    """Whether it is cancelled by this: what is stored stays stored."""
    async with engine.begin() as db:
        return (await db.execute(_CANCEL, {"id": identity, "at": datetime.now(UTC)})).first() is not None


async def hold_import(engine: AsyncEngine, identity: UUID) -> bool:
    """Whether this process may work on it: nobody else does."""
    now = datetime.now(UTC)
    async with engine.begin() as db:
        return (await db.execute(_HOLD, {"id": identity, "now": now, "until": now + HELD})).first() is not None


async def let_go(engine: AsyncEngine, identity: UUID) -> None:
    """Whoever comes next may go on with it at once."""
    async with engine.begin() as db:
        await db.execute(_LET_GO, {"id": identity})


async def imports_left_alone(engine: AsyncEngine) -> list[UUID]:
    """Those that have begun, and that nobody works on."""
    async with engine.connect() as db:
        return list((await db.execute(_LEFT_ALONE, {"now": datetime.now(UTC)})).scalars())


async def keep_step(engine: AsyncEngine, identity: UUID, step: Step, kept: int) -> bool:
    """Write down how far it is; ``kept``: refused rows that are kept already. False: it was cancelled."""
    given = {"id": identity, "done": step.done, "stored": step.stored, "duplicates": step.duplicates}
    given |= {"warned": step.warned, "refused": len(step.refusals)}
    rows = [{"number": n, "cells": list(cells), "reason": why} for n, cells, why in step.refusals]
    async with engine.begin() as db:
        going_on = (await db.execute(_STEP, {**given, "until": datetime.now(UTC) + HELD})).first() is not None
        if going_on and rows and kept < MOST_REFUSED:
            await db.execute(_REFUSE, {"id": identity, "rows": dump_json(rows[: MOST_REFUSED - kept])})
    return going_on


async def finish_import(engine: AsyncEngine, identity: UUID, status: Status, problem: str = "") -> None:
    """It is over, and its rows are forgotten."""
    given = {"id": identity, "status": status, "problem": problem, "at": datetime.now(UTC)}
    async with engine.begin() as db:
        await db.execute(_FINISH, given)


async def refused_rows(engine: AsyncEngine, identity: UUID) -> AsyncIterator[tuple[int, list[str], str]]:
    """Number, cells and reason of each, in their order. Between a thousand and the next no connection is held."""
    after = 0
    while True:
        async with engine.connect() as db:
            rows = (await db.execute(_REFUSED, {"id": identity, "after": after})).all()
        for row in rows:
            yield row.number, row.cells, row.reason
        if not rows:
            return
        after = rows[-1].number


async def forget_files(engine: AsyncEngine, values: Sequence[str]) -> int:
    """Cancel imports that have not begun and whose file names one of these ids or addresses; how many.

    One that is running keeps its file until its last row: what it stores afterwards is said anew.
    """
    wanted, forgotten = [value.lower() for value in values], 0
    async with engine.connect() as db:
        waiting = list((await db.execute(_WAITING)).scalars())
    for identity in waiting:
        content = (await load_content(engine, identity) or "").lower()
        if any(value in content for value in wanted):
            forgotten += await cancel_import(engine, identity)
    return forgotten
