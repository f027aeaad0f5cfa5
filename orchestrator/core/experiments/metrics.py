"""What an experiment is measured by: something that a customer does after their exposure, within a window."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from orchestrator.core.events.system_events import (
    MESSAGE_CLICKED,
    MESSAGE_COMPLAINED,
    MESSAGE_OPENED,
    UNSUBSCRIBED,
)
from orchestrator.core.text import Text

MetricKind = Literal["goal", "revenue", "orders", "clicked", "opened", "event", "unsubscribed", "complained"]
OF_MESSAGES: dict[str, str] = {
    "opened": MESSAGE_OPENED,
    "clicked": MESSAGE_CLICKED,
    "unsubscribed": UNSUBSCRIBED,
    "complained": MESSAGE_COMPLAINED,
}
"""Metrics of the journey's own messages: the event that tells of them."""
METRIC_TEXT: dict[MetricKind, Text] = {
    "goal": Text("Goal reached"),
    "revenue": Text("Revenue per customer"),
    "orders": Text("Ordered"),
    "clicked": Text("Clicked a message"),
    "opened": Text("Opened a message"),
    "event": Text("Event"),
    "unsubscribed": Text("Opted out"),
    "complained": Text("Reported as spam"),
}
GUARDS: tuple[MetricKind, ...] = ("unsubscribed", "complained")
"""What no arm may do more of: looked at beside every metric."""
NAMED = frozenset({"goal", "event"})
"""Kinds that need a name: of the journey's goal, of the event."""
WINDOW = timedelta(days=14)
MOST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure. ``name``: of the goal or event; ``within``: of the exposure, None for as long as one looks;
    ``before``: how long before the exposure the customer's orders are looked at, to take out what differed already."""

    kind: MetricKind
    name: str = ""
    within: timedelta | None = WINDOW
    before: timedelta = timedelta(days=90)

    @property
    def is_amount(self) -> bool:
        """Whether it is summed, by currency; all others are of customers: one or none."""
        return self.kind == "revenue"

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.kind in NAMED else self.kind


def metric_of(spelled: str, within: timedelta | None = WINDOW) -> Metric | None:
    """The inverse of a metric's spelling, as ``goal:order`` or ``revenue``; None where it is none."""
    kind, _, name = spelled.partition(":")
    for known in METRIC_TEXT:
        if kind == known and (bool(name) is (known in NAMED)):
            return Metric(known, name, within)
    return None
