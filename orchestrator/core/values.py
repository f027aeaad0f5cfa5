"""Kinds of value that the whole core shares: names, scalars, durations, stages, message classes, references."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Frozen, Text


def without_nul(value: str) -> str:
    """The text without U+0000, which PostgreSQL cannot hold; intake strips it from events in the same way."""
    return value.replace("\0", "")


Words = Annotated[str, AfterValidator(without_nul)]
Name = Annotated[Words, Field(min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""What is larger is a number too, but no whole one: JSON carries no more digits."""
Scalar = Words | Whole | Finite | bool
Stage = Literal["intake", "adaptation", "retention", "churn_signal"]
STAGES: tuple[Stage, ...] = ("intake", "adaptation", "retention", "churn_signal")
STAGE_TEXT: dict[Stage, Text] = {
    "intake": Text("intake"),
    "adaptation": Text("adaptation"),
    "retention": Text("retention"),
    "churn_signal": Text("churn signal"),
}
MessageClass = Literal["advertising", "informational"]

_SHORT = re.compile(r"(\d+)\s*([wdhms])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def _duration(value: object) -> object:
    """``"7d"``, ``"1h30m"`` beside ISO 8601 ``"P7D"``: people write the first, machines the second."""
    if isinstance(value, str) and _SHORT.sub("", value).strip() == "" and value.strip():
        try:
            return timedelta(**{_UNITS[unit]: int(number) for number, unit in _SHORT.findall(value)})
        except OverflowError as error:
            raise ValueError("longer than time itself") from error
    return value


Duration = Annotated[
    timedelta, BeforeValidator(_duration), Field(ge=timedelta(0), description="ISO 8601 (P7D) or short (7d, 1h30m).")
]


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
