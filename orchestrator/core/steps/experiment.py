"""experiment: A/B/n with weights and a control."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core.experiments import assign
from orchestrator.core.steps.contract import Leave, Moment, Outcome, Port, Step
from orchestrator.core.text import Frozen, LocalText, Text, in_locale


class Variant(Frozen):
    """One arm, its own port."""

    port: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    weight: int = Field(ge=0, description="Relative to the sum of all weights.")
    control: bool = False
    label: LocalText = Field(default_factory=dict)


class ExperimentSettings(Frozen):
    """The arms. ``experiment`` is its identity: keep it, and customers keep their arms through edits and re-entry."""

    experiment: str = Field(min_length=1, max_length=100)
    variants: tuple[Variant, ...] = Field(min_length=2)


class Experiment(Step):
    """Assignment is a hash of the experiment's id and the customer's."""

    kind: Literal["experiment"] = "experiment"
    settings: ExperimentSettings

    TITLE: ClassVar[Text] = Text("Experiment", "실험")
    MEANING: ClassVar[Text] = Text("Parts customers at random, to compare.", "고객을 무작위로 나누어 비교합니다.")
    FAMILY: ClassVar = "measure"
    ICON: ClassVar[str] = "flask-conical"

    def ports(self) -> tuple[Port, ...]:
        return tuple(
            Port(v.port, Text(in_locale(v.label, "en", v.port), in_locale(v.label, "ko", v.port)))
            for v in self.settings.variants
        )

    def summary(self) -> Text:
        total = sum(variant.weight for variant in self.settings.variants) or 1
        arms = " / ".join(f"{v.port} {100 * v.weight / total:.3g}%" for v in self.settings.variants)
        return Text(arms, arms)

    def enter(self, at: Moment) -> Outcome:
        weights = {variant.port: variant.weight for variant in self.settings.variants}
        arm = assign(self.settings.experiment, at.customer_id, weights)
        return Leave(arm, {"experiment": self.settings.experiment, "variant": arm})
