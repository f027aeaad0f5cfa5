"""Where lines and dots of an experiment's charts stand: whiskers beside the arms, the course of a lift by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orchestrator.core.experiments.analysis import Analysis
from orchestrator.core.experiments.comparison import Comparison
from orchestrator.store.experiments.report import DayOfArm

WIDE, MIDDLE, REACH = 200.0, 100.0, 92.0
"""Of a whisker's drawing: its width, where no difference stands, and how far the largest bound reaches from there."""
COURSE_WIDE, COURSE_HIGH, LEFT, TOP, FOOT = 640.0, 168.0, 56.0, 8.0, 24.0
STEEPEST = 4.0
"""The first days' bounds are cut off at so many times the last day's: they would flatten all that follows."""


@dataclass(frozen=True)
class Whisker:
    """From ``low`` to ``high`` with a dot at ``dot``; no bounds while there are too few to tell."""

    dot: float
    low: float | None
    high: float | None


def whiskers(analysis: Analysis) -> Mapping[str, Whisker]:
    """By arm but the control, all on one scale: relative where that can be told of every arm, else absolute."""
    found = {one.arm: one.comparison for one in analysis.arms if one.comparison is not None}
    relative = bool(found) and all(one.relative_low is not None for one in found.values())
    values = {arm: _values(one, relative) for arm, one in found.items()}
    extent = max((abs(value) for of in values.values() for value in of if value is not None), default=0.0) or 1.0

    def place(value: float | None) -> float | None:
        return None if value is None else round(MIDDLE + REACH * value / extent, 1)

    return {arm: Whisker(place(dot) or MIDDLE, place(low), place(high)) for arm, (dot, low, high) in values.items()}


def _values(one: Comparison, relative: bool) -> tuple[float, float | None, float | None]:
    if relative:
        return one.relative or 0.0, one.relative_low, one.relative_high
    return one.difference, one.low, one.high


@dataclass(frozen=True)
class Course:
    """An arm's lift by day: ``line`` of all days, ``band`` of those with bounds, as points of SVG. ``ticks``: height
    and value of the marks on the left."""

    line: str
    band: str
    zero: float
    ticks: Sequence[tuple[float, float]]
    first: date
    last: date
    end: tuple[float, float]


def course(days: Sequence[DayOfArm]) -> Course | None:
    """None while there are not two days to draw a line between."""
    if len(days) < 2:
        return None
    extent = _extent(days)
    last, span = days[-1].day, max(1, (days[-1].day - days[0].day).days)
    high = COURSE_HIGH - FOOT - TOP

    def x(day: date) -> float:
        return round(LEFT + (COURSE_WIDE - LEFT - 8) * (day - days[0].day).days / span, 1)

    def y(value: float) -> float:
        return round(TOP + high * (1 - max(-1.0, min(1.0, value / extent))) / 2, 1)

    line = " ".join(f"{x(one.day)},{y(one.difference)}" for one in days)
    told = [one for one in days if one.low is not None and one.high is not None]
    above = [f"{x(one.day)},{y(one.high or 0.0)}" for one in told]
    below = [f"{x(one.day)},{y(one.low or 0.0)}" for one in reversed(told)]
    ticks = [(y(value), value) for value in (extent, 0.0, -extent)]
    return Course(line, " ".join(above + below), y(0.0), ticks, days[0].day, last, (x(last), y(days[-1].difference)))


def _extent(days: Sequence[DayOfArm]) -> float:
    end = days[-1]
    bounds = [abs(value) for value in (end.low, end.high, end.difference) if value is not None]
    widest = max(abs(value) for one in days for value in (one.low, one.high, one.difference) if value is not None)
    return min(widest, STEEPEST * max(bounds)) or 1.0
