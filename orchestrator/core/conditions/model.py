"""One condition tree over a customer and the event in scope.

The same models are what the canvas edits, what a branch asks of one customer in memory (``evaluation.py``) and what a
segment asks of all customers in SQL (``orchestrator/store/customers/condition_sql.py``); Hypothesis holds the last two
equal.

*The event in scope* is the event a filter looks at: the triggering event in an entry filter, the awaited event in a
wait, each event of the history in ``History.where``, and the run's entry event everywhere else.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from orchestrator.core.channels.registry import PURPOSE_TEXT, channel_titles
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, STAGE_CHANGED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import STAGE_TEXT, Duration, Name, Ref, Scalar, Stage, Words

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "starts_with", "exists", "missing"]
OPERATOR_TEXT: dict[Operator, Text] = {
    "eq": Text("is"),
    "ne": Text("is not"),
    "gt": Text("is more than"),
    "gte": Text("is at least"),
    "lt": Text("is less than"),
    "lte": Text("is at most"),
    "in": Text("is one of"),
    "not_in": Text("is none of"),
    "contains": Text("contains"),
    "starts_with": Text("starts with"),
    "exists": Text("is known"),
    "missing": Text("is not known"),
}
Operand = Scalar | tuple[Scalar, ...] | Ref | None
_OPERATOR = labelled(Text("Comparison"), options=OPERATOR_TEXT)
_VALUE = labelled(Text("Value"), editor="value")
_PARTS = labelled(Text("Conditions"), editor="condition", item=Text("Condition"))


class All(Frozen):
    """True when every part is (and when there is none)."""

    model_config = called(Text("All of these"))
    kind: Literal["all"] = "all"
    of: tuple["Condition", ...] = Field(json_schema_extra=_PARTS)


class AnyOf(Frozen):
    """True when at least one part is."""

    model_config = called(Text("Any of these"))
    kind: Literal["any"] = "any"
    of: tuple["Condition", ...] = Field(json_schema_extra=_PARTS)


class Not(Frozen):
    """True when its part is not."""

    model_config = called(Text("Not"))
    kind: Literal["not"] = "not"
    of: "Condition" = Field(json_schema_extra=labelled(Text("Condition"), editor="condition"))


class Attribute(Frozen):
    """Compares an attribute of the customer. A missing or null one satisfies only ``ne``, ``not_in``, ``missing``."""

    model_config = called(Text("Customer attribute"))
    kind: Literal["attribute"] = "attribute"
    name: Name = Field(json_schema_extra=labelled(Text("Attribute"), editor="attribute_name"))
    op: Operator = Field("eq", json_schema_extra=_OPERATOR)
    value: Operand = Field(None, json_schema_extra=_VALUE)


class Property(Frozen):
    """Compares a property (dotted path) of the event in scope."""

    model_config = called(Text("Event property"))
    kind: Literal["property"] = "property"
    name: Name = Field(json_schema_extra=labelled(Text("Property"), editor="property_name"))
    op: Operator = Field("eq", json_schema_extra=_OPERATOR)
    value: Operand = Field(None, json_schema_extra=_VALUE)


class Consent(Frozen):
    """Whether the customer has consented to a class of message on a channel (``night`` is its own consent)."""

    model_config = called(Text("Consent"))
    kind: Literal["consent"] = "consent"
    channel: Words = Field(json_schema_extra=labelled(Text("Channel"), options=channel_titles()))
    purpose: Literal["advertising", "night"] = Field(
        "advertising", json_schema_extra=labelled(Text("For"), options=PURPOSE_TEXT)
    )
    granted: bool = Field(
        True,
        json_schema_extra=labelled(Text("Agreed"), help=Text("Off: has not agreed.")),
    )


class InStage(Frozen):
    """Whether the customer's lifecycle stage is one of these."""

    model_config = called(Text("Lifecycle stage"))
    kind: Literal["stage"] = "stage"
    of: tuple[Stage, ...] = Field(min_length=1, json_schema_extra=labelled(Text("Stage is one of"), options=STAGE_TEXT))


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
MEASURE_TEXT: dict[Measure, Text] = {
    "count": Text("how often"),
    "sum": Text("sum of a property"),
    "average": Text("average of a property"),
    "minimum": Text("lowest value of a property"),
    "maximum": Text("highest value of a property"),
    "first": Text("property of the first one"),
    "last": Text("property of the last one"),
    "days_since_first": Text("days since the first one"),
    "days_since_last": Text("days since the last one"),
    "average_interval": Text("average interval in days"),
    "overdue": Text("time since the last one over their usual interval"),
}
OF_A_PROPERTY: frozenset[Measure] = frozenset({"sum", "average", "minimum", "maximum", "first", "last"})


class History(Frozen):
    """Measures the customer's own events of one name, and compares the measure.

    ``count``: how many (``gte 1`` by default: at least once; ``eq 0``: never). ``sum``, ``average``, ``minimum``,
    ``maximum``: of a numeric property, other values ignored; the sum of none is 0. Every other measure of too few
    events is a missing value. ``first``, ``last``: the property of the earliest or latest event. ``days_since_first``,
    ``days_since_last``: in days of 24 hours. ``average_interval``: mean days between consecutive events, of at least
    two. ``overdue``: days since the last, divided by that interval (1.5: half as long again as their own habit).
    """

    model_config = called(Text("What they have done"))
    kind: Literal["history"] = "history"
    event: Name = Field(json_schema_extra=labelled(Text("Event"), editor="event_name"))
    measure: Measure = Field("count", json_schema_extra=labelled(Text("Measure"), options=MEASURE_TEXT))
    property: Name | None = Field(None, json_schema_extra=labelled(Text("Property"), editor="property_name"))
    where: "Condition | None" = Field(
        None,
        json_schema_extra=labelled(
            Text("Only events with"),
            editor="condition",
            help=Text("On the event's properties."),
        ),
    )
    within: Duration | None = Field(
        None,
        description="Only events of the last so long: (now - within, now].",
        json_schema_extra=labelled(
            Text("In the last"),
            editor="duration",
            help=Text("Empty: however long ago."),
        ),
    )
    since_entry: bool = Field(
        False,
        description="Only events from the run's entry on.",
        json_schema_extra=labelled(Text("Only since entry")),
    )
    after: AwareDatetime | None = Field(
        None,
        description="Only events at or after this instant.",
        json_schema_extra=labelled(Text("Only since"), editor="date", advanced=True),
    )
    op: Operator = Field("gte", json_schema_extra=_OPERATOR)
    value: Operand = Field(1, json_schema_extra=_VALUE)

    @model_validator(mode="after")
    def _shape(self) -> "History":
        if (self.measure in OF_A_PROPERTY) != (self.property is not None):
            raise ValueError(f"measure {self.measure!r} and a property do not go together as given")
        if self.where is not None and any(not isinstance(leaf, Property) for leaf in leaves(self.where)):
            raise ValueError("'where' may look at properties of the event only")
        return self


Condition = Annotated[
    All | AnyOf | Not | Attribute | Property | Consent | InStage | History, Field(discriminator="kind")
]
for _model in (All, AnyOf, Not, History):
    _model.model_rebuild()


def leaves(condition: "Condition") -> Iterator[Any]:
    """Every leaf of the tree, left to right; does not descend into ``History.where``."""
    if isinstance(condition, All | AnyOf):
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
