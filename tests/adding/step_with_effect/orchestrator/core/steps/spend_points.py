"""spend points: a throw-away kind that needs a fact of the store, and has an effect outside."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Fact
from orchestrator.core.events.run_events import Committed, Sent
from orchestrator.core.labels import labelled
from orchestrator.core.points.facts import BALANCE
from orchestrator.core.steps.contract import NEXT, Answer, Deliver, ExitPort, Outcome, Port, Request, Step, StepContext
from orchestrator.core.text import Frozen, Text


class SpendPointsSettings(Frozen):
    """How many."""

    points: int = Field(100, ge=1, json_schema_extra=labelled(Text("Points")))


class SpendPoints(Step):
    """Asks for the balance; where it suffices, the points are spent."""

    kind: Literal["spend_points"] = "spend_points"
    settings: SpendPointsSettings

    TITLE: ClassVar[Text] = Text("Spend points")
    MEANING: ClassVar[Text] = Text("Spends points of the customer.")
    HELP: ClassVar[Text] = Text("Use it to spend points.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "zap"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"points": 100}
    TOO_FEW: ClassVar[Port] = Port("too_few", Text("Too few"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NEXT, TOO_FEW)

    def ports(self) -> tuple[Port, ...]:
        return self.OWN_PORTS

    def summary(self) -> Text:
        return Text("Spend {points} points", points=self.settings.points)

    def enter(self, context: StepContext) -> Outcome:
        return Request(facts=(Fact(BALANCE.name, id=context.id_for("balance"), options={"least": 1}),))

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if isinstance(answer, Committed):
            return Deliver() if answer.facts[0] >= self.settings.points else ExitPort(self.TOO_FEW.name)
        return ExitPort() if isinstance(answer, Sent) else None
