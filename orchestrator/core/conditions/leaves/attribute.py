"""attribute: an attribute of the customer, compared."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.compare import OPERATORS
from orchestrator.core.conditions.contract import LASTING, NEVER, Bindings, Leaf, Named, Verdict
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
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text, verbatim
from orchestrator.core.values import Name, Ref


class Attribute(Leaf):
    """Compares an attribute of the customer. A missing or null one satisfies only ``ne``, ``not_in``, ``missing``."""

    model_config = called(Text("Customer attribute"))
    kind: Literal["attribute"] = "attribute"
    name: Name = Field(json_schema_extra=labelled(Text("Attribute"), editor="attribute_name"))
    op: Operator = Field("eq", json_schema_extra=OPERATOR_FIELD)
    value: Operand = Field(None, json_schema_extra=OPERAND_FIELD)

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return LASTING[OPERATORS[self.op](lookup(customer.attributes, self.name), bound_operand(self.value))]

    def bind(self, bindings: Bindings) -> "Attribute":
        if not isinstance(self.value, Ref):
            return self
        return self.model_copy(update={"value": bindings.resolve(self.value)})

    def describe(self) -> Text:
        return compared(verbatim(self.name), self.op, self.value)

    def opposite(self) -> "Attribute | None":
        return self.model_copy(update={"op": OPPOSITE[self.op]}) if self.op in OPPOSITE else None

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return lookup(customer.attributes, self.name)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def names(self) -> Iterator[Named]:
        yield Named("attribute", self.name)

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        return NEVER

    def claim(self, truth: bool) -> Claim:
        return Claim(f"attribute {self.name}", compared_demands(self.op, self.value, truth), any_json)
