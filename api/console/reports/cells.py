"""The cells of a report's table, written as the reader's language writes numbers, money, days and shares."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.console.reports.results import Result
from api.pages.view import View
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.locale import formatting
from orchestrator.core.measures.report import Column

MOST_ROWS = 300
"""Shown in a table; a file has them all."""
UNIT = "unit"
"""A column that says of each row what unit its value has; it is not shown itself."""
NUMBERS = frozenset({"count", "share", "money", "days", "number"})


@dataclass(frozen=True)
class Cell:
    """``whole``: of a share, its part and its whole in words; ``stage``: the stage that it names, for its badge."""

    text: str
    number: bool = False
    whole: str = ""
    stage: str | None = None


@dataclass(frozen=True)
class Table:
    """``columns``: those that are shown; ``rows``: their cells; ``all``: how many rows there are."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    all: int


def table(
    view: View, result: Result, without: Container[str] = (), rows: Sequence[Sequence[Any]] | None = None
) -> Table:
    """The first rows of a report. ``without``: columns that are left out; ``rows``: others than those of the period."""
    columns, rows = result.report.columns, result.rows if rows is None else rows
    shown = [at for at, column in enumerate(columns) if column.name not in without and column.name != UNIT]
    cells = [[cell(view, result, row, at) for at in shown] for row in rows[:MOST_ROWS]]
    return Table([columns[at] for at in shown], cells, len(rows))


def cell(view: View, result: Result, row: Sequence[Any], at: int) -> Cell:
    """One cell of a row."""
    column, value = result.report.columns[at], row[at]
    called = result.labels.get(column.name, {}).get(str(value if value is not None else ""))
    if called is not None:
        is_stage = value in STAGE_TITLES and column.unit == "text" and called == view.stage(value)
        return Cell(called, stage=value if is_stage else None)
    currency = str(row[result.at(column.currency)] or "") if column.currency else result.filters.currency or ""
    if result.has(UNIT) and column.name == "value":
        column = replace(column, unit=row[result.at(UNIT)])
        currency = str(row[result.at("currency")] or "") if column.unit == "money" else ""
    return Cell(written(view, column, value, currency), column.unit in NUMBERS, whole_of(view, result, row, column))


def written(view: View, column: Column, value: Any, currency: str = "") -> str:
    """A value in words; a dash where there is none."""
    if value is None or value == "":
        return "–"
    match column.unit:
        case "share":
            return formatting.share(value, view.locale)
        case "money":
            return money(view, value, currency)
        case "days":
            return view.words("reports.days", number=formatting.number(value, view.locale, "#,##0.#"))
        case "count" | "number":
            return formatting.number(value, view.locale, "#,##0.##")
        case "instant":
            return view.words.local(datetime.fromisoformat(value))
    return str(value)


def money(view: View, value: Any, currency: str) -> str:
    """An amount in its currency; a plain number where nobody said which."""
    amount = Decimal(str(value))
    return formatting.money(amount, currency, view.locale) if currency else formatting.number(amount, view.locale)


def whole_of(view: View, result: Result, row: Sequence[Any], column: Column) -> str:
    """Of a share: “120 of 387”; empty where its part and whole are not told."""
    if not (column.of and column.numerator):
        return ""
    part, whole = row[result.at(column.numerator)], row[result.at(column.of)]
    if part is None or whole is None:
        return ""
    return view.words("reports.of", part=_plain(view, part), whole=_plain(view, whole))


def _plain(view: View, value: Any) -> str:
    return formatting.number(Decimal(str(value)), view.locale, "#,##0.##")
