"""A report over a handful of rows, written out in the test, so that everybody can count along."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.registry import reports
from orchestrator.core.measures.sources import SOURCES
from orchestrator.core.measures.values import told_rows
from orchestrator.store.measures.columns.query import NULL, Parts, Question, count_on_columns

ANN, BEN, CAT, DAN = (UUID(int=n) for n in (1, 2, 3, 4))
YEAR = Filters(date(2026, 1, 1), date(2027, 1, 1), "UTC")
NOW = datetime(2026, 12, 31, tzinfo=UTC)
Row = dict[str, Any]


def day(month: int, number: int, hour: int = 0) -> datetime:
    """An instant of 2026."""
    return datetime(2026, month, number, hour, tzinfo=UTC)


def count(folder: Path, name: str, filters: Filters = YEAR, **sources: Sequence[Row]) -> list[list[Any]]:
    """What a report comes to, of rows by source; a column that a row does not have is null."""
    report = reports()[name]
    parts = {source: Parts((), _write(folder, source, sources.get(source, ()))) for source in report.sources}
    given = {**filters.parameters(NOW), "own_currency": "KRW"}
    plain = {one: value.isoformat() if isinstance(value, datetime) else value for one, value in given.items()}
    return told_rows(report.columns, count_on_columns(Question(report.sql, plain, parts)))


def _write(folder: Path, source: str, rows: Sequence[Row]) -> str:
    path, columns = folder / f"{source}.csv", list(SOURCES[source])
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for row in rows:
            assert not row.keys() - set(columns)
            table.writerow([NULL if row.get(one) is None else row[one] for one in columns])
    return str(path)


def order(customer: UUID, at: datetime, value: float | None = None, currency: str = "KRW") -> Row:
    """An order."""
    return {
        "customer_id": customer,
        "ordered_at": at,
        "value": value,
        "currency": currency,
        "message_id": f"{customer} {at}",
    }


def send(number: int, customer: UUID, at: datetime, **more: Any) -> Row:
    """A message that was sent by e-mail, of a run of the same number."""
    return {
        "send_id": UUID(int=100 + number),
        "run_id": UUID(int=200 + number),
        "customer_id": customer,
        "journey_key": "welcome",
        "step": "hello",
        "channel": "email",
        "status": "sent",
        "reason": "",
        "created_at": at,
        "sent_at": at,
        **more,
    }


def opt_out(number: int, customer: UUID, at: datetime) -> Row:
    """Somebody opted out by the message of a number."""
    return {
        "customer_id": customer,
        "changed_at": at,
        "channel": "email",
        "purpose": "advertising",
        "granted": False,
        "source": "unsubscribe",
        "send_id": UUID(int=100 + number),
        "change_id": 900 + number,
    }


def run(number: int, customer: UUID, at: datetime, **more: Any) -> Row:
    """A run of the journey."""
    return {
        "run_id": UUID(int=200 + number),
        "customer_id": customer,
        "journey_key": "welcome",
        "version": 1,
        "entered_at": at,
        **more,
    }


def goal(number: int, customer: UUID, at: datetime, value: float | None = None, currency: str = "KRW") -> Row:
    """A goal of the run of a number."""
    return {
        "run_id": UUID(int=200 + number),
        "seq": 9,
        "customer_id": customer,
        "journey_key": "welcome",
        "step": "offer",
        "reached_at": at,
        "goal": "bought",
        "value": value,
        "currency": currency,
    }
