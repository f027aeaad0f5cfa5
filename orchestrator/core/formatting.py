"""Spans of time, instants and weekdays in words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.core.text import Text

WEEKDAY_TEXT: dict[str, Text] = {
    "mon": Text("Monday", "월"),
    "tue": Text("Tuesday", "화"),
    "wed": Text("Wednesday", "수"),
    "thu": Text("Thursday", "목"),
    "fri": Text("Friday", "금"),
    "sat": Text("Saturday", "토"),
    "sun": Text("Sunday", "일"),
}
_UNITS = ((86_400, "day", "일"), (3_600, "hour", "시간"), (60, "minute", "분"), (1, "second", "초"))


def span(length: timedelta) -> Text:
    """``2 days 3 hours`` / ``2일 3시간``; at most the two largest units."""
    left = int(length.total_seconds())
    en: list[str] = []
    ko: list[str] = []
    for seconds, unit, unit_ko in _UNITS:
        number, left = divmod(left, seconds)
        if number and len(en) < 2:
            en.append(f"{number} {unit}{'s' if number != 1 else ''}")
            ko.append(f"{number}{unit_ko}")
    return Text(" ".join(en) or "0 seconds", " ".join(ko) or "0초")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant(at: datetime, where: ZoneInfo) -> Text:
    """``Tue 3 Mar 2026 10:00`` / ``2026년 3월 3일(화) 10:00`` on the clock of a place; seconds where there are any."""
    local = at.astimezone(where)
    weekday = WEEKDAY_TEXT[_WEEKDAYS[local.weekday()]]
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return Text(
        f"{weekday.en[:3]} {local.day} {_MONTHS[local.month - 1]} {local.year} {clock}",
        f"{local.year}년 {local.month}월 {local.day}일({weekday.ko}) {clock}",
    )


_WEEKDAYS = tuple(WEEKDAY_TEXT)
