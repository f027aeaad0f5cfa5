"""consent: whether the customer has agreed to be written to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels.registry import PURPOSE_TEXT, channel_in_sentence, channel_titles
from orchestrator.core.conditions.contract import LASTING, NEVER, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CONSENT_CHANGED, CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Words


class Consent(Leaf):
    """Whether the customer has consented to a class of message on a channel (``night`` is its own consent)."""

    model_config = called(Text("Consent"))
    kind: Literal["consent"] = "consent"
    channel: Words = Field(json_schema_extra=labelled(Text("Channel"), options=channel_titles()))
    purpose: Literal["advertising", "night"] = Field(
        "advertising", json_schema_extra=labelled(Text("For"), options=PURPOSE_TEXT)
    )
    granted: bool = Field(
        True,
        json_schema_extra=labelled(Text("Agreed"), help=Text("Off: has not agreed.")),
    )

    def key(self) -> str:
        """Where a customer's ``consents`` keep this one."""
        return self.channel if self.purpose == "advertising" else f"{self.channel}:{self.purpose}"

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[(customer.consents.get(self.key()) is True) is self.granted]

    def channel_words(self) -> Text:
        """The channel in a sentence, by night where it is that consent."""
        channel = channel_in_sentence(self.channel)
        if self.purpose == "night":
            return Text("{channel} at night", context="condition", channel=channel)
        return channel

    def describe(self) -> Text:
        channel = self.channel_words()
        if self.granted:
            return Text("agreed to advertising by {channel}", channel=channel)
        return Text("not agreed to advertising by {channel}", channel=channel)

    def opposite(self) -> "Consent":
        return self.model_copy(update={"granted": not self.granted})

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return customer.consents.get(self.key()) is True

    def wakes_on(self) -> frozenset[str]:
        # Every door by which a consent changes leaves the one; the other is what a simulated journey leaves.
        return frozenset({CONSENT_CHANGED, CUSTOMER_UPDATED})

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        demand = Demand("eq", self.granted, truth)
        return Claim(f"consent {self.channel} {self.purpose}", [demand], one_of((True, False)))
