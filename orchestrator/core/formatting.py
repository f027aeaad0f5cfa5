"""Spans of time, instants and weekdays in words."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from orchestrator.core.text import Text, joined, moment_text

WEEKDAY_TEXT: dict[str, Text] = {
    name: moment_text(date(2024, 1, 1 + n), "weekday_name")  # a Monday, and the days after it
    for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}


def span(length: timedelta) -> Text:
    """``2 days 3 hours`` / ``2일 3시간``; at most the two largest units."""
    left = int(length.total_seconds())
    parts: list[Text] = []
    for seconds, name in _UNITS:
        number, left = divmod(left, seconds)
        if number and len(parts) < 2:
            parts.append(_counted(name, number))
    return joined(parts, " ") if parts else _counted("second", 0)


Unit = Literal["day", "hour", "minute", "second"]
_UNITS: tuple[tuple[int, Unit], ...] = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def _counted(name: Unit, count: int) -> Text:
    match name:
        case "day":
            return Text("{count} day", plural="{count} days", count=count)
        case "hour":
            return Text("{count} hour", plural="{count} hours", count=count)
        case "minute":
            return Text("{count} minute", plural="{count} minutes", count=count)
    return Text("{count} second", plural="{count} seconds", count=count)


def instant(at: datetime, tz: ZoneInfo) -> Text:
    """``Tue 3 Mar 2026 10:00`` / ``2026년 3월 3일(화) 10:00`` on the clock of a place; seconds where there are any."""
    local = at.astimezone(tz)
    return moment_text(local, "instant_second" if local.second else "instant")
