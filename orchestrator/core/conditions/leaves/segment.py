"""segment: whether the customer is in a segment, as its membership stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.contract import LASTING, NEVER, Leaf, Named, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Named as NamedText
from orchestrator.core.text import Text

SEGMENT_KEY = r"^[a-z][a-z0-9-]{0,62}$"


class InSegment(Leaf):
    """Whether the customer is in a segment, or is not in it.

    Of a segment that is not there, archived, or has never been built, both are false: nobody is let through because
    nobody can tell.
    """

    model_config = called(Text("Segment"))
    kind: Literal["segment"] = "segment"
    segment: str = Field(pattern=SEGMENT_KEY, json_schema_extra=labelled(Text("Segment"), editor="segment"))
    member: bool = Field(True, json_schema_extra=labelled(Text("Is in it"), help=Text("Off: is not in it.")))

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[customer.segments.get(self.segment) is self.member]

    def describe(self) -> Text:
        name = NamedText("segment", self.segment)
        return Text("in the segment {name}", name=name) if self.member else Text("not in the segment {name}", name=name)

    def opposite(self) -> "InSegment":
        return self.model_copy(update={"member": not self.member})

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return customer.segments.get(self.segment)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({SEGMENT_ENTERED, SEGMENT_LEFT})

    def segments_of(self) -> frozenset[str]:
        return frozenset({self.segment})

    def names(self) -> Iterator[Named]:
        yield Named("segment", self.segment)

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim(f"segment {self.segment}", [Demand("eq", self.member, truth)], one_of((True, False, None)))
