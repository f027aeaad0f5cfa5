"""A customer as conditions see them: profile, consents, stage, and their events in order."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.zone_settings import DEFAULT_ZONE


def utc(instant: datetime) -> datetime:
    """The same instant in UTC."""
    # Two instants of one zone compare by wall clock in Python, which goes wrong across a clock change.
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


class Log:
    """A customer's events, by name, each name's ordered by ``occurred_at`` and then ``message_id``.

    The same ``message_id`` twice is one event. Looking up a window of one name is two bisections.
    """

    __slots__ = ("_ids", "_named", "told")

    def __init__(self, customer_events: Iterable[CustomerEvent] = (), told: Iterable[str] = ()) -> None:
        self.told: set[str] = set(told)
        """Message ids of events that are no acts of the customer's: what journeys and the product add to their log."""
        self._ids: set[str] = set()
        self._named: dict[str, tuple[list[datetime], list[CustomerEvent]]] = {}
        for customer_event in sorted(
            customer_events, key=lambda one: (one.occurred_at.astimezone(UTC), one.message_id)
        ):
            self.add(customer_event)

    def add(self, customer_event: CustomerEvent) -> bool:
        """Puts an event in its place; late and out-of-order ones too. False when it was there already."""
        if customer_event.message_id in self._ids:
            return False
        self._ids.add(customer_event.message_id)
        instants, customer_events = self._named.setdefault(customer_event.name, ([], []))
        at = utc(customer_event.occurred_at)
        if not instants or at > instants[-1]:  # as nearly every event comes
            instants.append(at)
            customer_events.append(customer_event)
            return True
        first, last = bisect_left(instants, at), bisect_right(instants, at)
        place = bisect_left(customer_events, customer_event.message_id, first, last, key=_message_id)
        instants.insert(place, at)
        customer_events.insert(place, customer_event)
        return True

    def named(self, name: str) -> tuple[list[datetime], list[CustomerEvent]]:
        """The instants (UTC) and the events of one name, side by side in order. Not to be changed by the caller."""
        return self._named.get(name, _NOTHING)

    def since(self, name: str, instant: datetime) -> list[CustomerEvent]:
        """The events of one name from an instant on, in order."""
        instants, customer_events = self.named(name)
        return customer_events[bisect_left(instants, utc(instant)) :]

    def __iter__(self) -> Iterator[CustomerEvent]:
        """All events in order."""
        everything = (
            customer_event for _, customer_events in self._named.values() for customer_event in customer_events
        )
        return iter(sorted(everything, key=lambda one: (utc(one.occurred_at), one.message_id)))

    def __len__(self) -> int:
        return len(self._ids)


_NOTHING: tuple[list[datetime], list[CustomerEvent]] = ([], [])
_message_id = attrgetter("message_id")


@dataclass(frozen=True, slots=True)
class Customer:
    """What a condition sees of a customer. ``consents``: by ``"{channel}"`` for advertising, ``"{channel}:night"``."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, Any] = field(default_factory=dict)
    stage: str | None = None
    zone: str = DEFAULT_ZONE
    history: Log = field(default_factory=Log)
    consented_at: Mapping[str, datetime] = field(default_factory=dict)
    """When each consent was given or last confirmed, by its name."""
    known_since: datetime | None = None
    """From when a consent without a date counts; None: it counts as given just now."""
    tags: Collection[str] = ()
    contact: Mapping[str, str | None] = field(default_factory=dict)
    """``email``, ``phone``, ``locale``, ``time_zone`` and ``external_id``, as far as they are known."""
    devices: Collection[str] = ()
    """Kinds of device that they have: ``push_token``, ``web_push``."""
    segments: Mapping[str, bool] = field(default_factory=dict)
    """By key, of those segments that were asked for and can be told: whether they are in it."""
