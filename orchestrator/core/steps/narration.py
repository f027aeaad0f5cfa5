"""What a step has to go on when it tells a visit in words: where references lead, how the run waits, what was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.formatting import instant
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text
from orchestrator.core.values import Ref


@dataclass(frozen=True, slots=True)
class Scope:
    """What references in a step's settings find: the entry event, the event that last ended a wait, variables."""

    entry: CustomerEvent | None = None
    event: CustomerEvent | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None

    def value(self, operand: Any) -> Any:
        """The operand itself, or what a reference finds."""
        if not isinstance(operand, Ref):
            return operand
        source, _, path = operand.ref.partition(".")
        customer_event = {"entry": self.entry, "event": self.event}.get(source)
        found: Any = self.variables if source == "var" else customer_event.properties if customer_event else {}
        return lookup(found, path)

    def bound(self, condition: Condition) -> Condition:
        """A condition with its references looked up."""
        return bind(condition, self.entry, self.event, self.variables, self.began)

    def describe(self, condition: Condition) -> Text:
        """The same in words."""
        return describe(self.bound(condition))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a run waits at a step."""

    until: datetime | None
    memo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NarrationContext:
    """All that is known about one line. Of a run of long ago less is known than of one under observation.

    ``title``: what another step of the journey is called, by its id. ``tz``: the customer's time zone.
    """

    title: Callable[[str], Text]
    tz: ZoneInfo
    scope: Scope = Scope()
    waiting: Waiting | None = None
    answers: tuple[tuple[bool, Text], ...] = ()
    """What the step asked of its customer, in order: the truth, and why."""
    rules: Mapping[str, Text] = field(default_factory=dict)
    """Why an exit condition held, by the rule's reason."""
    sent: Text | None = None
    """What became of the step's message."""
    seen: bool = True
    """Whether the run was under observation all along: then what is not known of it did not happen."""

    def time(self, at: datetime) -> Text:
        """An instant on the customer's clock."""
        return instant(at, self.tz)


def held(waiting: Waiting, narration: NarrationContext) -> Text | None:
    """That a message is held, and until when; None where it is not."""
    if waiting.until is None or "held" not in waiting.memo:
        return None
    return Text("Held; re-checked {until}", until=narration.time(waiting.until))
