"""experiment: A/B/n with weights and a control."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.experiments.assignment import assign
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    MOST_WAYS,
    NAME_HELP,
    WAY_HELP,
    ExitPort,
    Fault,
    Outcome,
    Port,
    Step,
    StepContext,
)
from orchestrator.core.text import Frozen, LocalText, Text, in_locale


class Variant(Frozen):
    """One arm, its own port."""

    port: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled("Way out", "출구", editor="port", help=WAY_HELP, advanced=True),
    )
    weight: int = Field(
        ge=0,
        le=1_000_000,
        description="Relative to the sum of all weights.",
        json_schema_extra=labelled(
            "Weight",
            "가중치",
            help=("Relative to the sum of all weights.", "전체 가중치 합에 대한 비율로 나눕니다."),
        ),
    )
    control: bool = Field(
        False,
        json_schema_extra=labelled(
            "Control",
            "대조군",
            help=("What the others are compared with.", "다른 안과 비교하는 기준입니다."),
        ),
    )
    label: LocalText = Field(
        default_factory=dict,
        json_schema_extra=labelled("Name of the arm", "안 이름", editor="local_text", help=NAME_HELP),
    )


class ExperimentSettings(Frozen):
    """The arms. ``experiment`` is its identity: keep it, and customers keep their arms through edits and re-entry."""

    experiment: str = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            "Name of the experiment",
            "실험 이름",
            help=(
                "As long as it stays the same, customers keep their arms, also when they enter again.",
                "이름이 같으면 다시 진입해도 고객은 같은 안에 배정됩니다.",
            ),
        ),
    )
    variants: tuple[Variant, ...] = Field(
        min_length=2,
        max_length=MOST_WAYS,
        json_schema_extra=labelled("Arms", "안", item=("Arm", "안"), new={"port": "arm", "weight": 50}),
    )


class Experiment(Step):
    """Assignment is a hash of the experiment's id and the customer's."""

    kind: Literal["experiment"] = "experiment"
    settings: ExperimentSettings

    TITLE: ClassVar[Text] = Text("Experiment", "실험")
    MEANING: ClassVar[Text] = Text("Parts customers at random, to compare.", "고객을 무작위로 나누어 비교합니다.")
    HELP: ClassVar[Text] = Text(
        "Use it to find out which of two or more ways works better. Each customer is assigned at random by the "
        "weights, and always to the same arm. Mark one arm as the control to compare the others with. Example: half "
        "of the customers get the subject with a name, half without.",
        "두 가지 이상의 방법 중 무엇이 더 나은지 알아볼 때 씁니다. 고객은 가중치에 따라 무작위로 배정되고 늘 같은 "
        "안에 머뭅니다. 비교 기준이 되는 안 하나를 대조군으로 지정하세요. 예: 절반은 이름을 넣은 제목, 절반은 넣지 "
        "않은 제목.",
    )
    FAMILY: ClassVar = "measure"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "experiment": "experiment",
        "variants": [
            {"port": "a", "weight": 50, "control": True, "label": {"en": "A", "ko": "A안"}},
            {"port": "b", "weight": 50, "label": {"en": "B", "ko": "B안"}},
        ],
    }
    PORT_LIST: ClassVar[str] = "variants"
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
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

    def faults(self) -> Iterator[Fault]:
        """It can choose, and has one control."""
        arms, field = self.settings.variants, "settings.variants"
        controls = sum(arm.control for arm in arms)
        if not any(arm.weight for arm in arms):
            yield Fault(field, code="weights_zero")
        if controls > 1:
            yield Fault(field, code="too_many_controls", parameters={"count": controls})
        if not controls:
            yield Fault(field, code="no_control")

    def enter(self, context: StepContext) -> Outcome:
        weights = {variant.port: variant.weight for variant in self.settings.variants}
        arm = assign(self.settings.experiment, context.customer_id, weights)
        return ExitPort(arm, {"experiment": self.settings.experiment, "variant": arm})
