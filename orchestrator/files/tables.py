"""Tables as people have them, CSV, TSV or a workbook of Excel, read into rows of text, whatever program wrote them.

Korean Excel writes CSV in CP949, other Excels with a byte order mark, in UTF-16 ("Unicode text"), with semicolons or
tabs where the comma is the decimal sign. None of it is told in the file, so it is looked at.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Literal

MOST_BYTES = 20 * 1024 * 1024
"""Of a file."""
MOST_UNPACKED = 200 * 1024 * 1024
"""Of a workbook, unpacked: it is an archive."""
MOST_PARTS = 2_000
MOST_COLUMNS = 90
MOST_ROWS = 500_000
LONGEST_CELL = 32_767
"""Characters; what Excel keeps."""
DELIMITERS = ",;\t|"
_LOOKED_AT = 30
"""Rows by which a delimiter is guessed."""
_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"

Fault = Literal["empty", "large", "old_workbook", "unreadable", "quote", "columns", "rows", "encoding", "headers"]


class TableProblem(Exception):
    """A file is no table that can be read. ``limit``: what it exceeds; of a quote the line where reading ended."""

    def __init__(self, fault: Fault, limit: int = 0) -> None:
        super().__init__(fault)
        self.fault: Fault = fault
        self.limit = limit


@dataclass(frozen=True)
class Table:
    """What was read: ``columns`` name the cells of each row; ``text``: all of it as CSV, its first line the columns."""

    columns: tuple[str, ...]
    text: str
    rows: int
    encoding: str
    """As Python calls it; ``xlsx`` of a workbook."""
    delimiter: str
    sample: tuple[tuple[str, ...], ...]
    """The first rows."""


def read_table(data: bytes) -> Table:
    """Read a file's bytes. Raises :class:`TableProblem`."""
    if not data.strip():
        raise TableProblem("empty")
    if len(data) > MOST_BYTES:
        raise TableProblem("large", MOST_BYTES)
    if data.startswith(_OLD_WORKBOOK):
        raise TableProblem("old_workbook")
    if data.startswith(_WORKBOOK):
        return _table(_workbook_rows(data), "xlsx", "", whole=False)
    text, encoding = _decoded(data)
    text, delimiter = _delimited(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _table(reader, encoding, delimiter)
    except csv.Error as error:
        raise TableProblem("quote", reader.line_num) from error


def _decoded(data: bytes) -> tuple[str, str]:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    candidates = ("utf-16",) if marked else ("utf-8-sig", "cp949")  # text in CP949 is next to never UTF-8
    for encoding in candidates:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise TableProblem("encoding")


def _delimited(text: str) -> tuple[str, str]:
    """The text and what stands between its cells: said in its first line as Excel does, else what the first rows have
    oftenest, and equally often."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return rest, first.strip()[-1]
    return text, max(DELIMITERS, key=lambda one: _fits(text, one))


def _fits(text: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row in islice(rows, _LOOKED_AT) if row]
    except csv.Error:
        return (0.0, 0)
    width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
    return (times / len(widths) if width > 1 else 0.0, width)


def _workbook_rows(data: bytes) -> Iterator[list[str]]:
    """Rows of the first sheet that has any. A formula is what it came to when the file was saved."""
    # Only where a workbook is read: it brings numpy where that is installed.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TableProblem("large", MOST_UNPACKED)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
            found = False
            for row in rows:
                cells = [_cell(value) for value in row]
                found = found or any(cells)
                if found:
                    yield cells
            if found:
                return
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        raise TableProblem("unreadable") from error


def _cell(value: Any) -> str:
    """As it would be typed: whole numbers without a point, instants as ISO 8601, truth in small letters."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time():
            return value.isoformat()
    return str(value)


def _table(rows: Iterable[Sequence[str]], encoding: str, delimiter: str, *, whole: bool = True) -> Table:
    """``whole``: a row says all of its cells; otherwise those at its end that are empty may be missing."""
    written = io.StringIO(newline="")
    out = csv.writer(written, lineterminator="\n")
    columns: tuple[str, ...] = ()
    count, sample = 0, list[tuple[str, ...]]()
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if not columns:
            columns = _headers(row)
            out.writerow(columns)
            continue
        count += 1
        if count > MOST_ROWS:
            raise TableProblem("rows", MOST_ROWS)
        cells = _fitted(row, len(columns), whole)
        out.writerow(cells)
        sample += [tuple(cells)] if count <= _LOOKED_AT else []
    if not columns:
        raise TableProblem("empty")
    return Table(columns, written.getvalue(), count, encoding, delimiter, tuple(sample))


def _headers(row: Sequence[str]) -> tuple[str, ...]:
    cells = [cell.strip().lstrip("\ufeff") for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise TableProblem("columns", MOST_COLUMNS)
    if not all(cells) or len(set(cells)) != len(cells):
        raise TableProblem("headers")
    return tuple(cells)


def _fitted(row: Sequence[str], width: int, whole: bool) -> list[str]:
    """Empty cells beyond the headers are none; others stay there, to be refused."""
    cells = [cell[:LONGEST_CELL] for cell in row]
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells if whole else cells + [""] * (width - len(cells))
