"""start journey: enters another journey."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import ExitPort, Outcome, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import EmittedEvent, Reference
from orchestrator.core.text import Frozen, Named, Text
from orchestrator.core.values import Ref, Scalar


class StartJourneySettings(Frozen):
    """Which journey, and what it is given as the properties of its entry event."""

    journey: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,62}$", json_schema_extra=labelled(Text("Journey"), editor="journey_key")
    )
    properties: dict[str, Scalar | Ref | None] = Field(
        default_factory=dict,
        max_length=200,
        json_schema_extra=labelled(
            Text("Properties"),
            editor="value_map",
            help=Text("Passed to that journey as the properties of its entry event."),
        ),
    )


class StartJourney(Step):
    """A request in the customer's log, so that it is as durable as any event; entry rules of that journey hold."""

    kind: Literal["start_journey"] = "start_journey"
    settings: StartJourneySettings

    TITLE: ClassVar[Text] = Text("Start journey")
    MEANING: ClassVar[Text] = Text("Enters the customer into another journey.")
    HELP: ClassVar[Text] = Text(
        "Use it to let the customer enter another journey as well; this one continues. The other journey's "
        "entry rules apply, and it must accept entries by request. Example: from the welcome journey to the "
        "first-purchase journey."
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"journey": "", "properties": {}}
    ICON: ClassVar[str] = "route"

    def summary(self) -> Text:
        return Named("journey", self.settings.journey)

    def references(self) -> Iterator[Reference]:
        yield Reference("journey", self.settings.journey, "settings.journey")

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        return {JOURNEY_REQUESTED: None}

    def emitted(self) -> tuple[EmittedEvent, ...]:
        return (EmittedEvent(JOURNEY_REQUESTED, {**self.settings.properties, "journey": self.settings.journey}),)

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return Text("Requested entry to the journey “{key}”", key=self.summary())

    def enter(self, context: StepContext) -> Outcome:
        given = {name: context.value(value) for name, value in self.settings.properties.items()}
        properties = {**given, "journey": self.settings.journey}
        return ExitPort(emit=(CustomerEvent(context.id_for("start"), JOURNEY_REQUESTED, context.now, properties),))
