"""One condition tree over a customer and the event in scope.

The same models are what the canvas edits, what a branch asks of one customer in memory (``evaluation.py``) and what a
segment asks of all customers in SQL (``orchestrator/store/condition_sql.py``); Hypothesis holds the last two equal.

*The event in scope* is the event a filter looks at: the triggering event in an entry filter, the awaited event in a
wait, each event of the history in ``History.where``, and the run's entry event everywhere else.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from orchestrator.core.text import Frozen


def without_nul(value: str) -> str:
    """The text without U+0000, which PostgreSQL cannot hold; intake strips it from events in the same way."""
    return value.replace("\0", "")


Words = Annotated[str, AfterValidator(without_nul)]
Name = Annotated[Words, Field(min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Scalar = Words | int | Finite | bool
Stage = Literal["intake", "adaptation", "retention", "churn_signal"]
STAGES: tuple[Stage, ...] = ("intake", "adaptation", "retention", "churn_signal")
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

    ref: str = Field(pattern=r"^(entry|event|var)\.[^\s.\x00][^\x00]*$", max_length=200)


Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "starts_with", "exists", "missing"]
Operand = Scalar | tuple[Scalar, ...] | Ref | None


class All(Frozen):
    """True when every part is (and when there is none)."""

    kind: Literal["all"] = "all"
    of: tuple["Condition", ...]


class Any_(Frozen):  # noqa: N801 - the plain name is typing's
    """True when at least one part is."""

    kind: Literal["any"] = "any"
    of: tuple["Condition", ...]


class Not(Frozen):
    """True when its part is not."""

    kind: Literal["not"] = "not"
    of: "Condition"


class Attribute(Frozen):
    """Compares an attribute of the customer. A missing or null one satisfies only ``ne``, ``not_in``, ``missing``."""

    kind: Literal["attribute"] = "attribute"
    name: Name
    op: Operator = "eq"
    value: Operand = None


class Property(Frozen):
    """Compares a property (dotted path) of the event in scope."""

    kind: Literal["property"] = "property"
    name: Name
    op: Operator = "eq"
    value: Operand = None


class Consent(Frozen):
    """Whether the customer has consented to a class of message on a channel (``night`` is its own consent)."""

    kind: Literal["consent"] = "consent"
    channel: Words
    purpose: Literal["advertising", "night"] = "advertising"
    granted: bool = True


class InStage(Frozen):
    """Whether the customer's lifecycle stage is one of these."""

    kind: Literal["stage"] = "stage"
    of: tuple[Stage, ...] = Field(min_length=1)


Measure = Literal[
    "count",
    "sum",
    "average",
    "minimum",
    "maximum",
    "first",
    "last",
    "days_since_first",
    "days_since_last",
    "average_interval",
    "overdue",
]
OF_A_PROPERTY: frozenset[Measure] = frozenset({"sum", "average", "minimum", "maximum", "first", "last"})


class History(Frozen):
    """Measures the customer's own events of one name, and compares the measure.

    ``count``: how many (``gte 1`` by default: at least once; ``eq 0``: never). ``sum``, ``average``, ``minimum``,
    ``maximum``: of a numeric property, other values ignored; the sum of none is 0. Every other measure of too few
    events is a missing value. ``first``, ``last``: the property of the earliest or latest event. ``days_since_first``,
    ``days_since_last``: in days of 24 hours. ``average_interval``: mean days between consecutive events, of at least
    two. ``overdue``: days since the last, divided by that interval (1.5: half as long again as their own habit).
    """

    kind: Literal["history"] = "history"
    event: Name
    measure: Measure = "count"
    property: Name | None = None
    where: "Condition | None" = None
    within: Duration | None = Field(None, description="Only events of the last so long: (now - within, now].")
    since_entry: bool = Field(False, description="Only events from the run's entry on.")
    after: AwareDatetime | None = Field(None, description="Only events at or after this instant.")
    op: Operator = "gte"
    value: Operand = 1

    @model_validator(mode="after")
    def _shape(self) -> "History":
        if (self.measure in OF_A_PROPERTY) != (self.property is not None):
            raise ValueError(f"measure {self.measure!r} and a property do not go together as given")
        if self.where is not None and any(not isinstance(leaf, Property) for leaf in leaves(self.where)):
            raise ValueError("'where' may look at properties of the event only")
        return self


Condition = Annotated[
    All | Any_ | Not | Attribute | Property | Consent | InStage | History, Field(discriminator="kind")
]
for _model in (All, Any_, Not, History):
    _model.model_rebuild()

CUSTOMER_UPDATED = "Customer Updated"
"""Name of the event that every change of a customer's attributes, consents or contact leaves in the log."""
STAGE_CHANGED = "Lifecycle Stage Changed"


def leaves(condition: "Condition") -> Iterator[Any]:
    """Every leaf of the tree, left to right; does not descend into ``History.where``."""
    if isinstance(condition, All | Any_):
        for part in condition.of:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.of)
    else:
        yield condition


def wakes_on(condition: "Condition") -> frozenset[str]:
    """Names of the events that may change this condition's truth (time apart, see ``evaluation.Verdict.until``)."""
    names: set[str] = set()
    for leaf in leaves(condition):
        match leaf:
            case History(event=event):
                names.add(event)
            case Attribute() | Consent():
                names.add(CUSTOMER_UPDATED)
            case InStage():
                names.add(STAGE_CHANGED)
    return frozenset(names)
