"""exit: ends the run with a reason."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.steps.contract import End, Moment, Outcome, Port, Step
from orchestrator.core.text import Frozen, Text


class ExitSettings(Frozen):
    """Why the run ends here."""

    reason: str = Field("completed", pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")


class Exit(Step):
    """The end."""

    kind: Literal["exit"] = "exit"
    settings: ExitSettings = ExitSettings()

    TITLE: ClassVar[Text] = Text("Exit", "종료")
    MEANING: ClassVar[Text] = Text("Ends the journey for the customer.", "고객의 여정을 끝냅니다.")
    FAMILY: ClassVar = "end"
    ICON: ClassVar[str] = "log-out"

    def ports(self) -> tuple[Port, ...]:
        return ()

    def summary(self) -> Text:
        return Text(self.settings.reason, self.settings.reason)

    def enter(self, at: Moment) -> Outcome:
        return End(self.settings.reason)
