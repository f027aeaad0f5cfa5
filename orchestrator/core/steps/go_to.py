"""go to: back to an earlier step."""

from typing import ClassVar, Literal

from orchestrator.core.steps.contract import Jump, Moment, Outcome, Port, Step, StepId
from orchestrator.core.text import Frozen, Text


class GoToSettings(Frozen):
    """The step to go on at."""

    target: StepId


class GoTo(Step):
    """Every loop must contain a wait: the compiler refuses one that does not."""

    kind: Literal["go_to"] = "go_to"
    settings: GoToSettings

    TITLE: ClassVar[Text] = Text("Go to", "이동")
    MEANING: ClassVar[Text] = Text("Goes back to another step.", "다른 단계로 돌아갑니다.")
    FAMILY: ClassVar = "decision"
    ICON: ClassVar[str] = "corner-up-left"

    def ports(self) -> tuple[Port, ...]:
        return ()

    def targets(self) -> tuple[StepId, ...]:
        return (self.settings.target,)

    def summary(self) -> Text:
        return Text(f"Go to {self.settings.target}", f"{self.settings.target}(으)로 이동")

    def enter(self, at: Moment) -> Outcome:
        return Jump(self.settings.target)
