"""tag: whether the customer bears a tag."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.contract import LASTING, NEVER, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Name


class Tag(Leaf):
    """Whether the customer has a tag, by its exact name; or has it not."""

    model_config = called(Text("Tag"))
    kind: Literal["tag"] = "tag"
    tag: Name = Field(json_schema_extra=labelled(Text("Tag")))
    has: bool = Field(True, json_schema_extra=labelled(Text("Has it"), help=Text("Off: does not have it.")))

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[(self.tag in customer.tags) is self.has]

    def describe(self) -> Text:
        return Text("has the tag “{tag}”", tag=self.tag) if self.has else Text("no tag “{tag}”", tag=self.tag)

    def opposite(self) -> "Tag":
        return self.model_copy(update={"has": not self.has})

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return self.tag in customer.tags

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim(f"tag {self.tag}", [Demand("eq", self.has, truth)], one_of((True, False)))
