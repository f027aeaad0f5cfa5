"""Rows that an import refused, as a file to be mended and imported again: the same columns, and why, at their end."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.spreadsheet import BOM, harmless
from api.imports.reading import REFUSED_COLUMNS
from orchestrator.store.imports.progress import ImportRow, refused_rows


async def refused_as_csv(engine: AsyncEngine, row: ImportRow) -> AsyncIterator[bytes]:
    """Line by line, with the mark by which Excel knows UTF-8."""
    yield BOM + _line([*row.columns, *REFUSED_COLUMNS])
    async for number, cells, reason in refused_rows(engine, row.id):
        width = len(row.columns)
        told = [*cells[:width], *[""] * (width - len(cells))]
        yield _line([*told, str(number), reason])


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue().encode()
