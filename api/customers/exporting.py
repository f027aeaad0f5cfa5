"""A list of customers as a table for a spreadsheet: who is asked for, in the columns that are asked for."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.spreadsheet import BOM, harmless
from orchestrator.store.audit.chain import By, Change, record_alone
from orchestrator.store.customers.customer_list import CustomerFilter, list_customers
from orchestrator.store.customers.record import CustomerRow

COLUMNS = (
    "id",
    "external_id",
    "name",
    "email",
    "phone",
    "locale",
    "time_zone",
    "stage",
    "tags",
    "consents",
    "created_at",
)
"""That can be asked for, beside ``attributes.NAME``."""
ATTRIBUTE = "attributes."
MOST_COLUMNS = 60
_AT_ONCE = 500


async def begin_export(engine: AsyncEngine, given: CustomerFilter, columns: Sequence[str], by: By) -> None:
    """Keep in the audit log that people's data leave: which columns, narrowed by what; not what was searched for."""
    filters = [name for name, value in vars(given).items() if value]
    await record_alone(engine, by, Change("customer.listed", "", {}, {"columns": list(columns), "filters": filters}))


async def export_customers(engine: AsyncEngine, given: CustomerFilter, columns: Sequence[str]) -> AsyncIterator[bytes]:
    """Line by line, with the mark by which Excel knows UTF-8. Between two pages no connection is held."""
    yield BOM + _line(columns)
    before: str | None = None
    while True:
        page = await list_customers(engine, given, before=before, limit=_AT_ONCE)
        if page.rows:
            yield b"".join(_line([_cell(row, column) for column in columns]) for row in page.rows)
        if page.next is None:
            return
        before = page.next


def is_column(name: str) -> bool:
    """Whether it can be asked for."""
    return name in COLUMNS or (name.startswith(ATTRIBUTE) and len(name) <= 220)


def _cell(row: CustomerRow, column: str) -> str:
    match column:
        case "tags":
            return ", ".join(row.tags)
        case "consents":
            return ", ".join(sorted(name for name, value in row.consents.items() if value is True))
        case "created_at":
            return row.created_at.isoformat()
        case _ if column.startswith(ATTRIBUTE):
            value = row.attributes.get(column.removeprefix(ATTRIBUTE))
        case _:
            value = getattr(row, column)
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value) if column == "id" else orjson.dumps(value).decode()


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue().encode()
