"""wait until: a condition on the customer becomes true, within a window."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import is_plain
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.model import Condition, wakes_on
from orchestrator.core.events.run_events import Committed
from orchestrator.core.formatting import span
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    TIMEOUT,
    Answer,
    ExitPort,
    Fault,
    Outcome,
    Port,
    Request,
    Span,
    Stay,
    Step,
    StepContext,
    Wait,
)
from orchestrator.core.steps.narration import NarrationContext, Waiting
from orchestrator.core.steps.references import AskedCondition
from orchestrator.core.text import Frozen, Text


class WaitUntilSettings(Frozen):
    """The condition, and how long to wait for it."""

    condition: Condition = Field(json_schema_extra=labelled(Text("Condition"), editor="condition"))
    window: Span | None = Field(
        None,
        json_schema_extra=labelled(
            Text("For at most"),
            editor="duration",
            help=Text(
                "If nothing happens by then, the customer takes “No response by then”. Leave empty for no limit."
            ),
        ),
    )


class WaitUntil(Step):
    """Looks when an event or a change could have made it true, and at the very instants at which time alone could."""

    kind: Literal["wait_until"] = "wait_until"
    settings: WaitUntilSettings

    TITLE: ClassVar[Text] = Text("Wait until")
    MEANING: ClassVar[Text] = Text("Waits until the customer matches a condition.")
    HELP: ClassVar[Text] = Text(
        "Use it to wait until the customer matches a condition: an attribute, a consent, their stage, or what"
        " they have done so far. It is re-checked whenever something could have changed. Example: wait until "
        "they agree to e-mail advertising, up to 7 days."
    )
    FAMILY: ClassVar = "wait"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "condition": {"kind": "consent", "channel": "email", "purpose": "advertising", "granted": True},
        "window": "P7D",
    }
    ICON: ClassVar[str] = "hourglass"
    SUMMARY_LINES: ClassVar[int] = 3
    YES: ClassVar[Port] = Port("yes", Text("True"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (YES,)

    def ports(self) -> tuple[Port, ...]:
        return (self.YES,) if self.settings.window is None else (self.YES, TIMEOUT)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        return (cls.YES,) if settings.get("window") is None else (cls.YES, TIMEOUT)

    def summary(self) -> Text:
        what = describe(self.settings.condition)
        if self.settings.window is None:
            return Text("Wait until {what}", what=what)
        length = span(self.settings.window)
        return Text("Wait until {what}, up to {length}", what=what, length=length)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the events that may make it true; sorted."""
        return tuple(sorted(wakes_on(self.settings.condition)))

    @cached_property
    def plain(self) -> bool:
        """Whether the condition refers to nothing that has to be looked up first."""
        return is_plain(self.settings.condition)

    def waits(self) -> bool:
        return False  # true at once, it lets the run through at once

    def conditions(self) -> Iterator[AskedCondition]:
        yield AskedCondition("settings.condition", self.settings.condition)

    def faults(self) -> Iterator[Fault]:
        """Who waits for a condition is woken by time or by an event."""
        if self.settings.window is None and not wakes_on(self.settings.condition):
            yield Fault("settings.window", code="wait_without_end")

    def longest_stay(self, now: datetime, time_zone: str) -> timedelta | None:
        return self.settings.window

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        what, end = narration.scope.describe(self.settings.condition), waiting.memo.get("end")
        if end is None and self.settings.window is not None:
            return self.summary()  # of a run that is looked at from outside
        if end is None:
            return Text("Waits until {what}, however long it takes", what=what)
        until = narration.time(datetime.fromisoformat(end))
        return Text("Waits until {what}, until {until} at most", what=what, until=until)

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        why = narration.answers[0][1] if narration.answers else None
        if left.port != TIMEOUT.name or why is None:
            return self.through(left.port, why)
        return self.through(left.port, Text("not met by then: {why}", why=why))

    def enter(self, context: StepContext) -> Outcome:
        window = self.settings.window
        return self._look(context, None if window is None else context.now + window)

    def rejoin(self, context: StepContext, stay: Stay | None) -> Outcome:
        if stay is None:
            return self.enter(context)
        return self._look(context, stay.fired or self._end(context))

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        deadline = self._end(context)
        if not isinstance(answer, Committed):
            return self._look(context, deadline)
        if answer.truths[0]:
            return ExitPort("yes")
        if deadline is not None and context.now >= deadline:
            return ExitPort("timeout")
        instants = [instant for instant in (deadline, answer.until) if instant is not None]
        return Wait(min(instants) if instants else None, self.names, memo=context.memo)

    @staticmethod
    def _end(context: StepContext) -> datetime | None:
        end = context.memo.get("end")
        return None if end is None else datetime.fromisoformat(end)

    def _look(self, context: StepContext, deadline: datetime | None) -> Request:
        condition = self.settings.condition if self.plain else context.bound(self.settings.condition)
        memo = {} if deadline is None else {"end": deadline.isoformat()}
        return Request(ask=(condition,), names=self.names, memo=memo)
