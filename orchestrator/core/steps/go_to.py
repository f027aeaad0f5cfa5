"""go to: back to an earlier step."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Jump, Outcome, Port, Step, StepContext, StepId
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.text import Frozen, Text, verbatim


class GoToSettings(Frozen):
    """The step to go on at."""

    target: StepId = Field(
        max_length=64,
        json_schema_extra=labelled(Text("Step"), editor="step_id"),
    )


class GoTo(Step):
    """Every loop must contain a wait: the compiler refuses one that does not."""

    kind: Literal["go_to"] = "go_to"
    settings: GoToSettings

    TITLE: ClassVar[Text] = Text("Go to")
    MEANING: ClassVar[Text] = Text("Continues at another step.")
    HELP: ClassVar[Text] = Text(
        "Use it to continue at another step, usually an earlier one, without drawing a line across the "
        "canvas. A loop must contain a wait. Example: after the reminder, back to waiting for the order."
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
        return self._words(verbatim(self.settings.target))

    def summary_among(self, titles: Mapping[StepId, Text]) -> Text:
        target = titles.get(self.settings.target)
        return self.summary() if target is None else self._words(target)

    @staticmethod
    def _words(target: Text) -> Text:
        return Text("Go to “{target}”", target=target)

    def narrate_entry(self, narration: NarrationContext) -> Text:
        return Text("Continues at “{target}”", target=narration.title(self.settings.target))

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return Text("Continues at “{target}”", target=narration.title(left.port))

    def enter(self, context: StepContext) -> Outcome:
        return Jump(self.settings.target)
