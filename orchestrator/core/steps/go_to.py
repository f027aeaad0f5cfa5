"""go to: back to an earlier step."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Jump, Outcome, Port, Step, StepContext, StepId
from orchestrator.core.text import Frozen, Text


class GoToSettings(Frozen):
    """The step to go on at."""

    target: StepId = Field(
        max_length=64,
        json_schema_extra=labelled("Step", "단계", editor="step_id"),
    )


class GoTo(Step):
    """Every loop must contain a wait: the compiler refuses one that does not."""

    kind: Literal["go_to"] = "go_to"
    settings: GoToSettings

    TITLE: ClassVar[Text] = Text("Go to", "이동")
    MEANING: ClassVar[Text] = Text("Goes back to another step.", "다른 단계로 돌아갑니다.")
    HELP: ClassVar[Text] = Text(
        "Use it to go on at another step without drawing a line across the canvas, most often back to an earlier "
        "one. A loop must contain a wait, or a customer would run round it without end. Example: after the reminder, "
        "back to waiting for the order.",
        "캔버스를 가로지르는 선을 긋지 않고 다른 단계, 주로 앞 단계로 보낼 때 씁니다. 반복 구간에는 대기가 꼭 있어야 "
        "합니다. 예: 리마인드를 보낸 뒤 다시 주문을 기다리는 단계로.",
    )
    FAMILY: ClassVar = "decision"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"target": ""}
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
    ICON: ClassVar[str] = "corner-up-left"

    def ports(self) -> tuple[Port, ...]:
        return ()

    def targets(self) -> tuple[StepId, ...]:
        return (self.settings.target,)

    @classmethod
    def rough_targets(cls, settings: Mapping[str, Any]) -> tuple[StepId, ...]:
        target = settings.get("target")
        return (target,) if isinstance(target, str) else ()

    def summary(self) -> Text:
        return self._words(Text(self.settings.target, self.settings.target))

    def summary_among(self, titles: Mapping[StepId, Text]) -> Text:
        target = titles.get(self.settings.target)
        return self.summary() if target is None else self._words(target)

    @staticmethod
    def _words(target: Text) -> Text:
        return Text(f"Go to “{target.en}”", f"‘{target.ko}’ 단계로 이동")

    def enter(self, context: StepContext) -> Outcome:
        return Jump(self.settings.target)
