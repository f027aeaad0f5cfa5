"""Values of reports, as the API and files tell them: the same from either engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from orchestrator.core.measures.report import Column

_CENT = Decimal("0.01")


def told_rows(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows of plain values: texts, numbers, money as text of a decimal, days and instants as ISO 8601."""
    return [[told(column, value) for column, value in zip(columns, row, strict=True)] for row in rows]


def told(column: Column, value: Any) -> Any:
    """One value; None stays None."""
    if value is None:
        return None
    match column.unit:
        case "count":
            return int(value)
        case "share" | "days" | "number":
            return float(value)
        case "money":
            return format(Decimal(str(value)).quantize(_CENT, ROUND_HALF_EVEN), "f")
        case "day" | "month":
            return (value.date() if isinstance(value, datetime) else value).isoformat()
        case "instant":
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case "text":
            return value.isoformat() if isinstance(value, date) else str(value)
