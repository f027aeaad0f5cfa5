"""goal: marks a conversion, with its value; may end the run."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.conditions import Ref, Scalar
from orchestrator.core.steps.contract import NEXT, End, Leave, Moment, Outcome, Port, Step
from orchestrator.core.text import Frozen, Text


class GoalSettings(Frozen):
    """What is reached. ``value`` is a number, or a reference to one."""

    goal: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    value: Scalar | Ref | None = None
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 4217.")
    ends: bool = False


class Goal(Step):
    """Counted once per visit."""

    kind: Literal["goal"] = "goal"
    settings: GoalSettings

    TITLE: ClassVar[Text] = Text("Goal", "목표 달성")
    MEANING: ClassVar[Text] = Text("Marks a conversion.", "전환을 기록합니다.")
    FAMILY: ClassVar = "measure"
    ICON: ClassVar[str] = "target"

    def ports(self) -> tuple[Port, ...]:
        return () if self.settings.ends else (NEXT,)

    def summary(self) -> Text:
        return Text(self.settings.goal, self.settings.goal)

    def enter(self, at: Moment) -> Outcome:
        settings = self.settings
        reached = {"goal": settings.goal, "value": at.value(settings.value), "currency": settings.currency}
        reached = {name: value for name, value in reached.items() if value is not None}
        return End(f"goal:{settings.goal}", goal=reached) if settings.ends else Leave(goal=reached)
