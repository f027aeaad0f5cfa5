"""wait for event: ranked branches, each an event with a filter; a window; optional look-back."""

from datetime import timedelta
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Condition
from orchestrator.core.evaluation import matches
from orchestrator.core.events import Happened, TimerFired
from orchestrator.core.steps.contract import TIMEOUT, Answer, Leave, Moment, Outcome, Port, Rest, Span, Step
from orchestrator.core.text import Frozen, LocalText, Text, in_locale
from orchestrator.core.wording import span


class EventBranch(Frozen):
    """One awaited event. The filter may compare with the entry event: ``{"ref": "entry.cart_id"}``."""

    port: str = Field("happened", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    event: str = Field(min_length=1, max_length=200)
    where: Condition | None = None
    label: LocalText = Field(default_factory=dict)


class WaitForEventSettings(Frozen):
    """Which events, for how long, and how far back."""

    branches: tuple[EventBranch, ...] = Field(min_length=1, description="Ranked: the first that matches an event wins.")
    window: Span | None = Field(None, description="None: without end.")
    look_back: Span = Field(timedelta(0), description="Events so long before the step count too.")


class WaitForEvent(Step):
    """The earliest matching event wins; of branches that match the same event, the first. On a tie with the end of
    the window the event wins. The run's entry event, and one that ended an earlier wait, never count."""

    kind: Literal["wait_for_event"] = "wait_for_event"
    settings: WaitForEventSettings

    TITLE: ClassVar[Text] = Text("Wait for event", "이벤트 대기")
    MEANING: ClassVar[Text] = Text("Waits until the customer does something.", "고객의 행동을 기다립니다.")
    FAMILY: ClassVar = "wait"
    ICON: ClassVar[str] = "radio"

    def ports(self) -> tuple[Port, ...]:
        named = tuple(
            Port(b.port, Text(in_locale(b.label, "en", b.event), in_locale(b.label, "ko", b.event)))
            for b in self.settings.branches
        )
        return named if self.settings.window is None else (*named, TIMEOUT)

    def summary(self) -> Text:
        names = " / ".join(self.names)
        if self.settings.window is None:
            return Text(f"Wait for {names}", f"{names} 대기")
        length = span(self.settings.window)
        return Text(f"Wait for {names}, up to {length.en}", f"{names} 최대 {length.ko} 대기")

    def waits(self) -> bool:
        return self.settings.window is None or self.settings.window > timedelta(0)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the awaited events."""
        return tuple(dict.fromkeys(branch.event for branch in self.settings.branches))

    def look_back(self) -> timedelta:
        return self.settings.look_back

    def enter(self, at: Moment) -> Outcome:
        window = self.settings.window
        until = None if window is None else at.now + window
        return Rest(until, self.names, read_back=at.since - self.settings.look_back)

    def resume(self, at: Moment, answer: Answer) -> Outcome | None:
        if isinstance(answer, TimerFired):
            return Leave("timeout")
        if not isinstance(answer, Happened):
            return None
        for branch in self.settings.branches:
            if branch.event == answer.happening.name and self._wanted(at, branch, answer):
                return Leave(branch.port, {"event": branch.event, "message_id": answer.happening.message_id})
        return None

    @staticmethod
    def _wanted(at: Moment, branch: EventBranch, answer: Happened) -> bool:
        return branch.where is None or matches(at.bound(branch.where), answer.happening)
