"""The whole audit log as lines of JSON or as a table, in the order of its chain."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Literal

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.spreadsheet import harmless
from orchestrator.store.audit.log import AuditRow, whole_log

Form = Literal["jsonl", "csv"]
MEDIA_TYPES: dict[Form, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
COLUMNS = ("seq", "id", "at", "who", "via", "what", "subject", "before", "after", "why", "hash")


async def export_audit(engine: AsyncEngine, form: Form) -> AsyncIterator[bytes]:
    """Line by line; the names of a table's columns with its first."""
    names = _cells(COLUMNS) if form == "csv" else b""
    async for row in whole_log(engine):
        yield names + (_line(row) if form == "jsonl" else _row(row))
        names = b""
    if names:
        yield names


async def begun(rows: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same, with its first line read: a store that does not answer is told of before an answer has begun."""
    first = await anext(rows, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for row in rows:
            yield row

    return all_of_them()


def _line(row: AuditRow) -> bytes:
    return orjson.dumps(vars(row), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def _row(row: AuditRow) -> bytes:
    told = {**vars(row), "at": row.at.isoformat()}
    told |= {name: orjson.dumps(told[name]).decode() for name in ("before", "after")}
    return _cells([harmless(str(told[name])) for name in COLUMNS])


def _cells(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
