"""ask AI: a throw-away kind, as somebody would write it who adds one."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import ExitPort, Fault, Outcome, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import AskedCondition, Reference
from orchestrator.core.text import Frozen, Text


class AskAiSettings(Frozen):
    """What is asked, about which attribute, and the event that tells of it."""

    question: str = Field(min_length=1, max_length=500, json_schema_extra=labelled(Text("Question"), editor="template"))
    about: str = Field(max_length=200, json_schema_extra=labelled(Text("Attribute"), editor="attribute_name"))
    event: str = Field("Asked", json_schema_extra=labelled(Text("Event"), editor="event_name"))
    only_if: Condition | None = Field(None, json_schema_extra=labelled(Text("Only if"), editor="condition"))


class AskAi(Step):
    """Answers at once, always the same."""

    kind: Literal["ask_ai"] = "ask_ai"
    settings: AskAiSettings

    TITLE: ClassVar[Text] = Text("Ask AI")
    MEANING: ClassVar[Text] = Text("Asks an assistant.")
    HELP: ClassVar[Text] = Text("Use it to ask. Example: ask about the tier.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "zap"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"question": "Why?", "about": "tier"}

    def summary(self) -> Text:
        return Text("Ask about {about}", about=self.settings.about)

    def references(self) -> Iterator[Reference]:
        yield Reference("attribute", self.settings.about, "settings.about")

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        return {self.settings.event: frozenset({"answer"})}

    def conditions(self) -> Iterator[AskedCondition]:
        if self.settings.only_if is not None:
            yield AskedCondition("settings.only_if", self.settings.only_if)

    def sets(self) -> tuple[str, ...]:
        return ("answer",)

    def templates(self) -> Iterator[tuple[str, str]]:
        yield "settings.question", self.settings.question

    def faults(self) -> Iterator[Fault]:
        if "?" not in self.settings.question:
            yield Fault("settings.question", Text("This asks nothing"))

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return Text("The assistant said {answer}", answer=left.note["answer"])

    def enter(self, context: StepContext) -> Outcome:
        answer = {"answer": "because"}
        told = CustomerEvent(context.id_for("ask"), self.settings.event, context.now, answer)
        return ExitPort("next", answer, answer, emit=(told,))
