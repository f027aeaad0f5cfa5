"""reachable: whether an address is known by which a channel could reach the customer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels.contacts import ContactKind
from orchestrator.core.channels.registry import CHANNELS, channel_in_sentence, channel_titles
from orchestrator.core.conditions.contract import LASTING, NEVER, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Words


class Reachable(Leaf):
    """Whether what a channel needs is known: an e-mail address, a phone number, a device that was not dropped.

    It says nothing of consents, and nothing of whether anybody answers there.
    """

    model_config = called(Text("Can be reached"))
    kind: Literal["reachable"] = "reachable"
    channel: Words = Field(json_schema_extra=labelled(Text("Channel"), options=channel_titles()))
    reachable: bool = Field(
        True, json_schema_extra=labelled(Text("An address is known"), help=Text("Off: none is known."))
    )

    def contact(self) -> ContactKind | None:
        """What the channel needs; None where there is no such channel (any more)."""
        return CHANNELS[self.channel].contact if self.channel in CHANNELS else None

    def _known(self, customer: Customer) -> bool:
        kind = self.contact()
        if kind is None:
            return False
        if kind.kept == "column":
            return bool(customer.contact.get(kind.name))
        if kind.kept == "id":
            return True
        told = customer.attributes.get(kind.name) if kind.attribute else None
        return kind.name in customer.devices or (isinstance(told, str) and told != "")

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[self._known(customer) is self.reachable]

    def describe(self) -> Text:
        channel = channel_in_sentence(self.channel)
        if self.reachable:
            return Text("can be reached by {channel}", channel=channel)
        return Text("cannot be reached by {channel}", channel=channel)

    def opposite(self) -> "Reachable":
        return self.model_copy(update={"reachable": not self.reachable})

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return self._known(customer)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim(f"reachable {self.channel}", [Demand("eq", self.reachable, truth)], one_of((True, False)))
