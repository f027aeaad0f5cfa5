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
    "eq": Text("is", "같음"),
    "ne": Text("is not", "다름"),
    "gt": Text("is more than", "초과"),
    "gte": Text("is at least", "이상"),
    "lt": Text("is less than", "미만"),
    "lte": Text("is at most", "이하"),
    "in": Text("is one of", "다음 중 하나"),
    "not_in": Text("is none of", "다음 중 아님"),
    "contains": Text("contains", "포함"),
    "starts_with": Text("starts with", "다음으로 시작"),
    "exists": Text("is known", "값 있음"),
    "missing": Text("is not known", "값 없음"),
}
Operand = Scalar | tuple[Scalar, ...] | Ref | None
_OPERATOR = labelled("Comparison", "비교", options=OPERATOR_TEXT)
_VALUE = labelled("Value", "값", editor="value")
_PARTS = labelled("Conditions", "조건", editor="condition", item=("Condition", "조건"))


class All(Frozen):
    """True when every part is (and when there is none)."""

    model_config = called("All of these", "모두 만족")
    kind: Literal["all"] = "all"
    of: tuple["Condition", ...] = Field(json_schema_extra=_PARTS)


class AnyOf(Frozen):
    """True when at least one part is."""

    model_config = called("Any of these", "하나라도 만족")
    kind: Literal["any"] = "any"
    of: tuple["Condition", ...] = Field(json_schema_extra=_PARTS)


class Not(Frozen):
    """True when its part is not."""

    model_config = called("Not", "만족하지 않음")
    kind: Literal["not"] = "not"
    of: "Condition" = Field(json_schema_extra=labelled("Condition", "조건", editor="condition"))


class Attribute(Frozen):
    """Compares an attribute of the customer. A missing or null one satisfies only ``ne``, ``not_in``, ``missing``."""

    model_config = called("Customer attribute", "고객 속성")
    kind: Literal["attribute"] = "attribute"
    name: Name = Field(json_schema_extra=labelled("Attribute", "속성", editor="attribute_name"))
    op: Operator = Field("eq", json_schema_extra=_OPERATOR)
    value: Operand = Field(None, json_schema_extra=_VALUE)


class Property(Frozen):
    """Compares a property (dotted path) of the event in scope."""

    model_config = called("Event property", "이벤트 속성")
    kind: Literal["property"] = "property"
    name: Name = Field(json_schema_extra=labelled("Property", "속성", editor="property_name"))
    op: Operator = Field("eq", json_schema_extra=_OPERATOR)
    value: Operand = Field(None, json_schema_extra=_VALUE)


class Consent(Frozen):
    """Whether the customer has consented to a class of message on a channel (``night`` is its own consent)."""

    model_config = called("Consent", "수신 동의")
    kind: Literal["consent"] = "consent"
    channel: Words = Field(json_schema_extra=labelled("Channel", "채널", options=channel_titles()))
    purpose: Literal["advertising", "night"] = Field(
        "advertising", json_schema_extra=labelled("For", "동의 종류", options=PURPOSE_TEXT)
    )
    granted: bool = Field(
        True,
        json_schema_extra=labelled("Agreed", "동의함", help=("Off: has not agreed.", "끄면 동의하지 않은 고객입니다.")),
    )


class InStage(Frozen):
    """Whether the customer's lifecycle stage is one of these."""

    model_config = called("Lifecycle stage", "고객 단계")
    kind: Literal["stage"] = "stage"
    of: tuple[Stage, ...] = Field(
        min_length=1, json_schema_extra=labelled("Stage is one of", "다음 단계 중 하나", options=STAGE_TEXT)
    )


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
    "count": Text("how often", "횟수"),
    "sum": Text("sum of a property", "속성 합계"),
    "average": Text("average of a property", "속성 평균"),
    "minimum": Text("lowest value of a property", "속성 최솟값"),
    "maximum": Text("highest value of a property", "속성 최댓값"),
    "first": Text("property of the first one", "첫 이벤트의 속성"),
    "last": Text("property of the last one", "마지막 이벤트의 속성"),
    "days_since_first": Text("days since the first one", "첫 이벤트 후 지난 날수"),
    "days_since_last": Text("days since the last one", "마지막 이벤트 후 지난 날수"),
    "average_interval": Text("average interval in days", "평균 간격(일)"),
    "overdue": Text("time since the last one over their usual interval", "평소 간격 대비 지난 시간(배)"),
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

    model_config = called("What they have done", "고객의 행동")
    kind: Literal["history"] = "history"
    event: Name = Field(json_schema_extra=labelled("Event", "이벤트", editor="event_name"))
    measure: Measure = Field("count", json_schema_extra=labelled("Measure", "기준", options=MEASURE_TEXT))
    property: Name | None = Field(None, json_schema_extra=labelled("Property", "속성", editor="property_name"))
    where: "Condition | None" = Field(
        None,
        json_schema_extra=labelled(
            "Only events with",
            "이벤트 조건",
            editor="condition",
            help=("On the event's properties.", "이벤트 속성에 대한 조건입니다."),
        ),
    )
    within: Duration | None = Field(
        None,
        description="Only events of the last so long: (now - within, now].",
        json_schema_extra=labelled(
            "In the last",
            "최근 기간",
            editor="duration",
            help=("Empty: however long ago.", "비우면 기간을 따지지 않습니다."),
        ),
    )
    since_entry: bool = Field(
        False,
        description="Only events from the run's entry on.",
        json_schema_extra=labelled("Only since entry", "진입 이후만"),
    )
    after: AwareDatetime | None = Field(
        None,
        description="Only events at or after this instant.",
        json_schema_extra=labelled("Only since", "이 시점 이후만", editor="date", advanced=True),
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
