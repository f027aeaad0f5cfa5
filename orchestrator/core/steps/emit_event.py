"""emit event: adds an event to the customer's own log."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Ref, Scalar
from orchestrator.core.events import Happening
from orchestrator.core.steps.contract import Leave, Moment, Outcome, Step
from orchestrator.core.text import Frozen, Text


class EmitEventSettings(Frozen):
    """The event's name and properties; a property may be a reference such as ``{"ref": "entry.cart_id"}``."""

    event: str = Field(min_length=1, max_length=200)
    properties: dict[str, Scalar | Ref | None] = Field(default_factory=dict)


class EmitEvent(Step):
    """Stored, then routed, like any other event: other journeys may start from it."""

    kind: Literal["emit_event"] = "emit_event"
    settings: EmitEventSettings

    TITLE: ClassVar[Text] = Text("Emit event", "이벤트 발생")
    MEANING: ClassVar[Text] = Text("Adds an event to the customer's log.", "고객 기록에 이벤트를 남깁니다.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "zap"

    def summary(self) -> Text:
        return Text(self.settings.event, self.settings.event)

    def enter(self, at: Moment) -> Outcome:
        properties = {name: at.value(value) for name, value in self.settings.properties.items()}
        return Leave(emit=(Happening(at.id_for("emit"), self.settings.event, at.now, properties),))
