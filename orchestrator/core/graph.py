"""The journey file: what the canvas saves, what people keep in git, what is compiled. Published as JSON Schema."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.core.conditions import Condition, Ref, Scalar
from orchestrator.core.steps import AnyStep
from orchestrator.core.steps.contract import ENTRY, Span
from orchestrator.core.text import Frozen, LocalText

JOURNEY_KEY = r"^[a-z][a-z0-9-]{0,62}$"
RULE_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class EventTrigger(Frozen):
    """An event lets its customer in."""

    kind: Literal["event"] = "event"
    event: str = Field(min_length=1, max_length=200)
    where: Condition | None = Field(None, description="On the event's properties.")


class RequestTrigger(Frozen):
    """A *start journey* step of another journey, or a call to the API, lets the customer in."""

    kind: Literal["request"] = "request"


Trigger = Annotated[EventTrigger | RequestTrigger, Field(discriminator="kind")]


class Entry(Frozen):
    """Who enters. The filter sees the customer after the triggering event has been stored."""

    triggers: tuple[Trigger, ...] = Field(min_length=1)
    filter: Condition | None = Field(None, description="On the customer, and on the triggering event's properties.")
    key: str | None = Field(None, description="Property of the entry event: one run for each value of it (a cart, …).")
    holdout: int = Field(0, ge=0, le=100, description="Percent of customers, always the same ones, who never enter.")


class Reentry(Frozen):
    """Whether a customer (or key) may enter again once a run has ended. A live run is never entered twice."""

    mode: Literal["never", "after_end", "cool_down"] = "never"
    cool_down: Span = Field(timedelta(0), description="From the last entry; for mode cool_down.")


class ExitRule(Frozen):
    """Ends the run at once, wherever it stands: on an event, or as soon as a condition holds."""

    id: str = Field(pattern=RULE_ID)
    event: str | None = None
    where: Condition | None = Field(None, description="On the event; may compare with the entry event.")
    when: Condition | None = Field(None, description="On the customer; instead of an event.")
    reason: str | None = Field(None, description="Its id, where none is given.")


class GoalRule(Frozen):
    """A conversion, counted in every step, once per run (or each time, with ``repeat``)."""

    id: str = Field(pattern=RULE_ID)
    event: str
    where: Condition | None = None
    value: Scalar | Ref | None = Field(None, description='A number, or {"ref": "event.revenue"}.')
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    repeat: bool = False
    ends: bool = False


class Edge(BaseModel):
    """From a step's port to a step. The edge from ``entry`` leads to the first step."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    source: str = Field(alias="from")
    port: str = "next"
    target: str = Field(alias="to")


class Journey(Frozen):
    """One journey."""

    key: str = Field(pattern=JOURNEY_KEY, description="Its name in the API and in Temporal; never changes.")
    name: LocalText
    description: LocalText = Field(default_factory=dict)
    entry: Entry
    steps: tuple[AnyStep, ...]
    edges: tuple[Edge, ...] = ()
    exits: tuple[ExitRule, ...] = ()
    goals: tuple[GoalRule, ...] = ()
    reentry: Reentry = Reentry()
    moves_stage: bool = Field(
        True,
        description="Whether its steps move customers to their lifecycle stages. False for a journey that runs beside "
        "the lifecycle, such as a cart reminder: a new customer who fills a cart is no older for it.",
    )
    variables: dict[str, Scalar | None] = Field(default_factory=dict, description="Initial values, read as var.NAME.")
    layout: dict[str, Any] = Field(default_factory=dict, description="Positions on the canvas; no part of the meaning.")


def journey_schema() -> dict[str, Any]:
    """The journey file as JSON Schema (draft 2020-12)."""
    schema = Journey.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


__all__ = ["ENTRY", "Edge", "Entry", "EventTrigger", "ExitRule", "GoalRule", "Journey", "Reentry", "RequestTrigger"]
