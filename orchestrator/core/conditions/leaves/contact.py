"""contact: an address or a setting of the customer's own (e-mail, phone, language, time zone), compared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.compare import OPERATORS
from orchestrator.core.conditions.contract import LASTING, NEVER, Bindings, Leaf, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.describe import compared
from orchestrator.core.conditions.domains import Claim, any_json, compared_demands
from orchestrator.core.conditions.operators import (
    OPERAND_FIELD,
    OPERATOR_FIELD,
    OPPOSITE,
    Operand,
    Operator,
    bound_operand,
)
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Ref

ContactField = Literal["email", "phone", "locale", "time_zone", "external_id"]
FIELD_TEXT: Mapping[ContactField, Text] = {
    "email": Text("e-mail address"),
    "phone": Text("phone number"),
    "locale": Text("language", context="contact"),
    "time_zone": Text("time zone"),
    "external_id": Text("your own id"),
}


class Contact(Leaf):
    """Compares what the customer's own record has beside attributes. What is not known is a missing value."""

    model_config = called(Text("Contact and language"))
    kind: Literal["contact"] = "contact"
    field: ContactField = Field("email", json_schema_extra=labelled(Text("Field"), options=FIELD_TEXT))
    op: Operator = Field("exists", json_schema_extra=OPERATOR_FIELD)
    value: Operand = Field(None, json_schema_extra=OPERAND_FIELD)

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[OPERATORS[self.op](customer.contact.get(self.field), bound_operand(self.value))]

    def bind(self, bindings: Bindings) -> "Contact":
        if not isinstance(self.value, Ref):
            return self
        return self.model_copy(update={"value": bindings.resolve(self.value)})

    def describe(self) -> Text:
        return compared(FIELD_TEXT[self.field], self.op, self.value)

    def opposite(self) -> "Contact | None":
        return self.model_copy(update={"op": OPPOSITE[self.op]}) if self.op in OPPOSITE else None

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return customer.contact.get(self.field)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim(f"contact {self.field}", compared_demands(self.op, self.value, truth), any_json)
