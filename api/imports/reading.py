"""A file of customers as rows, as calls, and tried without storing anything: what is done in a process of its own."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from api.http.problems import ApiProblem
from api.intake.calls import Envelope, read_call
from api.intake.csv_columns import IGNORED, CsvCalls, guess_fields
from orchestrator.core.characters import comparable
from orchestrator.files.tables import Table, TableProblem, read_table
from orchestrator.store.intake.incoming import Incoming

MOST_TRIED = 20_000
"""Rows of a dry run: it is to answer within seconds."""
MOST_TOLD = 20
"""Faults that a dry run lists."""
MOST_SHOWN = 5
REFUSED_COLUMNS = ("refused_row", "refused_reason")
"""At the end of a file of refused rows: such a file is mended and imported again."""
csv.field_size_limit(1 << 20)


@dataclass(frozen=True)
class ReadFile:
    """A table, with what each of its columns seems to be."""

    table: Table
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A row that would be refused, or a value that would only be kept as an attribute."""

    row: int
    refused: bool
    code: str
    message: str


@dataclass(frozen=True)
class Trial:
    """What an import would do: of ``rows`` that were tried, of ``total``. ``shown``: the first as they would be
    taken."""

    total: int
    rows: int
    good: int
    refused: int
    warned: int
    faults: tuple[Fault, ...]
    shown: tuple[Mapping[str, Any], ...]


def read_file(data: bytes) -> ReadFile | TableProblem:
    """A file's bytes. A problem is answered, since it is told in words elsewhere."""
    try:
        table = read_table(data)
    except TableProblem as problem:
        return problem
    chosen = _consents_in(table.columns) | {column: IGNORED for column in table.columns if column in REFUSED_COLUMNS}
    fields = guess_fields("customers", table.columns, chosen)
    taken: set[str] = set()
    for place, field in enumerate(fields):  # of two columns that seem to be the same the second is kept by its name
        if field != IGNORED and field in taken:
            fields[place] = table.columns[place] if table.columns[place] not in taken else IGNORED
        taken.add(fields[place])
    return ReadFile(table, tuple(fields))


def _consents_in(columns: Sequence[str]) -> dict[str, str]:
    """Columns whose heads say that they are consents, which is shown before anything is stored."""
    found: dict[str, str] = {}
    for column in columns:
        plain = comparable(column).lower().replace(" ", "").replace("_", "").replace("-", "")
        word = next((word for word in _AGREEING if plain.endswith(word)), "")
        channel = _CHANNELS.get(plain.removesuffix(word)) if word else None
        if channel is not None:
            found[column] = f"consents.{channel}"
    return found


_AGREEING = ("수신동의여부", "수신동의", "동의여부", "동의", "수신", "consent", "optin")
_CHANNELS = {
    **dict.fromkeys(("이메일", "메일", "email", "e메일"), "email"),
    **dict.fromkeys(("문자", "sms", "문자메시지"), "sms"),
    **dict.fromkeys(("앱푸시", "푸시", "push", "apppush"), "push"),
}


def rows_of(content: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, in which that of the columns is 1."""
    return enumerate(csv.reader(io.StringIO(content, newline="")), 1)


def take_row(calls: CsvCalls, row: Sequence[str], warnings: list[ApiProblem]) -> Incoming:
    """One row as a call of the door that ``sojourn import`` uses. Raises ``ApiProblem``."""
    try:
        event = read_call(calls.call(row), None, Envelope(datetime.now(UTC)), warnings)
    except ApiProblem as problem:
        raise ApiProblem("row_nobody") if problem.code == "missing_identity" else problem from None
    for warning in warnings:
        warning.field = (warning.field or "").removeprefix("traits.")
    event.source = "import"
    return event


def try_rows(content: str, columns: Sequence[str], fields: Sequence[str], zone: str, locale: str, total: int) -> Trial:
    """Read the rows as an import would, and store none."""
    calls = CsvCalls("customers", columns, fields, time_zone=ZoneInfo(zone))
    good = refused = warned = 0
    faults: list[Fault] = []
    shown: list[Mapping[str, Any]] = []
    for number, row in islice(rows_of(content), 1, MOST_TRIED + 1):
        warnings: list[ApiProblem] = []
        try:
            event = take_row(calls, row, warnings)
        except ApiProblem as problem:
            refused += 1
            faults += [_fault(number, problem, locale, refused=True)]
            continue
        good += 1
        warned += bool(warnings)
        faults += [_fault(number, one, locale, refused=False) for one in warnings[:1]]
        if len(shown) < MOST_SHOWN:
            shown.append({"id": event.user_id or event.anonymous_id or "", **event.properties})
    told = sorted(faults, key=lambda one: (not one.refused, one.row))[:MOST_TOLD]
    return Trial(total, good + refused, good, refused, warned, tuple(told), tuple(shown))


def _fault(row: int, problem: ApiProblem, locale: str, *, refused: bool) -> Fault:
    said = problem.rendered(locale)
    return Fault(row, refused, said["code"], said["message"])
