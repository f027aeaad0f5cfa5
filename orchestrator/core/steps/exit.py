"""exit: ends the run with a reason."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import Finish, Outcome, Port, Step, StepContext
from orchestrator.core.text import Frozen, Text


class ExitSettings(Frozen):
    """Why the run ends here."""

    reason: str = Field(
        "completed",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(
            "Reason",
            "사유",
            help=(
                "Figures count ends by it. Lower-case letters, digits, - and _.",
                "현황에서 종료를 이 사유별로 셉니다. 영문 소문자, 숫자, -, _를 쓸 수 있습니다.",
            ),
        ),
    )


class Exit(Step):
    """The end."""

    kind: Literal["exit"] = "exit"
    settings: ExitSettings = ExitSettings()

    TITLE: ClassVar[Text] = Text("Exit", "종료")
    MEANING: ClassVar[Text] = Text("Ends the journey for the customer.", "고객의 여정을 끝냅니다.")
    HELP: ClassVar[Text] = Text(
        "Use it where a way ends: the customer leaves the journey here, and may enter again if the journey allows "
        "it. Give each end a reason of its own, so that the figures tell them apart. Example: “not_bought” after the "
        "last reminder.",
        "길이 끝나는 곳에 둡니다. 고객은 여기서 여정을 떠나고, 재진입을 허용한 여정이면 다시 들어올 수 있습니다. "
        "끝마다 사유를 다르게 적으면 현황에서 구분해 볼 수 있습니다. 예: 마지막 리마인드 뒤의 “not_bought”.",
    )
    FAMILY: ClassVar = "end"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"reason": "completed"}
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
    ICON: ClassVar[str] = "log-out"

    def ports(self) -> tuple[Port, ...]:
        return ()

    def summary(self) -> Text:
        return Text(self.settings.reason, self.settings.reason)

    def exit_reason(self) -> str:
        return self.settings.reason

    def enter(self, context: StepContext) -> Outcome:
        return Finish(self.settings.reason)
