"""The journey file: what the canvas saves, what people keep in git, what is compiled. Published as JSON Schema."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.segment import SEGMENT_KEY
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.tree import AllOf
from orchestrator.core.events.system_events import JOURNEY_REQUESTED, SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.labels import called, labelled, schema_of
from orchestrator.core.steps import AnyStep
from orchestrator.core.steps.contract import ENTRY, Span
from orchestrator.core.steps.goal import ENDS_HELP, WORTH_HELP
from orchestrator.core.text import Frozen, LocalText, Text
from orchestrator.core.values import Comparable, Ref, Scalar

MOST_STEPS = 2_000
MOST_EDGES = 20_000
MOST_RULES = 200
JOURNEY_KEY = r"^[a-z][a-z0-9-]{0,62}$"
RULE_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class EventTrigger(Frozen):
    """An event lets its customer in."""

    model_config = called(Text("When an event happens"))
    kind: Literal["event"] = "event"
    event: Comparable = Field(
        min_length=1, max_length=200, json_schema_extra=labelled(Text("Event"), editor="event_name")
    )
    where: Condition | None = Field(
        None,
        description="On the event's properties.",
        json_schema_extra=labelled(
            Text("Only if"),
            editor="condition",
            help=Text("Checks the event's properties."),
        ),
    )


class RequestTrigger(Frozen):
    """A *start journey* step of another journey, or a call to the API, lets the customer in."""

    model_config = called(Text("When another journey or the API asks"))
    kind: Literal["request"] = "request"

    @property
    def event(self) -> str:
        """Name of the event that asks; property ``journey`` says which is meant."""
        return JOURNEY_REQUESTED


DIRECTION_TEXT = {"enter": Text("Enters it"), "leave": Text("Leaves it")}


class SegmentTrigger(Frozen):
    """Coming into a segment, or leaving it, lets the customer in."""

    model_config = called(Text("When someone enters or leaves a segment"))
    kind: Literal["segment"] = "segment"
    segment: str = Field(pattern=SEGMENT_KEY, json_schema_extra=labelled(Text("Segment"), editor="segment"))
    on: Literal["enter", "leave"] = Field(
        "enter", json_schema_extra=labelled(Text("The customer"), options=DIRECTION_TEXT)
    )

    @property
    def event(self) -> str:
        """Name of the event that tells of it."""
        return SEGMENT_ENTERED if self.on == "enter" else SEGMENT_LEFT

    @property
    def where(self) -> Condition:
        """Which of those events: the segment's, and none of a change of definition that is to start nothing."""
        return AllOf(of=(Property(name="segment", value=self.segment), Property(name="quiet", op="ne", value=True)))


Trigger = Annotated[
    EventTrigger | RequestTrigger | SegmentTrigger | DateTrigger | ScheduleTrigger, Field(discriminator="kind")
]


class EntryLimits(Frozen):
    """How many may enter at most; what is not given has no limit."""

    per_hour: int | None = Field(None, ge=1, le=100_000_000, json_schema_extra=labelled(Text("In an hour")))
    per_day: int | None = Field(None, ge=1, le=100_000_000, json_schema_extra=labelled(Text("In 24 hours")))
    total: int | None = Field(None, ge=1, le=1_000_000_000, json_schema_extra=labelled(Text("In all")))

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.per_hour, self.per_day, self.total))


class Entry(Frozen):
    """Who enters. The filter sees the customer after the triggering event has been stored."""

    triggers: tuple[Trigger, ...] = Field(
        min_length=1,
        max_length=50,
        json_schema_extra=labelled(
            Text("Starts on"),
            help=Text("Customers enter when any one of these happens."),
            item=Text("Trigger"),
            new={"kind": "event", "event": ""},
        ),
    )
    filter: Condition | None = Field(
        None,
        description="On the customer, and on the triggering event's properties.",
        json_schema_extra=labelled(
            Text("Only customers who"),
            editor="condition",
            help=Text("Only customers who match enter."),
        ),
    )
    key: str | None = Field(
        None,
        max_length=200,
        description="Property of the entry event: one run for each value of it (a cart, …).",
        json_schema_extra=labelled(
            Text("Separate entry for each"),
            editor="property_name",
            advanced=True,
            help=Text(
                "A property of the entry event, such as cart_id: the customer goes through once for each of its "
                "values. Leave empty for once per customer."
            ),
        ),
    )
    holdout: int = Field(
        0,
        ge=0,
        le=100,
        description="Percent of customers, always the same ones, who never enter.",
        json_schema_extra=labelled(
            Text("Holdout (%)"),
            advanced=True,
            help=Text("This share of customers, always the same ones, never enters, as a comparison group."),
        ),
    )
    limits: EntryLimits = Field(
        EntryLimits(),
        description="How many enter at most, of all customers together, within an hour, 24 hours and ever.",
        json_schema_extra=labelled(
            Text("Entries at most"),
            advanced=True,
            help=Text("Customers beyond a limit are refused. Leave empty for no limit."),
        ),
    )
    everybody: bool = Field(
        False,
        description="Also customers of the workspace's holdout: for journeys that serve (an order confirmation).",
        json_schema_extra=labelled(
            Text("Also the workspace's holdout"),
            advanced=True,
            help=Text("Turn this on for journeys that every customer must get, such as an order confirmation."),
        ),
    )

    @property
    def takes_requests(self) -> bool:
        """Whether another journey, the API or a list may ask for an entry."""
        return any(isinstance(trigger, RequestTrigger) for trigger in self.triggers)


REENTRY_TEXT = {
    "never": Text("Never"),
    "after_end": Text("After the journey ends"),
    "cool_down": Text("Some time after the last entry"),
}


class Reentry(Frozen):
    """Whether a customer (or key) may enter again once a run has ended. A live run is never entered twice."""

    mode: Literal["never", "after_end", "cool_down"] = Field(
        "never", json_schema_extra=labelled(Text("Re-entry"), options=REENTRY_TEXT)
    )
    cool_down: Span = Field(
        timedelta(0),
        description="From the last entry; for mode cool_down.",
        json_schema_extra=labelled(
            Text("Wait before re-entry"),
            editor="duration",
            help=Text("Counted from the last entry."),
        ),
    )


_RULE_ID = labelled(
    Text("Id"),
    help=Text("Files and the API know it by this. Lower-case letters, digits, - and _."),
    advanced=True,
)
_NAME = labelled(Text("Name"), editor="local_text", help=Text("Shown in reports."))


class ExitRule(Frozen):
    """Ends the run at once, wherever it stands: on an event, or as soon as a condition holds."""

    id: str = Field(pattern=RULE_ID, json_schema_extra=_RULE_ID)
    label: LocalText = Field(default_factory=dict, description="Its name, by language.", json_schema_extra=_NAME)
    event: Comparable | None = Field(
        None,
        max_length=200,
        json_schema_extra=labelled(
            Text("Event"),
            editor="event_name",
            help=Text("Customers who do this leave right away."),
        ),
    )
    where: Condition | None = Field(
        None,
        description="On the event; may compare with the entry event.",
        json_schema_extra=labelled(
            Text("Only if"),
            editor="condition",
            help=Text("Checks the event's properties; can compare with the entry event."),
        ),
    )
    when: Condition | None = Field(
        None,
        description="On the customer; instead of an event.",
        json_schema_extra=labelled(
            Text("Or when the customer"),
            editor="condition",
            help=Text("A condition on the customer, instead of an event."),
        ),
    )
    reason: str | None = Field(
        None,
        max_length=200,
        description="Its id, where none is given.",
        json_schema_extra=labelled(
            Text("Reason"),
            advanced=True,
            help=Text("Reports count exits by this reason. Leave empty to use the id."),
        ),
    )


class GoalRule(Frozen):
    """A conversion, counted in every step, once per run (or each time, with ``repeat``)."""

    id: str = Field(pattern=RULE_ID, json_schema_extra=_RULE_ID)
    label: LocalText = Field(default_factory=dict, description="Its name, by language.", json_schema_extra=_NAME)
    event: Comparable = Field(max_length=200, json_schema_extra=labelled(Text("Event"), editor="event_name"))
    where: Condition | None = Field(
        None,
        json_schema_extra=labelled(
            Text("Only if"),
            editor="condition",
            help=Text("Checks the event's properties; can compare with the entry event."),
        ),
    )
    value: Scalar | Ref | None = Field(
        None,
        description='A number, or {"ref": "event.revenue"}.',
        json_schema_extra=labelled(Text("Value", context="goal"), editor="value", help=WORTH_HELP),
    )
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", json_schema_extra=labelled(Text("Currency"), editor="currency")
    )
    repeat: bool = Field(
        False,
        json_schema_extra=labelled(
            Text("Count each time"),
            help=Text("Otherwise once per entry."),
        ),
    )
    ends: bool = Field(False, json_schema_extra=labelled(Text("Ends the journey"), help=ENDS_HELP))


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
        json_schema_extra=labelled(Text("Key")),
    )
    name: LocalText = Field(json_schema_extra=labelled(Text("Name"), editor="local_text"))
    description: LocalText = Field(
        default_factory=dict, json_schema_extra=labelled(Text("Description"), editor="local_text")
    )
    entry: Entry = Field(json_schema_extra=labelled(Text("Entry")))
    steps: tuple[AnyStep, ...] = Field(max_length=MOST_STEPS, json_schema_extra=labelled(Text("Steps")))
    edges: tuple[Edge, ...] = Field((), max_length=MOST_EDGES, json_schema_extra=labelled(Text("Lines")))
    exits: tuple[ExitRule, ...] = Field(
        (),
        max_length=MOST_RULES,
        json_schema_extra=labelled(
            Text("Exit rules"),
            help=Text("Customers who match one leave right away, whichever step they are at."),
            item=Text("Exit rule"),
            new={"id": "exit", "event": ""},
        ),
    )
    goals: tuple[GoalRule, ...] = Field(
        (),
        max_length=MOST_RULES,
        json_schema_extra=labelled(
            Text("Goals"),
            help=Text("Conversions, counted whichever step the customer is at."),
            item=Text("Goal"),
            new={"id": "goal", "event": ""},
        ),
    )
    reentry: Reentry = Field(Reentry(), json_schema_extra=labelled(Text("Re-entry")))
    moves_stage: bool = Field(
        False,
        json_schema_extra=labelled(
            Text("Sets the lifecycle stage"),
            help=Text(
                "Entering a step of another stage moves the customer to that stage. Turn this on for one journey "
                "only; in all others, lanes are just layout."
            ),
        ),
        description="Whether its steps move customers to their lifecycle stages. One journey does, as a rule; in one "
        "that runs beside the lifecycle, such as a cart reminder, the lanes are drawing only: a new customer who fills "
        "a cart is no older for it.",
    )
    variables: dict[str, Scalar | None] = Field(
        default_factory=dict,
        max_length=200,
        description="Initial values, read as var.NAME.",
        json_schema_extra=labelled(
            Text("Variables"),
            editor="value_map",
            advanced=True,
            help=Text("Initial values, read as var.NAME."),
        ),
    )
    layout: Layout = Field(
        default_factory=Layout,
        description="Positions on the canvas; no part of the meaning.",
        json_schema_extra=labelled(Text("Layout")),
    )


def journey_schema() -> dict[str, Any]:
    """The journey file as JSON Schema (draft 2020-12)."""
    schema = schema_of(Journey)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


__all__ = [
    "ENTRY",
    "Edge",
    "Entry",
    "EventTrigger",
    "ExitRule",
    "GoalRule",
    "Journey",
    "Reentry",
    "RequestTrigger",
    "SegmentTrigger",
]
