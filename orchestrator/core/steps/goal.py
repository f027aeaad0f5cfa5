"""goal: marks a conversion, with its value; may end the run."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import NEXT, ExitPort, Finish, Outcome, Port, Step, StepContext
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import Ref, Scalar

WORTH_HELP = (
    "A number, or a value of an event such as its revenue; the figures add it up.",
    "숫자나 이벤트의 값(예: revenue)입니다. 현황에서 합계를 냅니다.",
)
ENDS_HELP = ("Whoever reaches it leaves the journey.", "달성한 고객은 여정을 떠납니다.")


class GoalSettings(Frozen):
    """What is reached. ``value`` is a number, or a reference to one."""

    goal: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(
            "Goal",
            "목표",
            help=(
                "Its id in the figures. Lower-case letters, digits, - and _.",
                "현황에 나오는 ID입니다. 영문 소문자, 숫자, -, _를 쓸 수 있습니다.",
            ),
        ),
    )
    value: Scalar | Ref | None = Field(
        None, json_schema_extra=labelled("Value", "가치", editor="value", help=WORTH_HELP)
    )
    currency: str | None = Field(
        None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217.",
        json_schema_extra=labelled("Currency", "통화", editor="currency"),
    )
    ends: bool = Field(False, json_schema_extra=labelled("Ends the journey", "여정 종료", help=ENDS_HELP))


class Goal(Step):
    """Counted once per visit."""

    kind: Literal["goal"] = "goal"
    settings: GoalSettings

    TITLE: ClassVar[Text] = Text("Goal", "목표 달성")
    MEANING: ClassVar[Text] = Text("Marks a conversion.", "전환을 기록합니다.")
    HELP: ClassVar[Text] = Text(
        "Use it where the journey has achieved something: it counts a conversion each time a customer gets here, "
        "with a value if you give one. A goal of the journey counts wherever the customer stands; this step only "
        "those who come this way. Example: “recovered” after the order arrived.",
        "여정이 성과를 낸 자리에 둡니다. 고객이 도착할 때마다 전환으로 세고, 가치를 적으면 함께 기록합니다. 여정 "
        "전체의 목표는 고객이 어디에 있든 세지만, 이 단계는 이 길로 온 고객만 셉니다. 예: 주문이 들어온 뒤의 "
        "“recovered”.",
    )
    FAMILY: ClassVar = "measure"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"goal": "goal"}
    ICON: ClassVar[str] = "target"

    def ports(self) -> tuple[Port, ...]:
        return () if self.settings.ends else (NEXT,)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        return () if settings.get("ends") is True else (NEXT,)

    def summary(self) -> Text:
        return Text(self.settings.goal, self.settings.goal)

    def enter(self, context: StepContext) -> Outcome:
        settings = self.settings
        reached = {"goal": settings.goal, "value": context.value(settings.value), "currency": settings.currency}
        reached = {name: value for name, value in reached.items() if value is not None}
        return Finish(f"goal:{settings.goal}", goal=reached) if settings.ends else ExitPort(goal=reached)
