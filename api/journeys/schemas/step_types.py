"""The kinds of step, with their words, forms and ports."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.http.words import Words
from orchestrator.core.channels.channel import Preview
from orchestrator.core.values import MessageClass


class PortBody(BaseModel):
    """A way out of a step."""

    name: str
    label: Words
    required: bool = Field(description="Whether it must lead somewhere; one that need not is taken as `next`.")


class StepType(BaseModel):
    """A kind of step. `schema` carries the words of every field as `x-label`, `x-help`, `x-options` …"""

    kind: str
    title: Words
    meaning: Words
    help: Words = Field(description="When one uses it, what happens, an example.")
    family: Literal["action", "wait", "decision", "measure", "end"]
    family_title: Words
    icon: str = Field(description="Name of a lucide icon.")
    form: dict[str, Any] = Field(alias="schema", description="JSON Schema of `settings`.")
    defaults: dict[str, Any] = Field(description="Settings that a new step starts with; they may be unfinished.")
    ports: list[PortBody] = Field(description="Of a new step.")
    summary: Words


class Form(BaseModel):
    """A form of the journey itself."""

    form: dict[str, Any] = Field(alias="schema")
    defaults: dict[str, Any] | None = None


class JourneyForms(BaseModel):
    """The forms of a journey: its entry, one exit rule, one goal, re-entry, and its own settings."""

    entry: Form
    exit: Form
    goal: Form
    reentry: Form
    settings: Form


class KindWords(BaseModel):
    """A kind of condition that joins others."""

    kind: str
    title: Words


class LeafWords(KindWords):
    """A kind of condition that asks something."""

    scope: Literal["customer", "event"] = Field(description="What it looks at; filters on events take the latter only.")
    form: dict[str, Any] = Field(alias="schema")


class OperatorWords(BaseModel):
    """A comparison."""

    label: Words
    operand: Literal["none", "one", "many"]
    numbers: bool = Field(description="Whether it compares amounts (or dates) only.")


class MeasureWords(BaseModel):
    """What can be measured of a customer's events."""

    label: Words
    property: bool = Field(description="Whether it is of a property.")


class ConditionWords(BaseModel):
    """All that a condition editor needs."""

    groups: list[KindWords]
    leaves: list[LeafWords]
    operators: dict[str, OperatorWords]
    measures: dict[str, MeasureWords]
    sources: dict[str, Words]
    stages: dict[str, Words]
    purposes: dict[str, Words]


class ContactBody(BaseModel):
    """What must be known of a customer to reach them."""

    kind: str
    title: Words
    example: str | None = Field(description="An address for a form; null where nobody would type one.")


class ChannelBody(BaseModel):
    """A channel of messages."""

    name: str
    title: Words
    icon: str = Field(description="Name of a lucide icon.")
    contact: ContactBody
    classes: list[MessageClass] = Field(description="What its owner lets through.")
    fields: list[str] = Field(description="Of a step's own content, what it shows.")
    approved: bool = Field(description="Texts are approved by the channel's owner, letter by letter.")
    charged_by_length: bool = Field(description="A longer message costs more: its form is told as it is written.")
    preview: Preview = Field(description="What a message looks like to its receiver.")


class StepTypes(BaseModel):
    """Every kind of step, in palette order; and the channels by which steps send."""

    items: list[StepType]
    journey: JourneyForms
    conditions: ConditionWords
    channels: list[ChannelBody]
