"""goal: marks a conversion, with its value; may end the run."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import NEXT, ExitPort, Finish, Outcome, Port, Step, StepContext
from orchestrator.core.text import Frozen, Text, spelt_out
from orchestrator.core.values import Ref, Scalar

WORTH_HELP = Text("A number, or a value of an event such as its revenue. Reports add it up.")
ENDS_HELP = Text("Customers who reach it leave the journey.")


class GoalSettings(Frozen):
    """What is reached. ``value`` is a number, or a reference to one."""

    goal: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(
            Text("Goal"),
            help=Text("Goals are counted by this id. Lower-case letters, digits, - and _."),
        ),
    )
    value: Scalar | Ref | None = Field(
        None, json_schema_extra=labelled(Text("Value", context="goal"), editor="value", help=WORTH_HELP)
    )
    currency: str | None = Field(
        None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217.",
        json_schema_extra=labelled(Text("Currency"), editor="currency"),
    )
    ends: bool = Field(False, json_schema_extra=labelled(Text("Ends the journey"), help=ENDS_HELP))


class Goal(Step):
    """Counted once per visit."""

    kind: Literal["goal"] = "goal"
    settings: GoalSettings

    TITLE: ClassVar[Text] = Text("Goal", context="reached")
    MEANING: ClassVar[Text] = Text("Counts a conversion.")
    HELP: ClassVar[Text] = Text(
        "Use it where the journey has achieved something: it counts a conversion each time a customer gets "
        "here, with a value if you set one. The journey's goals count at every step; this one counts only "
        "customers who come through here. Example: “Recovered” after the order."
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
        return Text("Counts a conversion") if self.label else spelt_out(self.settings.goal)

    def counts(self, goal: str) -> bool:
        return self.settings.goal == goal

    def enter(self, context: StepContext) -> Outcome:
        settings = self.settings
        reached = {"goal": settings.goal, "value": context.value(settings.value), "currency": settings.currency}
        reached = {name: value for name, value in reached.items() if value is not None}
        return Finish(f"goal:{settings.goal}", goal=reached) if settings.ends else ExitPort(goal=reached)
