"""emit event: adds an event to the customer's own log."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import ExitPort, Outcome, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import EmittedEvent
from orchestrator.core.text import Frozen, Text, verbatim
from orchestrator.core.values import Comparable, Ref, Scalar


class EmitEventSettings(Frozen):
    """The event's name and properties; a property may be a reference such as ``{"ref": "entry.cart_id"}``."""

    event: Comparable = Field(
        min_length=1, max_length=200, json_schema_extra=labelled(Text("Event"), editor="event_name")
    )
    properties: dict[str, Scalar | Ref | None] = Field(
        default_factory=dict,
        max_length=200,
        json_schema_extra=labelled(
            Text("Properties"),
            editor="value_map",
            help=Text("Fixed values, or values of the entry event such as cart_id."),
        ),
    )


class EmitEvent(Step):
    """Stored, then routed, like any other event: other journeys may start from it."""

    kind: Literal["emit_event"] = "emit_event"
    settings: EmitEventSettings

    TITLE: ClassVar[Text] = Text("Send event")
    MEANING: ClassVar[Text] = Text("Adds an event to the customer's history.")
    HELP: ClassVar[Text] = Text(
        "Use it to record in the customer's history that they got here, so that other journeys, conditions "
        "and reports can use it. The event is stored and handled like any other. Example: “Onboarding "
        "Completed” at the end of a welcome journey, which starts another journey."
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"event": "", "properties": {}}
    ICON: ClassVar[str] = "zap"

    def summary(self) -> Text:
        return verbatim(self.settings.event)

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        return {self.settings.event: frozenset(self.settings.properties)}

    def emitted(self) -> tuple[EmittedEvent, ...]:
        return (EmittedEvent(self.settings.event, self.settings.properties),)

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return Text("Added *{name}* to the customer's events", name=self.settings.event)

    def enter(self, context: StepContext) -> Outcome:
        properties = {name: context.value(value) for name, value in self.settings.properties.items()}
        return ExitPort(emit=(CustomerEvent(context.id_for("emit"), self.settings.event, context.now, properties),))
