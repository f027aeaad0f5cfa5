"""consent_age: how long ago the customer agreed to be written to, or last confirmed it."""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels.registry import PURPOSE_TEXT, channel_titles
from orchestrator.core.conditions.contract import LASTING, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer, utc
from orchestrator.core.conditions.domains import Claim, Demand
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.measures import domain_of, microseconds
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.formatting import span
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.timing import zone
from orchestrator.core.values import Duration, Words

AgeOperator = Literal["gte", "lte", "missing"]
_OPERATOR_TEXT: dict[AgeOperator, Text] = {
    "gte": Text("at least so long ago"),
    "lte": Text("at most so long ago"),
    "missing": Text("not given"),
}
_AGREED: dict[AgeOperator, Text] = {
    "gte": Text("agreed to advertising by {channel} at least {age} ago"),
    "lte": Text("agreed to advertising by {channel} at most {age} ago"),
}
_TICK = timedelta(microseconds=1)


class ConsentAge(Leaf):
    """How long ago a consent was given or last confirmed: at least, or at most, ``age``; ``missing``: not given.

    Korea's Network Act, Art. 50 (8), has consents confirmed every two years. The age of a consent that does not stand
    is a missing value, and satisfies ``missing`` alone. One without a date counts from the day on which the customer
    became known, as when a message is decided on.
    """

    model_config = called(Text("Age of a consent"))
    kind: Literal["consent_age"] = "consent_age"
    channel: Words = Field(json_schema_extra=labelled(Text("Channel"), options=channel_titles()))
    purpose: Literal["advertising", "night"] = Field(
        "advertising", json_schema_extra=labelled(Text("For"), options=PURPOSE_TEXT)
    )
    op: AgeOperator = Field(
        "gte",
        json_schema_extra=labelled(Text("Given or last confirmed"), options=_OPERATOR_TEXT),
    )
    age: Duration = Field(
        timedelta(days=700),
        description="Compared with; 'missing' needs none.",
        json_schema_extra=labelled(Text("How long ago"), editor="duration"),
    )

    def consent(self) -> Consent:
        """The question whether it stands at all."""
        return Consent(channel=self.channel, purpose=self.purpose)

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        given = self._given(customer, now)
        if given is None or self.op == "missing":
            return LASTING[(given is None) is (self.op == "missing")]
        # A date that lies ahead (clocks differ) is that of a consent given just now.
        old = max(now - given, timedelta(0))
        truth = old >= self.age if self.op == "gte" else old <= self.age
        grown = old >= self.age if self.op == "gte" else old > self.age
        return Verdict(truth, None if grown else self._turns(given))

    def _given(self, customer: Customer, now: datetime) -> datetime | None:
        """When it was given or last confirmed; None where it does not stand."""
        key = self.consent().key()
        if customer.consents.get(key) is not True:
            return None
        return utc(customer.consented_at.get(key) or customer.known_since or now)

    def _turns(self, given: datetime) -> datetime | None:
        try:
            return given + self.age + (timedelta(0) if self.op == "gte" else _TICK)
        except OverflowError:
            return None  # beyond all dates

    def describe(self) -> Text:
        consent = self.consent()
        if self.op == "missing":
            return consent.opposite().describe()
        return _AGREED[self.op].format(channel=consent.channel_words(), age=span(self.age))

    def opposite(self) -> Consent | None:
        return self.consent() if self.op == "missing" else None

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        given = self._given(customer, now)
        return None if given is None else given.astimezone(zone(customer.zone)).date().isoformat()

    def wakes_on(self) -> frozenset[str]:
        return self.consent().wakes_on()

    def claim(self, truth: bool) -> Claim:
        operand = None if self.op == "missing" else microseconds(self.age)
        domain = domain_of("days_since_last", none_ever=False)  # missing, or a number from 0 on
        return Claim(f"age of consent {self.consent().key()}", [Demand(self.op, operand, truth)], domain)
