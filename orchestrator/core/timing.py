"""Zones, the accelerated clock, local times of day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from orchestrator.core.zone_settings import DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Clock:
    """Journey time as a function of real time: the one place where a demo's days become seconds.

    ``day_seconds`` real seconds make a day of journey time. ``real`` and ``journey`` are two names of one instant;
    with all defaults, journey time is real time. Before that instant the two ran side by side: a history that is
    imported into a demo keeps its dates, instead of falling thousands of years back.
    """

    day_seconds: float = 86_400.0
    real: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    journey: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    @property
    def speed(self) -> float:
        """Journey seconds in a real second."""
        return 86_400.0 / self.day_seconds

    def at(self, real: datetime) -> datetime:
        """The journey instant of a real one."""
        if self.day_seconds == 86_400.0 or real < self.real:
            return real + (self.journey - self.real)
        return self.journey + (real - self.real) * self.speed

    def now(self) -> datetime:
        """Journey time now. For programs that may read a clock: never called by the core or a workflow."""
        return self.at(datetime.now(UTC))

    def wait(self, duration: timedelta) -> timedelta:
        """How long to wait, in real time, for a span of journey time to pass."""
        return duration if self.day_seconds == 86_400.0 else duration / self.speed


REAL_TIME = Clock()
PROMPT = timedelta(minutes=1)
"""A message settled within this time is settled at the instant at which its run asked for it; what takes longer (night
hours, a provider away) counts from when it was."""


NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
"""Names that some machines have a file of: what they mean is the machine's own affair."""


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every name of a zone that means the same on every machine."""
    return frozenset(available_timezones()) - NO_ZONES


@lru_cache(maxsize=1024)
def zone(name: str | None, otherwise: str = DEFAULT_ZONE) -> ZoneInfo:
    """The zone called ``name``; an unknown or missing one is ``otherwise`` (bad input never stops a journey)."""
    try:
        return ZoneInfo(otherwise if not name or name in NO_ZONES else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def local_moment(value: object, tz: ZoneInfo) -> datetime | None:
    """What an ISO 8601 date or instant is on the clock of a zone, without one; None where it is neither.

    The one rule of which day an instant falls on. What names no zone is meant where the customer is.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()[:40])
        except ValueError:
            return None
    if isinstance(value, datetime):
        try:
            return (value.astimezone(tz) if value.tzinfo else value).replace(tzinfo=None)
        except OverflowError:  # such as 0001-01-01, which some zone puts before all dates
            return None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date has no zone
    return None


def local_day(value: object, tz: ZoneInfo) -> date | None:
    """The day of :func:`local_moment`; of a text that only begins with a date, that date."""
    moment = local_moment(value, tz)
    if moment is not None or not isinstance(value, str):
        return None if moment is None else moment.date()
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def resolve(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant of a local date and time. A time skipped by a clock change moves forward to the next valid
    instant; a repeated one takes the first."""
    local = datetime.combine(day, at, tzinfo=tz)  # fold=0: the first of a repeated time
    instant = local.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(local, tz)


def _end_of_gap(local: datetime, tz: ZoneInfo) -> datetime:
    """The first valid instant after a skipped local time: where the zone's offset changes."""
    before = local.replace(fold=0).utcoffset() or timedelta(0)
    after = local.replace(fold=1).utcoffset() or timedelta(0)
    low = local.replace(tzinfo=UTC) - max(before, after)
    high = local.replace(tzinfo=UTC) - min(before, after)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(tz).utcoffset() == low.astimezone(tz).utcoffset():
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def next_time_of_day(now: datetime, at: time, tz: ZoneInfo, weekdays: frozenset[int] | None = None) -> datetime:
    """The next instant, strictly after ``now``, of a local time of day (on one of ``weekdays``, Monday 0)."""
    day = now.astimezone(tz).date()
    while True:
        if weekdays is None or day.weekday() in weekdays:
            instant = resolve(day, at, tz)
            if instant > now:
                return instant
        day += timedelta(days=1)


def next_anniversary(now: datetime, of: date, at: time, tz: ZoneInfo, offset: timedelta) -> datetime:
    """The next instant after ``now`` of a yearly date, ``offset`` whole days from it; 29 February falls on the 28th."""
    first = (now - offset).year - 1  # of the years whose date, moved by the offset, may lie just ahead
    for year in range(max(first, 1), first + 5):
        try:
            day = of.replace(year=year)
        except ValueError:
            day = of.replace(year=year, day=28)
        instant = resolve(day + offset, at, tz)
        if instant > now:
            return instant
    raise AssertionError("unreachable: a yearly date recurs")


def within_window(now: datetime, start: time, end: time, tz: ZoneInfo) -> bool:
    """Whether the local time lies in [start, end); a window may cross midnight."""
    local = now.astimezone(tz).time()
    return start <= local < end if start <= end else local >= start or local < end
