"""experiment: A/B/n with weights and a control."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.events.run_events import Committed
from orchestrator.core.experiments.assignment import assign
from orchestrator.core.experiments.facts import exposure_fact
from orchestrator.core.experiments.metrics import METRIC_TEXT, MOST_DAYS, MetricKind
from orchestrator.core.experiments.winners import OTHERWISE_TEXT, WINNER_TEXT, Otherwise, Winner
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    MOST_WAYS,
    NAME_HELP,
    WAY_HELP,
    Answer,
    ExitPort,
    Fault,
    Outcome,
    Port,
    Request,
    Step,
    StepContext,
)
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.text import Frozen, LocalText, Text, joined, number_text, verbatim
from orchestrator.core.values import Day

_RULED = ("always_valid", "probability")
"""Ways to a winner that a rule goes."""


class Variant(Frozen):
    """One arm, its own port."""

    port: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(Text("Path id"), editor="port", help=WAY_HELP, advanced=True),
    )
    weight: int = Field(
        ge=0,
        le=1_000_000,
        description="Relative to the sum of all weights.",
        json_schema_extra=labelled(
            Text("Weight"),
            help=Text("As a share of the sum of all weights."),
        ),
    )
    control: bool = Field(
        False,
        json_schema_extra=labelled(
            Text("Control"),
            help=Text("What the others are compared with."),
        ),
    )
    label: LocalText = Field(
        default_factory=dict,
        json_schema_extra=labelled(Text("Variant name"), editor="local_text", help=NAME_HELP),
    )


class ExperimentSettings(Frozen):
    """The arms. ``experiment`` is its identity: keep it, and customers keep their arms through edits and re-entry."""

    experiment: str = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            Text("Experiment name"),
            help=Text("While this stays the same, customers keep their variant, even when they re-enter."),
        ),
    )
    variants: tuple[Variant, ...] = Field(
        min_length=2,
        max_length=MOST_WAYS,
        json_schema_extra=labelled(Text("Variants"), item=Text("Variant"), new={"port": "variant", "weight": 50}),
    )
    metric: MetricKind = Field(
        "goal",
        json_schema_extra=labelled(
            Text("Measured by"), options=METRIC_TEXT, help=Text("What customers do after they were assigned.")
        ),
    )
    metric_name: str = Field(
        "",
        max_length=200,
        description="Id of the goal, or name of the event. Of a goal, empty: the journey's first.",
        json_schema_extra=labelled(
            Text("Goal or event"),
            help=Text("Empty: the journey's first goal."),
            when={"metric": ("goal", "event")},
        ),
    )
    within_days: int = Field(
        14,
        ge=1,
        le=MOST_DAYS,
        description="Days after the assignment that count.",
        json_schema_extra=labelled(Text("Days that count"), help=Text("After each customer's assignment.")),
    )
    winner: Winner = Field(
        "by_hand",
        description="Who ends it: people, or the rule. ``allocation``: nobody, but weights follow what is known.",
        json_schema_extra=labelled(
            Text("Automatic winner"),
            options=WINNER_TEXT,
            help=Text("Looked at every hour. The winner gets all new customers by a new version of the journey."),
        ),
    )
    least_exposed: int = Field(
        100,
        ge=1,
        le=10_000_000,
        json_schema_extra=labelled(Text("At least, customers per variant"), when={"winner": _RULED}),
    )
    least_days: int = Field(
        7, ge=1, le=MOST_DAYS, json_schema_extra=labelled(Text("At least, days"), when={"winner": _RULED})
    )
    latest: Day | None = Field(
        None,
        description="The last day, in the workspace's zone.",
        json_schema_extra=labelled(Text("Ends at the latest on"), editor="date", when={"winner": _RULED}),
    )
    otherwise: Otherwise = Field(
        "control",
        description="What becomes of it where there is no winner by then.",
        json_schema_extra=labelled(Text("Without a winner by then"), options=OTHERWISE_TEXT, when={"winner": _RULED}),
    )

    @property
    def control(self) -> str:
        """The arm that others are compared with: the first where none is marked."""
        return next((variant.port for variant in self.variants if variant.control), self.variants[0].port)


class Experiment(Step):
    """Assignment is a hash of the experiment's id and the customer's, kept from the first time that it is taken: what
    stands in the store outlives weights that are changed. Runs from before there was such a record go by the hash."""

    kind: Literal["experiment"] = "experiment"
    settings: ExperimentSettings

    TITLE: ClassVar[Text] = Text("Experiment")
    MEANING: ClassVar[Text] = Text("Splits customers at random to compare.")
    HELP: ClassVar[Text] = Text(
        "Use it to find out which of two or more variants works better. Customers are assigned at random by "
        "weight and always stay in the same variant. Set one variant as the control to compare with. Example:"
        " half of the customers get the subject line with their name, half without."
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
    NEW_PORT: ClassVar[str] = "variant"
    OWN_PORTS: ClassVar[tuple[Port, ...]] = ()
    ICON: ClassVar[str] = "flask-conical"

    def ports(self) -> tuple[Port, ...]:
        return tuple(Port(v.port, self._called(v, n)) for n, v in enumerate(self.settings.variants, 1))

    def summary(self) -> Text:
        total = sum(variant.weight for variant in self.settings.variants) or 1
        shares = [
            (self._called(v, n), number_text(v.weight / total, "#0.#%"))
            for n, v in enumerate(self.settings.variants, 1)
        ]
        return joined((joined(one, " ") for one in shares), " / ")

    def _called(self, variant: Variant, number: int) -> Text:
        return verbatim(variant.label, self.nameless(variant.port, number))

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
        if self.settings.metric == "event" and not self.settings.metric_name.strip():
            yield Fault("settings.metric_name", Text("Name the event that counts."))
        if self.settings.winner == "probability" and self.settings.latest is None:
            yield Fault("settings.latest", Text("A winner by probability needs a last day."))

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        total = sum(variant.weight for variant in self.settings.variants) or 1
        share = next((v.weight / total for v in self.settings.variants if v.port == left.port), 0.0)
        why = number_text(share, "@##%")
        return self.through(left.port, Text("assigned by the customer's id ({why}), always the same", why=why))

    def enter(self, context: StepContext) -> Outcome:
        weights = {variant.port: variant.weight for variant in self.settings.variants}
        arm = assign(self.settings.experiment, context.customer_id, weights)
        if not context.exposes:
            return self._taken(arm)
        asked = exposure_fact(self.settings.experiment, context.id_for("exposure"), context.step, arm, weights)
        return Request(facts=(asked,))

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        return self._taken(answer.facts[0]) if isinstance(answer, Committed) else None

    def _taken(self, arm: str) -> ExitPort:
        return ExitPort(arm, {"experiment": self.settings.experiment, "variant": arm})
