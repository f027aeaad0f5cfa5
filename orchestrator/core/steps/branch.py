"""branch: ranked conditions; the first that holds wins."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import is_plain
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.model import Condition, scopes
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Committed
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import (
    MOST_WAYS,
    NAME_HELP,
    WAY_HELP,
    Answer,
    ExitPort,
    Outcome,
    Port,
    Request,
    Step,
    StepContext,
)
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import AskedCondition
from orchestrator.core.text import Frozen, LocalText, Text, joined, verbatim


class Way(Frozen):
    """One way out and its condition."""

    port: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        json_schema_extra=labelled(Text("Path id"), editor="port", help=WAY_HELP, advanced=True),
    )
    when: Condition = Field(json_schema_extra=labelled(Text("Condition"), editor="condition"))
    label: LocalText = Field(
        default_factory=dict,
        json_schema_extra=labelled(Text("Path name"), editor="local_text", help=NAME_HELP),
    )


class BranchSettings(Frozen):
    """The ways, ranked."""

    branches: tuple[Way, ...] = Field(
        min_length=1,
        max_length=MOST_WAYS,
        json_schema_extra=labelled(
            Text("Paths"),
            help=Text("Customers take the first path whose condition they match; later ones are not checked."),
            item=Text("Path"),
            new={"port": "path", "when": {"kind": "all", "of": []}},
        ),
    )


class Branch(Step):
    """Conditions see the customer and their history as of now, and the run's entry event."""

    kind: Literal["branch"] = "branch"
    settings: BranchSettings

    TITLE: ClassVar[Text] = Text("Branch")
    MEANING: ClassVar[Text] = Text("Splits customers by conditions.")
    HELP: ClassVar[Text] = Text(
        "Use it to send customers down different paths. Conditions are checked from top to bottom when the "
        "customer gets here, and the first match is taken; all others take “Everyone else”. Example: "
        "customers with three orders or more get a thank-you, everyone else a coupon."
    )
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"branches": [{"port": "yes", "when": {"kind": "all", "of": []}}]}
    FAMILY: ClassVar = "decision"
    ICON: ClassVar[str] = "split"
    OTHERWISE: ClassVar[Port] = Port("otherwise", Text("Everyone else"))
    PORT_LIST: ClassVar[str] = "branches"
    NEW_PORT: ClassVar[str] = "path"
    SUMMARY_LINES: ClassVar[int] = 0
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (OTHERWISE,)

    def ports(self) -> tuple[Port, ...]:
        return (*(self._port(branch) for branch in self.settings.branches), self.OTHERWISE)

    @staticmethod
    def _port(branch: Way) -> Port:
        words = describe(branch.when)
        return Port(branch.port, verbatim(branch.label, words))

    def summary(self) -> Text:
        words = [self._port(branch).label for branch in self.settings.branches]
        return joined(words, " / ")

    @cached_property
    def asks(self) -> bool:
        """Whether anything of the customer has to be known; else the entry event decides, here and now."""
        return any("customer" in scopes(branch.when) for branch in self.settings.branches)

    @cached_property
    def plain(self) -> bool:
        """Whether no condition refers to anything that has to be looked up first."""
        return all(is_plain(branch.when) for branch in self.settings.branches)

    def conditions(self) -> Iterator[AskedCondition]:
        for n, branch in enumerate(self.settings.branches):
            yield AskedCondition(f"settings.branches.{n}.when", branch.when, "customer" if self.asks else "entry")

    def narrate_entry(self, narration: NarrationContext) -> Text:
        return Text("Checks the conditions: {words}", words=self.summary())

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        if left.port != self.OTHERWISE.name:
            taken = next((n for n, branch in enumerate(self.settings.branches) if branch.port == left.port), None)
            why = narration.answers[taken][1] if taken is not None and taken < len(narration.answers) else None
            return self.through(left.port, why)
        if not narration.answers:
            return self.through(left.port)
        reasons = [why for _, why in narration.answers]
        return self.through(left.port, Text("did not hold: {reasons}", reasons=joined(reasons, " · ")))

    def enter(self, context: StepContext) -> Outcome:
        conditions = [branch.when if self.plain else context.bound(branch.when) for branch in self.settings.branches]
        if self.asks:
            return Request(ask=tuple(conditions))
        subject = context.entry or CustomerEvent("", "", context.began)
        return self._first([matches(condition, subject) for condition in conditions])

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        return self._first(answer.truths) if isinstance(answer, Committed) else None

    def _first(self, truths: Iterable[bool]) -> ExitPort:
        for branch, truth in zip(self.settings.branches, truths, strict=True):
            if truth:
                return ExitPort(branch.port)
        return ExitPort("otherwise")
