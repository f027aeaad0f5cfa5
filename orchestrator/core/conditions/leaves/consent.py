"""consent: whether the customer has agreed to be written to."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels import CHANNEL_TITLES, PURPOSE_TEXT
from orchestrator.core.conditions.contract import LASTING, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.describe import CHANNEL_TEXT, fill, same
from orchestrator.core.conditions.domains import Claim, Demand, one_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Words


class Consent(Leaf):
    """Whether the customer has consented to a class of message on a channel (``night`` is its own consent)."""

    model_config = called("Consent", "수신 동의")
    kind: Literal["consent"] = "consent"
    channel: Words = Field(json_schema_extra=labelled("Channel", "채널", options=CHANNEL_TITLES))
    purpose: Literal["advertising", "night"] = Field(
        "advertising", json_schema_extra=labelled("For", "동의 종류", options=PURPOSE_TEXT)
    )
    granted: bool = Field(
        True,
        json_schema_extra=labelled("Agreed", "동의함", help=("Off: has not agreed.", "끄면 동의하지 않은 고객입니다.")),
    )

    def key(self) -> str:
        """Where a customer's ``consents`` keep this one."""
        return self.channel if self.purpose == "advertising" else f"{self.channel}:{self.purpose}"

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[(customer.consents.get(self.key()) is True) is self.granted]

    def describe(self) -> Text:
        channel = CHANNEL_TEXT.get(self.channel, same(self.channel))
        if self.purpose == "night":
            channel = fill(Text("{0} at night", "{0} 야간"), channel)
        agreed = Text("agreed to advertising by {0}", "{0} 광고 수신 동의")
        refused = Text("not agreed to advertising by {0}", "{0} 광고 수신 미동의")
        return fill(agreed if self.granted else refused, channel)

    def opposite(self) -> "Consent":
        return self.model_copy(update={"granted": not self.granted})

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return customer.consents.get(self.key()) is True

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def claim(self, truth: bool) -> Claim:
        demand = Demand("eq", self.granted, truth)
        return Claim(f"consent {self.channel} {self.purpose}", [demand], one_of((True, False)))
