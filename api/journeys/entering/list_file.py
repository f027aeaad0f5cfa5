"""A list of customers as a file: CSV as spreadsheets write it, each line a customer, further columns properties."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.http.problems import ApiProblem
from orchestrator.core.characters import comparable, storable_text
from orchestrator.files.events import typed

MOST_LINES = 100_000
MOST_BYTES = 16 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_ID, LONGEST_VALUE = 255, 2_000
ID_COLUMNS = ("customer", "customer_id", "external_id", "user_id", "userid", "id")
"""Names of the column that says who; of several the first of these."""
_ENCODINGS = ("utf-8-sig", "cp949")
"""As programs write it, and as Korean Excel does."""


@dataclass(frozen=True, slots=True)
class Line:
    """One customer, as the file says. ``number``: of its line, the first being 1."""

    number: int
    customer: str
    properties: dict[str, Any]


@dataclass
class ListFile:
    """What a file has, and what of it cannot be used: by line, the id as it stands there, and a code."""

    lines: list[Line] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def read_list(body: bytes) -> ListFile:
    """Read it. Raises the problems ``list_encoding``, ``list_column``, ``list_too_long``, ``list_unreadable``."""
    text = _decoded(body)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = ListFile()
    try:
        names = [comparable(storable_text(name)) for name in next(rows, [])][:MOST_COLUMNS]
        column = next((at for wanted in ID_COLUMNS for at, name in enumerate(names) if name.lower() == wanted), None)
        if column is None:
            raise ApiProblem("list_column", "body", columns=", ".join(name for name in names if name)[:200] or "–")
        for row in rows:
            if any(cell.strip() for cell in row):
                _add(found, rows.line_num, names, column, row)
            if len(found.lines) + len(found.refused) > MOST_LINES:
                raise ApiProblem("list_too_long", "body", most=MOST_LINES)
    except csv.Error:
        raise ApiProblem("list_unreadable", "body", line=rows.line_num) from None
    return found


def _add(found: ListFile, number: int, names: list[str], column: int, row: list[str]) -> None:
    customer = storable_text(row[column]).strip() if column < len(row) else ""
    if not customer:
        found.refused.append((number, "", "no_id"))
    elif len(customer) > LONGEST_ID or any(len(cell) > LONGEST_VALUE for cell in row):
        found.refused.append((number, customer[:LONGEST_ID], "too_long"))
    else:
        found.lines.append(Line(number, customer, dict(_properties(names, column, row))))


def _properties(names: list[str], column: int, row: list[str]) -> Iterator[tuple[str, Any]]:
    for at, (name, cell) in enumerate(zip(names, row, strict=False)):
        if at != column and name and cell.strip():
            yield name[:200], typed(storable_text(cell))


def _decoded(body: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ApiProblem("list_encoding", "body")
