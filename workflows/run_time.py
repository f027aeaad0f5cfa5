"""What time it is for a run: told by its history alone.

The SDK joins workflow tasks at replay (a slow local activity lets the server hand out task after task, and only the
last of them remains), so ``workflow.now()`` is another instant when the same code runs again. An instant that enters
the run's state must therefore stand in the history: when the entry event occurred, when a later event did, what
instant a timer was set for, when a message was settled. An outage then moves no deadline and loses no look-back.

``workflow.now()`` serves only where nothing is remembered: for how long a timer still has to run, and as the present
that activities look at.
"""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.timing import PROMPT, Clock

HISTORY_TIME = 2
"""Version of the run's input from which on its time is that of its history; before, it was that of its tasks."""


@dataclass
class HistoryTime:
    """Journey time as it stands in the history. ``at``: the latest instant that the run has been told of."""

    at: datetime

    def present(self) -> datetime:
        """Of what has no instant of its own: an answer of the store, an operator's word."""
        return self.at

    def received(self, occurred_at: datetime) -> datetime:
        """Something that arrives late is acted on now: time never moves back."""
        self.at = max(self.at, occurred_at)
        return self.at

    def fired(self, due: datetime) -> datetime:
        """A timer counts from when it was due, however late the worker is."""
        self.at = max(self.at, due)
        return self.at

    def settled(self, at: datetime | None) -> datetime:
        """What follows a message counts from when it was settled, if that took long (night hours, a provider away)."""
        if at is not None and at - self.at > PROMPT:
            self.at = at
        return self.at

    @staticmethod
    def timer_first(due: datetime, customer_event: CustomerEvent) -> bool:
        """Whether a deadline comes before an event that has arrived; on a tie the event wins."""
        return due < customer_event.occurred_at


@dataclass(frozen=True)
class TaskTime:
    """As runs of before took their time, which go on as they began until they next continue as new."""

    clock: Clock

    def present(self) -> datetime:
        return self.clock.at(workflow.now())

    def received(self, occurred_at: datetime) -> datetime:
        return max(self.present(), occurred_at)

    def fired(self, due: datetime) -> datetime:
        return max(self.present(), due)

    def settled(self, at: datetime | None) -> datetime:
        return self.present()

    @staticmethod
    def timer_first(due: datetime, customer_event: CustomerEvent) -> bool:
        return False
