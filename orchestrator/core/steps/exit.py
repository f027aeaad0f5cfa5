"""exit: ends the run with a reason."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Finish, Outcome, Port, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.text import Frozen, Text, spelt_out


class ExitSettings(Frozen):
    """Why the run ends here."""

    reason: str = Field(
        "completed",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(
            Text("Reason"),
            help=Text("Reports count exits by this reason. Lower-case letters, digits, - and _."),
        ),
    )


class Exit(Step):
    """The end."""

    kind: Literal["exit"] = "exit"
    settings: ExitSettings = ExitSettings()

    TITLE: ClassVar[Text] = Text("Exit")
    MEANING: ClassVar[Text] = Text("Ends the journey for the customer.")
    HELP: ClassVar[Text] = Text(
        "Use it where a path ends: the customer leaves the journey here, and can re-enter if the journey "
        "allows it. Give each exit its own title and reason to tell them apart in reports. Example: “Did not "
        "buy” after the last reminder."
    )
    FAMILY: ClassVar = "end"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"reason": "completed"}
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
    MEANING_HERE: ClassVar[Text] = Text("The journey ends here")
    ICON: ClassVar[str] = "log-out"

    def ports(self) -> tuple[Port, ...]:
        return ()

    def summary(self) -> Text:
        return (
            self.MEANING_HERE if self.label or self.settings.reason == "completed" else spelt_out(self.settings.reason)
        )

    def exit_reason(self) -> str:
        return self.settings.reason

    def narrate_entry(self, narration: NarrationContext) -> Text:
        return Text("The journey ends here: {name}", name=narration.title(self.id))

    def enter(self, context: StepContext) -> Outcome:
        return Finish(self.settings.reason)
