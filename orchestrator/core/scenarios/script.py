"""A script: who the customer is, and what happens to them at which instants. Scenarios become scripts; so does whatever
makes up customers by itself. Playing one is :mod:`~orchestrator.core.scenarios.play`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.zone_settings import DEFAULT_ZONE

LONGEST = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class Happens:
    """An event arrives. It may have happened before (``event.occurred_at``)."""

    event: CustomerEvent


@dataclass(frozen=True, slots=True)
class Answers:
    """The customer answers a survey that one of their runs has asked; nobody's answer where none has."""

    survey: str
    group: str
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The customer is told of anew. None removes an attribute or a contact."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    contacts: Mapping[str, str | None] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    time_zone: str | None = None
    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    """Segments, by key."""


@dataclass(frozen=True, slots=True)
class Outside:
    """From here on the world outside answers otherwise. ``results``: by step or channel: ``ok``, ``unreachable``,
    ``unknown``, ``failed``, or the JSON (``{"answer": …}``) that another system answers; ``pools``: ``open``
    (they have codes), ``empty``, or ``had`` (the customer has had one of their codes before)."""

    results: Mapping[str, Any] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stops:
    """An operator ends every run of the customer."""

    reason: str


What = Happens | Answers | Changes | Outside | Stops


@dataclass(frozen=True, slots=True)
class Timed:
    """Something, and when it comes."""

    at: datetime
    what: What


@dataclass(frozen=True)
class Script:
    """Everything that happens to one customer. ``person`` is as they are at the start, and is copied at each playing;
    ``history``: what they had done before; ``acts``: in the order of their instants."""

    start: datetime
    until: datetime
    person: Person
    acts: tuple[Timed, ...]
    history: tuple[CustomerEvent, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    """What else messages may say of the customer (``external_id``, …)."""
    workspace_zone: str = DEFAULT_ZONE
