"""branch: ranked conditions; the first that holds wins."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Condition, Property, leaves
from orchestrator.core.evaluation import bind, describe, matches
from orchestrator.core.events import Booked, Happening
from orchestrator.core.steps.contract import Answer, Leave, Moment, Outcome, Port, Request, Step
from orchestrator.core.text import Frozen, LocalText, Text, in_locale


class Way(Frozen):
    """One way out and its condition."""

    port: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    when: Condition
    label: LocalText = Field(default_factory=dict)


class BranchSettings(Frozen):
    """The ways, ranked."""

    branches: tuple[Way, ...] = Field(min_length=1)


class Branch(Step):
    """Conditions see the customer and their history as of now, and the run's entry event."""

    kind: Literal["branch"] = "branch"
    settings: BranchSettings

    TITLE: ClassVar[Text] = Text("Branch", "조건 분기")
    MEANING: ClassVar[Text] = Text("Parts customers by conditions.", "조건에 따라 고객을 나눕니다.")
    FAMILY: ClassVar = "decision"
    ICON: ClassVar[str] = "split"
    OTHERWISE: ClassVar[Port] = Port("otherwise", Text("Otherwise", "그 외"))

    def ports(self) -> tuple[Port, ...]:
        return (*(self._port(way) for way in self.settings.branches), self.OTHERWISE)

    @staticmethod
    def _port(way: Way) -> Port:
        words = describe(way.when)
        return Port(way.port, Text(in_locale(way.label, "en", words.en), in_locale(way.label, "ko", words.ko)))

    def summary(self) -> Text:
        words = [self._port(way).label for way in self.settings.branches]
        return Text(" / ".join(w.en for w in words), " / ".join(w.ko for w in words))

    def enter(self, at: Moment) -> Outcome:
        ways = self.settings.branches
        bound = tuple(bind(way.when, at.entry, at.event, at.variables, at.began) for way in ways)
        if all(isinstance(leaf, Property) for condition in bound for leaf in leaves(condition)):
            subject = at.entry or Happening("", "", at.began)  # nothing of the customer is asked: decided here
            return self._first(tuple(matches(condition, subject) for condition in bound))
        return Request(ask=bound)

    def resume(self, at: Moment, answer: Answer) -> Outcome | None:
        return self._first(answer.truths) if isinstance(answer, Booked) else None

    def _first(self, truths: tuple[bool, ...]) -> Leave:
        for way, truth in zip(self.settings.branches, truths, strict=True):
            if truth:
                return Leave(way.port)
        return Leave("otherwise")
