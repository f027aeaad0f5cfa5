"""stage: the lifecycle stage that the customer is in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.contract import LASTING, NEVER, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.describe import either
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import STAGE_CHANGED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import STAGE_TEXT, STAGES, Stage


class InStage(Leaf):
    """Whether the customer's lifecycle stage is one of these."""

    model_config = called(Text("Lifecycle stage"))
    kind: Literal["stage"] = "stage"
    of: tuple[Stage, ...] = Field(
        min_length=1, json_schema_extra=labelled(Text("In one of these stages"), options=STAGE_TEXT)
    )

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[customer.stage in self.of]

    def describe(self) -> Text:
        return Text("lifecycle stage {stage}", stage=either([STAGE_TEXT[stage] for stage in self.of]))

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return next((text for stage, text in STAGE_TEXT.items() if stage == customer.stage), None)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({STAGE_CHANGED})

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim("stage", [Demand("in", self.of, truth)], one_of((*STAGES, None)))
