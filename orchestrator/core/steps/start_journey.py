"""start journey: enters another journey."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Ref, Scalar
from orchestrator.core.events import JOURNEY_REQUESTED, Happening
from orchestrator.core.steps.contract import Leave, Moment, Outcome, Step
from orchestrator.core.text import Frozen, Text


class StartJourneySettings(Frozen):
    """Which journey, and what it is given as the properties of its entry event."""

    journey: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    properties: dict[str, Scalar | Ref | None] = Field(default_factory=dict)


class StartJourney(Step):
    """A request in the customer's log, so that it is as durable as any event; entry rules of that journey hold."""

    kind: Literal["start_journey"] = "start_journey"
    settings: StartJourneySettings

    TITLE: ClassVar[Text] = Text("Start journey", "다른 여정 시작")
    MEANING: ClassVar[Text] = Text("Enters the customer into another journey.", "고객을 다른 여정에 진입시킵니다.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "route"

    def summary(self) -> Text:
        return Text(self.settings.journey, self.settings.journey)

    def enter(self, at: Moment) -> Outcome:
        given = {name: at.value(value) for name, value in self.settings.properties.items()}
        properties = {**given, "journey": self.settings.journey}
        return Leave(emit=(Happening(at.id_for("start"), JOURNEY_REQUESTED, at.now, properties),))
