"""Kinds of value that the whole core shares: names, scalars, durations, stages, message classes, references."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    WrapSerializer,
)
from pydantic_core import PydanticCustomError

from orchestrator.core.characters import comparable
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Frozen, Text


def without_nul(value: str) -> str:
    """The text without U+0000, which PostgreSQL cannot hold; intake strips it from events in the same way."""
    return value.replace("\0", "")


def _comparable(value: object) -> object:
    return comparable(without_nul(value)) if isinstance(value, str) else value


def _given(value: str, info: ValidationInfo) -> str:
    if as_written(info) and not value:
        raise PydanticCustomError("string_too_short", "it must not be empty")
    return value


Words = Annotated[str, AfterValidator(without_nul)]
Comparable = Annotated[str, BeforeValidator(_comparable)]
"""A name that is compared: of an event, a property, an attribute; as intake reads it too."""
GivenName = Annotated[Comparable, AfterValidator(_given)]
"""One that is not empty, where a person writes it; a stored plan may hold an empty one, and goes on."""
Name = Annotated[Comparable, Field(min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""What is larger is a number too, but no whole one: JSON carries no more digits."""
Scalar = Words | Whole | Finite | bool
Stage = Literal["intake", "adaptation", "retention", "churn_signal"]
STAGES: tuple[Stage, ...] = ("intake", "adaptation", "retention", "churn_signal")
STAGE_TEXT: dict[Stage, Text] = {
    "intake": Text("intake"),
    "adaptation": Text("adaptation"),
    "retention": Text("retention & expansion"),
    "churn_signal": Text("churn signal"),
}
MessageClass = Literal["advertising", "informational"]

_SHORT = re.compile(r"([0-9]{1,9})\s{0,9}([wdhms])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_MONTHS = re.compile(r"P[0-9.,]{0,20}[YM]|P[0-9.,]{1,20}Y[0-9.,]{1,20}M", re.ASCII)
_LONGEST = 40
"""Letters of a duration: digits beyond them are read in a time that grows with their square."""


def as_written(info: ValidationInfo) -> bool:
    """Whether a person's words are read, and not a stored plan: what was published before a rule came goes on.

    Plans are read as JSON, and older ones hold 365 days as pydantic writes them: ``P1Y``.
    """
    return info.mode == "python"


def _duration(value: object, info: ValidationInfo) -> object:
    """``"7d"``, ``"1h30m"`` beside ISO 8601 ``"P7D"``: people write the first, machines the second."""
    if not isinstance(value, str):
        if as_written(info) and not isinstance(value, timedelta):  # 10 of what?
            raise PydanticCustomError("time_delta_type", "a duration such as 7d is expected")
        return value
    if len(value) > _LONGEST:
        raise PydanticCustomError("duration_too_long", "at most {most} characters", {"most": _LONGEST})
    if as_written(info) and _MONTHS.match(value.strip().upper().lstrip("+-")):
        raise PydanticCustomError("duration_of_the_calendar", "months and years differ in length")
    found = _SHORT.findall(value)
    if not found or _SHORT.sub("", value).strip():
        if as_written(info) and ":" in value:  # 10:00 hours, or minutes?
            raise PydanticCustomError("time_delta_parsing", "a duration such as 7d is expected")
        return value
    units = [unit for _, unit in found]
    twice = next((unit for unit in units if units.count(unit) > 1), None)
    if twice is not None and as_written(info):
        raise PydanticCustomError("duration_unit_twice", "{unit} is written twice", {"unit": twice})
    try:
        return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in found), timedelta())
    except OverflowError as error:
        raise ValueError("longer than time itself") from error


def _in_days(value: timedelta, write: SerializerFunctionWrapHandler) -> str:
    """Pydantic writes 365 days as ``P1Y``, which is read as a year of the calendar by everybody else, us included."""
    return _YEARS.sub(lambda found: f"P{int(found[1]) * 365 + int(found[2] or 0)}D", write(value))


_YEARS = re.compile(r"^P([0-9]+)Y(?:([0-9]+)D)?")
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WrapSerializer(_in_days, when_used="json"),
    Field(ge=timedelta(0), description="ISO 8601 (P7D) or short (7d, 1h30m)."),
]


def _time_of_day(value: object, info: ValidationInfo) -> object:
    """``10`` would be ten seconds past midnight, and ``10:00Z`` another time wherever the customer is."""
    local = isinstance(value, time) and value.tzinfo is None
    written = isinstance(value, str) and _CLOCK.fullmatch(value.strip()) is not None
    if as_written(info) and not local and not written:
        raise PydanticCustomError("time_of_day", "a time of day such as 10:00 is expected")
    return value


_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""On the clock of wherever one is: ``10:00``."""


def _day(value: object, info: ValidationInfo) -> object:
    """A number would be seconds since 1970, and an instant is another day elsewhere."""
    day = isinstance(value, date) and not isinstance(value, datetime)
    written = isinstance(value, str) and _CALENDAR.fullmatch(value.strip()) is not None
    if as_written(info) and not day and not written:
        raise PydanticCustomError("date_type", "a date such as 2026-03-01 is expected")
    return value


_CALENDAR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Day = Annotated[date, BeforeValidator(_day)]
"""Of the calendar, wherever one is: ``2026-03-01``."""


def _instant(value: object, info: ValidationInfo) -> object:
    """A number would be seconds or milliseconds since 1970, as it is large."""
    if as_written(info) and not isinstance(value, datetime | str):
        raise PydanticCustomError("datetime_type", "an instant is expected")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
"""With its zone: ``2026-03-01T10:00:00+09:00``."""


class Ref(Frozen):
    """A value looked up when the run gets here: ``entry.cart_id``, ``event.sku``, ``var.coupon``."""

    model_config = called(Text("Value of an event or variable"))
    ref: str = Field(
        pattern=r"^(entry|event|var)\.[^\s.\x00][^\x00]*$",
        max_length=200,
        json_schema_extra=labelled(
            Text("Where it comes from"),
            help=Text("entry.NAME, event.NAME or var.NAME."),
        ),
    )
