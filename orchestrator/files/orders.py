"""Orders, their summaries and cohorts of subscribers in files: CSV, plain or gzip, for fitting models to them.

Columns, others are left alone:

* orders: ``customer_id``, ``ordered_at`` (a day or an instant: the day that is written counts), ``amount``;
* a summary: ``x``, ``t_x``, ``T``, and ``m_x`` where values are known; ``customer_id`` where one has it;
* subscriptions: ``period`` (0, 1, 2, …) and ``surviving``.
"""

import csv
import gzip
import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from orchestrator.core.traits.orders import Order, Summary
from orchestrator.files.events import EventFileProblem, opened

_COMPACT_DAY = re.compile(r"[0-9]{8}")
MOST_AMOUNT = Decimal(10) ** 15
Row = TypeVar("Row")


def read_orders(path: Path) -> list[Order]:
    """Every order of a file. Raises :class:`EventFileProblem`, with line and column."""
    found = []
    for place, row in _rows(path, ("customer_id", "ordered_at", "amount")):
        customer = row["customer_id"].strip()
        if not customer:
            raise EventFileProblem(f"{place}: column “customer_id” is empty. Say whose order it is, or leave it out.")
        found.append(Order(customer, _day(row["ordered_at"], place), _amount(row["amount"], place)))
    return _some(found, path)


def read_summary(path: Path) -> tuple[list[Summary], bool]:
    """What is known of each customer, and whether values (``m_x``) are. Raises :class:`EventFileProblem`."""
    found, valued = [], False
    for number, (place, row) in enumerate(_rows(path, ("x", "t_x", "T")), 1):
        x, t_x, t = (_positive(row[column], column, place) for column in ("x", "t_x", "T"))
        if not x.is_integer():
            raise EventFileProblem(f"{place}: column “x” has {x:g}. It counts repeat orders: give a whole number.")
        if t_x > t:
            raise EventFileProblem(
                f"{place}: column “t_x” has {t_x:g}, which is after “T” ({t:g}). Give both since the first order."
            )
        if (x == 0) != (t_x == 0):
            raise EventFileProblem(
                f"{place}: columns “x” ({x:g}) and “t_x” ({t_x:g}) disagree. Without a repeat order both are 0."
            )
        valued = valued or "m_x" in row
        mean = _positive(row["m_x"], "m_x", place) if row.get("m_x", "").strip() else 0.0
        found.append(Summary(row.get("customer_id") or str(number), x, t_x, t, mean))
    return _some(found, path), valued


def read_cohort(path: Path) -> list[float]:
    """How many subscribers there are after 0, 1, 2, … renewals. Raises :class:`EventFileProblem`."""
    found: list[float] = []
    for place, row in _rows(path, ("period", "surviving")):
        period, count = (_positive(row[column], column, place) for column in ("period", "surviving"))
        if period != len(found):
            raise EventFileProblem(
                f"{place}: column “period” has {row['period']}, where {len(found)} comes next. "
                "Begin with 0 and leave none out."
            )
        if found and count > found[-1]:
            raise EventFileProblem(
                f"{place}: column “surviving” has {count:g}, more than {found[-1]:g} before it. Count those of the "
                "first period only: who came later is another cohort."
            )
        found.append(count)
    return _some(found, path)


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each row, and where it stands."""
    with opened(path) as file:
        rows = csv.DictReader(file)
        try:
            has = list(rows.fieldnames or ())
            for name in wanted:
                if name not in has:
                    raise EventFileProblem(
                        f"{path}, line 1: there is no column “{name}”. It has: {', '.join(has) or 'none'}. "
                        "Name the columns in the first line."
                    )
            for row in rows:
                yield (
                    f"{path}, line {rows.line_num}",
                    {name: value or "" for name, value in row.items() if isinstance(name, str)},
                )
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise EventFileProblem(
                f"{path}, after line {rows.line_num}: {error}. Give a CSV file in UTF-8, plain or gzip."
            ) from error


def _day(value: str, place: str) -> date:
    text = value.strip()
    try:
        if _COMPACT_DAY.fullmatch(text):
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 (a day has no zone)
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise EventFileProblem(
            f"{place}: column “ordered_at” has “{text}”, which is no day. Write it as 2026-01-31."
        ) from None


def _amount(value: str, place: str) -> Decimal:
    text = value.strip()
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount <= MOST_AMOUNT:
        raise EventFileProblem(
            f"{place}: column “amount” has “{text}”, which is no amount. Write a number such as 12000 or 12.50, "
            "without signs of currency or separators; leave returned orders out."
        )
    return amount


def _positive(value: str, column: str, place: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise EventFileProblem(f"{place}: column “{column}” has “{value.strip()}”. Give a number from 0 on.")
    return number


def _some(found: list[Row], path: Path) -> list[Row]:
    if not found:
        raise EventFileProblem(f"{path}: there is no row after the first line. Give one line for each.")
    return found
