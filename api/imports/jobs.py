"""What is done with an import, for the API and the console alike."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Request

from api.bounded_work.pool import BoundedWork, bounded_walk
from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.imports.reading import ReadFile, Trial, read_file, try_rows
from api.imports.schemas import ImportAnswer
from api.intake.csv_columns import IGNORED, MappingProblem, require_fields
from orchestrator.core.characters import comparable, storable_text
from orchestrator.files.tables import MOST_BYTES, MOST_COLUMNS, TableProblem
from orchestrator.store.imports.progress import (
    ImportRow,
    add_import,
    begin_import,
    load_content,
    load_import,
)
from orchestrator.store.workspace import load_zone

LONGEST_NAME = 200
READ_SECONDS = 60.0
"""Of processor time: a large workbook takes most of it."""
_MEGA = 1024 * 1024


async def take_file(request: Request, data: bytes, *, name: str, by: str, locale: str) -> UUID:
    """Reads an upload in a process of its own, keeps it, and answers its id. Raises problems that say what is wrong."""
    if len(data) > MOST_BYTES:
        raise file_too_large()
    work: BoundedWork = request.app.state.bounded_work
    read = await work.run(READ_SECONDS, read_file, data)
    if not isinstance(read, ReadFile):
        raise _told(read)
    table = read.table
    given: dict[str, Any] = {
        "name": storable_text(name).replace("\\", "/").rpartition("/")[2].strip()[-LONGEST_NAME:] or "–",
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "columns": [storable_text(column) for column in table.columns],
        "fields": [storable_text(field) for field in read.fields],
        "total": table.rows,
        "made_by": by,
        "locale": locale,
    }
    return await add_import(resources_of(request).engine, given, table.text)


def file_too_large() -> ApiProblem:
    """The file has more bytes than any may."""
    return ApiProblem("table_large", "body", limit=MOST_BYTES // _MEGA)


def _told(problem: TableProblem) -> ApiProblem:
    limit = problem.limit // _MEGA if problem.fault == "large" else problem.limit
    return ApiProblem(f"table_{problem.fault}", "body", limit=limit)


async def known_import(request: Request, identity: UUID) -> ImportRow:
    """The import; one that nobody works on is gone on with."""
    row = await load_import(resources_of(request).engine, identity)
    if row is None:
        raise ApiProblem("unknown_import", "id")
    if row.status == "running":
        request.app.state.imports.begin(identity)
    return row


def checked_fields(row: ImportRow, given: Sequence[str]) -> list[str]:
    """What the columns are to be. Raises the problems ``import_fields``, ``import_nobody`` and ``import_twice``."""
    fields = [comparable(storable_text(field)) or IGNORED for field in given]
    if len(fields) != len(row.columns) or len(fields) > MOST_COLUMNS:
        raise ApiProblem("import_fields", "fields", count=len(fields), expected=len(row.columns))
    used = [field for field in fields if field != IGNORED]
    if not {"user_id", "anonymous_id"} & set(used):
        raise ApiProblem("import_nobody", "fields")
    twice = next((field for field in used if used.count(field) > 1), None)
    if twice is not None:
        raise ApiProblem("import_twice", "fields", name=twice)
    try:
        require_fields("customers", row.columns, fields)
    except MappingProblem:
        raise ApiProblem("import_nobody", "fields") from None
    return fields


async def try_import(request: Request, row: ImportRow, given: Sequence[str], locale: str) -> Trial:
    """What it would do, in a process of its own; nothing is stored."""
    fields = checked_fields(row, given)
    resources = resources_of(request)
    content = await load_content(resources.engine, row.id)
    if content is None:
        raise ApiProblem("import_over", "id")
    zone = await load_zone(resources.engine, resources.settings)
    return await bounded_walk(request, try_rows, content, row.columns, fields, zone, locale, row.total)


async def start_import(request: Request, row: ImportRow, given: Sequence[str], tells_journeys: bool) -> None:
    """It goes on by itself from here."""
    fields = checked_fields(row, given)
    if not await begin_import(resources_of(request).engine, row.id, fields, tells_journeys):
        raise ApiProblem("import_over", "id")
    request.app.state.imports.begin(row.id)


def import_as_json(row: ImportRow) -> dict[str, Any]:
    """An import as it is answered."""
    return {name: getattr(row, name) for name in ImportAnswer.model_fields}
