"""What a step tells of itself to those who look at it from outside: the names it uses, the events it waits for, the
conditions it asks. The compiler, the vocabulary, the test run and the checks before publishing ask a step for these,
and know no kind of step by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from orchestrator.core.conditions.model import Condition

ReferenceKind = Literal["event", "property", "attribute", "journey", "coupon_pool", "survey", "template", "secret"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of the workspace that a step uses. ``field``: where it stands, dotted, within the step."""

    kind: ReferenceKind
    name: str
    field: str
    of: str = ""
    """Of a property: the name of its event."""


@dataclass(frozen=True, slots=True)
class SurveyReference(Reference):
    """A survey, and the answer groups for which the step has ways."""

    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TemplateReference(Reference):
    """A message template, and what the step asks of it. ``channels``: by the field that names each."""

    channels: Mapping[str, str] = field(default_factory=dict)
    message_class: str = "advertising"


class AwaitedEvent(NamedTuple):
    """An event that may end a step's wait. ``example``: properties with which it would, beyond what ``where`` tells."""

    event: str
    port: str
    where: Condition | None = None
    example: Mapping[str, Any] = {}


class EmittedEvent(NamedTuple):
    """An event that a passage through a step adds to the customer's log.

    ``properties``: what is known of them beforehand; a :class:`~orchestrator.core.values.Ref` stands for a value that
    only the run knows. None: nothing is known. ``guarded``: only some customers get it (one whose consent changes).
    """

    event: str
    properties: Mapping[str, Any] | None = None
    guarded: bool = False


class AskedCondition(NamedTuple):
    """A condition among a step's settings. ``field``: dotted, within the step.

    ``scope``: what it looks at: the customer, with all they have done; the run's entry event alone; an arriving event
    alone, which is all that is known when it is asked.
    """

    field: str
    condition: Condition
    scope: Literal["customer", "entry", "event"] = "customer"
