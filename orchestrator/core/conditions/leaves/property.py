"""property: a property of the event in scope, compared."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.conditions.compare import OPERATORS, nested
from orchestrator.core.conditions.contract import Bindings, EventLeaf, Named
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
from orchestrator.core.labels import called, labelled
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text, verbatim
from orchestrator.core.values import Name, Ref


class Property(EventLeaf):
    """Compares a property (dotted path) of the event in scope."""

    model_config = called(Text("Event property"))
    kind: Literal["property"] = "property"
    name: Name = Field(json_schema_extra=labelled(Text("Property"), editor="property_name"))
    op: Operator = Field("eq", json_schema_extra=OPERATOR_FIELD)
    value: Operand = Field(None, json_schema_extra=OPERAND_FIELD)

    def matches(self, event: CustomerEvent) -> bool:
        return OPERATORS[self.op](lookup(event.properties, self.name), bound_operand(self.value))

    def bind(self, bindings: Bindings) -> "Property":
        if not isinstance(self.value, Ref):
            return self
        return self.model_copy(update={"value": bindings.resolve(self.value)})

    def describe(self) -> Text:
        return compared(verbatim(self.name), self.op, self.value)

    def opposite(self) -> "Property | None":
        return self.model_copy(update={"op": OPPOSITE[self.op]}) if self.op in OPPOSITE else None

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return lookup(event.properties, self.name) if event is not None else None

    def names(self) -> Iterator[Named]:
        yield Named("property", self.name)

    def claim(self, truth: bool) -> Claim:
        return Claim(f"property {self.name}", compared_demands(self.op, self.value, truth), any_json)

    def example(self, guesses: Mapping[str, Any]) -> dict[str, Any]:
        value = _passing(self.op, bound_operand(self.value), guesses.get(self.name, "example"))
        return {} if value is None else nested(self.name, value)


def _passing(op: Operator, operand: Any, guess: Any) -> Any:
    """A value that stands in this relation to the operand, or None where none is known."""
    one = operand[0] if isinstance(operand, tuple) and operand else operand
    number = one if isinstance(one, int | float) and not isinstance(one, bool) else None
    match op:
        case "eq" | "gte" | "lte" | "in" | "contains" | "starts_with":
            return one
        case "gt":
            return None if number is None else number + 1
        case "lt":
            return None if number is None else number - 1
        case "exists":
            return guess
        case "ne" | "not_in":
            return "another" if isinstance(one, str) else None
    return None
