"""The journey file: what the canvas saves, what people keep in git, what is compiled. Published as JSON Schema."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.core.conditions.model import Condition
from orchestrator.core.labels import called, labelled, schema_of
from orchestrator.core.steps import AnyStep
from orchestrator.core.steps.contract import ENTRY, Span
from orchestrator.core.steps.goal import ENDS_HELP, WORTH_HELP
from orchestrator.core.text import Frozen, LocalText, Text
from orchestrator.core.values import Ref, Scalar

MOST_STEPS = 2_000
MOST_EDGES = 20_000
MOST_RULES = 200
JOURNEY_KEY = r"^[a-z][a-z0-9-]{0,62}$"
RULE_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class EventTrigger(Frozen):
    """An event lets its customer in."""

    model_config = called("When an event happens", "이벤트가 일어나면")
    kind: Literal["event"] = "event"
    event: str = Field(min_length=1, max_length=200, json_schema_extra=labelled("Event", "이벤트", editor="event_name"))
    where: Condition | None = Field(
        None,
        description="On the event's properties.",
        json_schema_extra=labelled(
            "Only if",
            "이벤트 조건",
            editor="condition",
            help=("On the event's properties.", "이벤트 속성에 대한 조건입니다."),
        ),
    )


class RequestTrigger(Frozen):
    """A *start journey* step of another journey, or a call to the API, lets the customer in."""

    model_config = called("When another journey or the API asks", "다른 여정이나 API가 요청하면")
    kind: Literal["request"] = "request"


Trigger = Annotated[EventTrigger | RequestTrigger, Field(discriminator="kind")]


class Entry(Frozen):
    """Who enters. The filter sees the customer after the triggering event has been stored."""

    triggers: tuple[Trigger, ...] = Field(
        min_length=1,
        max_length=50,
        json_schema_extra=labelled(
            "Starts",
            "시작",
            help=("Any one of these lets the customer in.", "이 중 하나라도 일어나면 진입합니다."),
            item=("Trigger", "시작 조건"),
            new={"kind": "event", "event": ""},
        ),
    )
    filter: Condition | None = Field(
        None,
        description="On the customer, and on the triggering event's properties.",
        json_schema_extra=labelled(
            "Only customers who",
            "진입 조건",
            editor="condition",
            help=("Who does not meet it does not enter.", "조건에 맞는 고객만 진입합니다."),
        ),
    )
    key: str | None = Field(
        None,
        max_length=200,
        description="Property of the entry event: one run for each value of it (a cart, …).",
        json_schema_extra=labelled(
            "One run for each",
            "진행 구분 속성",
            editor="property_name",
            advanced=True,
            help=(
                "A property of the entry event such as cart_id: one passage for each of its values.",
                "cart_id처럼 진입 이벤트의 속성을 정하면 값마다 따로 진행합니다. 비우면 고객마다 하나입니다.",
            ),
        ),
    )
    holdout: int = Field(
        0,
        ge=0,
        le=100,
        description="Percent of customers, always the same ones, who never enter.",
        json_schema_extra=labelled(
            "Holdout (%)",
            "제외 그룹(%)",
            advanced=True,
            help=(
                "This share of customers, always the same ones, never enters: to compare with.",
                "이 비율의 고객은 늘 진입하지 않습니다. 효과를 비교하는 기준이 됩니다.",
            ),
        ),
    )


REENTRY_TEXT = {
    "never": Text("Never", "허용 안 함"),
    "after_end": Text("Once the run has ended", "종료 후 바로 허용"),
    "cool_down": Text("Some time after the last entry", "일정 시간이 지나면 허용"),
}


class Reentry(Frozen):
    """Whether a customer (or key) may enter again once a run has ended. A live run is never entered twice."""

    mode: Literal["never", "after_end", "cool_down"] = Field(
        "never", json_schema_extra=labelled("Entering again", "재진입", options=REENTRY_TEXT)
    )
    cool_down: Span = Field(
        timedelta(0),
        description="From the last entry; for mode cool_down.",
        json_schema_extra=labelled(
            "At the earliest after",
            "재진입 간격",
            editor="duration",
            help=("Counted from the last entry.", "마지막 진입부터 셉니다."),
        ),
    )


_RULE_ID = labelled(
    "Id",
    "ID",
    help=(
        "Its name in the figures. Lower-case letters, digits, - and _.",
        "현황에 나오는 이름입니다. 영문 소문자, 숫자, -, _를 쓸 수 있습니다.",
    ),
)


class ExitRule(Frozen):
    """Ends the run at once, wherever it stands: on an event, or as soon as a condition holds."""

    id: str = Field(pattern=RULE_ID, json_schema_extra=_RULE_ID)
    event: str | None = Field(
        None,
        max_length=200,
        json_schema_extra=labelled(
            "Event",
            "이벤트",
            editor="event_name",
            help=("Whoever does this leaves at once.", "이 이벤트가 일어나면 바로 이탈합니다."),
        ),
    )
    where: Condition | None = Field(
        None,
        description="On the event; may compare with the entry event.",
        json_schema_extra=labelled(
            "Only if",
            "이벤트 조건",
            editor="condition",
            help=(
                "On the event's properties; may compare with the entry event.",
                "이벤트 속성에 대한 조건입니다. 진입 이벤트와 비교할 수 있습니다.",
            ),
        ),
    )
    when: Condition | None = Field(
        None,
        description="On the customer; instead of an event.",
        json_schema_extra=labelled(
            "Or as soon as",
            "또는 고객이 조건을 만족하면",
            editor="condition",
            help=("Instead of an event: a condition on the customer.", "이벤트 대신 고객에 대한 조건을 씁니다."),
        ),
    )
    reason: str | None = Field(
        None,
        max_length=200,
        description="Its id, where none is given.",
        json_schema_extra=labelled(
            "Reason",
            "사유",
            advanced=True,
            help=("Figures count ends by it. Empty: the id.", "현황에서 이 사유로 셉니다. 비우면 ID를 씁니다."),
        ),
    )


class GoalRule(Frozen):
    """A conversion, counted in every step, once per run (or each time, with ``repeat``)."""

    id: str = Field(pattern=RULE_ID, json_schema_extra=_RULE_ID)
    event: str = Field(max_length=200, json_schema_extra=labelled("Event", "이벤트", editor="event_name"))
    where: Condition | None = Field(
        None,
        json_schema_extra=labelled(
            "Only if",
            "이벤트 조건",
            editor="condition",
            help=(
                "On the event's properties; may compare with the entry event.",
                "이벤트 속성에 대한 조건입니다. 진입 이벤트와 비교할 수 있습니다.",
            ),
        ),
    )
    value: Scalar | Ref | None = Field(
        None,
        description='A number, or {"ref": "event.revenue"}.',
        json_schema_extra=labelled("Value", "가치", editor="value", help=WORTH_HELP),
    )
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", json_schema_extra=labelled("Currency", "통화", editor="currency")
    )
    repeat: bool = Field(
        False,
        json_schema_extra=labelled(
            "Count each time",
            "매번 집계",
            help=("Otherwise once for each run.", "끄면 한 번의 진행에서 한 번만 셉니다."),
        ),
    )
    ends: bool = Field(False, json_schema_extra=labelled("Ends the journey", "여정 종료", help=ENDS_HELP))


class Edge(BaseModel):
    """From a step's port to a step. The edge from ``entry`` leads to the first step."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    source: str = Field(alias="from", max_length=64)
    port: str = Field("next", max_length=64)
    target: str = Field(alias="to", max_length=64)


Coordinate = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]


class Point(Frozen):
    """Where a step stands on the canvas, in pixels."""

    x: Coordinate
    y: Coordinate


class Note(Point):
    """A note on the canvas: words for those who work on the journey."""

    id: str = Field(min_length=1, max_length=64)
    width: Coordinate = Field(200, ge=0)
    height: Coordinate = Field(120, ge=0)
    text: str = Field("", max_length=10_000)


class Layout(Frozen):
    """How the canvas shows a journey: no part of its meaning, and of no version's hash."""

    positions: dict[str, Point] = Field(default_factory=dict, max_length=2 * MOST_STEPS)
    notes: tuple[Note, ...] = Field((), max_length=MOST_RULES)
    lanes: Literal["horizontal", "vertical"] = "horizontal"


class Journey(Frozen):
    """One journey."""

    key: str = Field(
        pattern=JOURNEY_KEY,
        description="Its name in the API and in Temporal; never changes.",
        json_schema_extra=labelled("Key", "키"),
    )
    name: LocalText = Field(json_schema_extra=labelled("Name", "이름", editor="local_text"))
    description: LocalText = Field(
        default_factory=dict, json_schema_extra=labelled("Description", "설명", editor="local_text")
    )
    entry: Entry = Field(json_schema_extra=labelled("Entry", "진입"))
    steps: tuple[AnyStep, ...] = Field(max_length=MOST_STEPS, json_schema_extra=labelled("Steps", "단계"))
    edges: tuple[Edge, ...] = Field((), max_length=MOST_EDGES, json_schema_extra=labelled("Lines", "연결선"))
    exits: tuple[ExitRule, ...] = Field(
        (),
        max_length=MOST_RULES,
        json_schema_extra=labelled(
            "Exit rules",
            "이탈 규칙",
            help=(
                "Whoever meets one leaves at once, wherever they stand.",
                "해당하면 어느 단계에 있든 바로 여정을 떠납니다.",
            ),
            item=("Exit rule", "이탈 규칙"),
            new={"id": "exit", "event": ""},
        ),
    )
    goals: tuple[GoalRule, ...] = Field(
        (),
        max_length=MOST_RULES,
        json_schema_extra=labelled(
            "Goals",
            "목표",
            help=(
                "Conversions, counted wherever the customer stands.",
                "고객이 어느 단계에 있든 세는 전환입니다.",
            ),
            item=("Goal", "목표"),
            new={"id": "goal", "event": ""},
        ),
    )
    reentry: Reentry = Field(Reentry(), json_schema_extra=labelled("Re-entry", "재진입"))
    moves_stage: bool = Field(
        True,
        json_schema_extra=labelled(
            "Moves customers to its stages",
            "고객 단계 변경",
            help=(
                "A step of another stage moves the customer there. Off: the journey runs beside the lifecycle.",
                "다른 단계에 놓인 스텝에 오면 고객의 단계도 바뀝니다. 끄면 고객 단계는 그대로입니다.",
            ),
        ),
        description="Whether its steps move customers to their lifecycle stages. False for a journey that runs beside "
        "the lifecycle, such as a cart reminder: a new customer who fills a cart is no older for it.",
    )
    variables: dict[str, Scalar | None] = Field(
        default_factory=dict,
        max_length=200,
        description="Initial values, read as var.NAME.",
        json_schema_extra=labelled(
            "Variables",
            "변수",
            editor="value_map",
            advanced=True,
            help=("Initial values, read as var.NAME.", "처음 값입니다. var.이름으로 씁니다."),
        ),
    )
    layout: Layout = Field(
        default_factory=Layout,
        description="Positions on the canvas; no part of the meaning.",
        json_schema_extra=labelled("Layout", "배치"),
    )


def journey_schema() -> dict[str, Any]:
    """The journey file as JSON Schema (draft 2020-12)."""
    schema = schema_of(Journey)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


__all__ = ["ENTRY", "Edge", "Entry", "EventTrigger", "ExitRule", "GoalRule", "Journey", "Reentry", "RequestTrigger"]
