"""wait for event: ranked branches, each an event with a filter; a window; optional look-back."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.model import Condition, leaves
from orchestrator.core.events.run_events import EventReceived, TimerFired
from orchestrator.core.formatting import span
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    MOST_WAYS,
    NAME_HELP,
    TIMEOUT,
    WAY_HELP,
    Answer,
    ExitPort,
    Outcome,
    Port,
    Span,
    Stay,
    Step,
    StepContext,
    Wait,
)
from orchestrator.core.steps.narration import NarrationContext, Waiting
from orchestrator.core.steps.references import AskedCondition, AwaitedEvent, Reference
from orchestrator.core.text import OR, Frozen, LocalText, Text, joined, verbatim
from orchestrator.core.values import Comparable

MOST_TOLD = 2
"""Awaited events that are told with their filters; more make no sentence."""


class EventBranch(Frozen):
    """One awaited event. The filter may compare with the entry event: ``{"ref": "entry.cart_id"}``."""

    port: str = Field(
        "happened",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(Text("Path id"), editor="port", help=WAY_HELP, advanced=True),
    )
    event: Comparable = Field(
        min_length=1, max_length=200, json_schema_extra=labelled(Text("Event"), editor="event_name")
    )
    where: Condition | None = Field(
        None,
        json_schema_extra=labelled(
            Text("Only if"),
            editor="condition",
            help=Text("Checks the event's properties; can compare with the entry event (such as the same cart)."),
        ),
    )
    label: LocalText = Field(
        default_factory=dict,
        json_schema_extra=labelled(Text("Path name"), editor="local_text", help=NAME_HELP),
    )


class WaitForEventSettings(Frozen):
    """Which events, for how long, and how far back."""

    branches: tuple[EventBranch, ...] = Field(
        min_length=1,
        max_length=MOST_WAYS,
        description="Ranked: the first that matches an event wins.",
        json_schema_extra=labelled(
            Text("Events"),
            help=Text("The first event to happen decides the path."),
            item=Text("Event"),
            new={"port": "event", "event": ""},
        ),
    )
    window: Span | None = Field(
        None,
        description="None: without end.",
        json_schema_extra=labelled(
            Text("For at most"),
            editor="duration",
            help=Text(
                "If nothing happens by then, the customer takes “No response by then”. Leave empty for no limit."
            ),
        ),
    )
    look_back: Span = Field(
        timedelta(0),
        description="Events so long before the step count too.",
        json_schema_extra=labelled(
            Text("Lookback"),
            editor="duration",
            advanced=True,
            help=Text("Events from this long before the step count too."),
        ),
    )


class WaitForEvent(Step):
    """The earliest matching event wins; of branches that match the same event, the first. On a tie with the end of
    the window the event wins. The run's entry event, and one that ended an earlier wait, never count."""

    kind: Literal["wait_for_event"] = "wait_for_event"
    settings: WaitForEventSettings

    TITLE: ClassVar[Text] = Text("Wait for event")
    MEANING: ClassVar[Text] = Text("Waits until the customer does something.")
    HELP: ClassVar[Text] = Text(
        "Use it to wait for what the customer does next. As soon as one of the events happens, the customer "
        "takes its path; if none happens in time, they take “No response by then”. The condition can compare "
        "with the entry event. Example: wait for an order with the same cart, up to 3 days."
    )
    FAMILY: ClassVar = "wait"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"branches": [{"port": "happened", "event": ""}], "window": "P3D"}
    PORT_LIST: ClassVar[str] = "branches"
    SUMMARY_LINES: ClassVar[int] = 2
    PORT_NAME: ClassVar[str] = "happened"
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
    ICON: ClassVar[str] = "radio"

    def ports(self) -> tuple[Port, ...]:
        named = tuple(Port(b.port, verbatim(b.label, b.event)) for b in self.settings.branches)
        return named if self.settings.window is None else (*named, TIMEOUT)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        known_ports = super().rough_ports(settings)
        return known_ports if settings.get("window") is None else (*known_ports, TIMEOUT)

    def summary(self) -> Text:
        names = " / ".join(self.names)
        if self.settings.window is None:
            return Text("Wait for {names}", names=names)
        length = span(self.settings.window)
        return Text("Wait for {names}, up to {length}", names=names, length=length)

    def shortest_stay(self) -> timedelta:
        return timedelta.max if self.settings.window is None else self.settings.window

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the awaited events."""
        return tuple(dict.fromkeys(branch.event for branch in self.settings.branches))

    def look_back(self) -> timedelta:
        return self.settings.look_back

    def references(self) -> Iterator[Reference]:
        for n, branch in enumerate(self.settings.branches):
            yield Reference("event", branch.event, f"settings.branches.{n}.event")
            if branch.where is not None:
                names = {used.name for leaf in leaves(branch.where) for used in leaf.names() if used.kind == "property"}
                for name in sorted(names):
                    yield Reference("property", name, f"settings.branches.{n}.where", of=branch.event)

    def awaits(self) -> tuple[AwaitedEvent, ...]:
        return tuple(AwaitedEvent(branch.event, branch.port, branch.where) for branch in self.settings.branches)

    def conditions(self) -> Iterator[AskedCondition]:
        for n, branch in enumerate(self.settings.branches):
            if branch.where is not None:
                yield AskedCondition(f"settings.branches.{n}.where", branch.where, "event")

    def longest_stay(self, now: datetime, time_zone: str) -> timedelta | None:
        return self.settings.window

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        branches = self.settings.branches
        few = len(branches) <= MOST_TOLD
        what = joined([_awaited(branch, narration) for branch in branches] if few else _named(self.names), OR)
        if waiting.until is None:
            return Text("Waits for {what}, however long it takes", what=what)
        return Text("Waits for {what} until {until}", what=what, until=narration.time(waiting.until))

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        if left.port == TIMEOUT.name:
            end = narration.time(narration.waiting.until if narration.waiting and narration.waiting.until else left.at)
            return self.through(left.port, Text("nothing came until {end}", end=end))
        event = narration.scope.event
        at = narration.time(event.occurred_at if event is not None else left.at)
        return self.through(left.port, Text("*{name}* came {at}", name=left.note.get("event", ""), at=at))

    def enter(self, context: StepContext) -> Outcome:
        return self.rejoin(context, None)

    def rejoin(self, context: StepContext, stay: Stay | None) -> Outcome:
        until = self._until(context) if stay is None else stay.deadline
        return Wait(until, self.names, read_back=context.since - self.settings.look_back)

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if isinstance(answer, TimerFired):
            return ExitPort("timeout")
        if not isinstance(answer, EventReceived):
            return None
        for branch in self.settings.branches:
            if branch.event == answer.customer_event.name and self._wanted(context, branch, answer):
                return ExitPort(branch.port, {"event": branch.event, "message_id": answer.customer_event.message_id})
        return None

    def _until(self, context: StepContext) -> datetime | None:
        window = self.settings.window
        return None if window is None else context.now + window

    @staticmethod
    def _wanted(context: StepContext, branch: EventBranch, answer: EventReceived) -> bool:
        return branch.where is None or matches(context.bound(branch.where), answer.customer_event)


def _named(names: tuple[str, ...]) -> list[Text]:
    return [verbatim(f"*{name}*") for name in names]


def _awaited(branch: EventBranch, narration: NarrationContext) -> Text:
    if branch.where is None:
        return verbatim(f"*{branch.event}*")
    return Text("*{event}* ({where})", event=branch.event, where=narration.scope.describe(branch.where))
