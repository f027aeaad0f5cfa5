"""How leaves compare: operators in words, what an operand may be, and the form fields of the two."""

from collections.abc import Mapping
from typing import Any, Literal

from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Ref, Scalar

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "starts_with", "exists", "missing"]
OPERATOR_TEXT: dict[Operator, Text] = {
    "eq": Text("is"),
    "ne": Text("is not"),
    "gt": Text("is more than"),
    "gte": Text("is at least"),
    "lt": Text("is less than"),
    "lte": Text("is at most"),
    "in": Text("is one of"),
    "not_in": Text("is none of"),
    "contains": Text("contains"),
    "starts_with": Text("starts with"),
    "exists": Text("is known"),
    "missing": Text("is not known"),
}

OPPOSITE: Mapping[Operator, Operator] = {
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
    "exists": "missing",
    "missing": "exists",
}
"""The operator that holds exactly where this one does not, for those that have one in words."""

Operand = Scalar | tuple[Scalar, ...] | Ref | None
OPERATOR_FIELD = labelled(Text("Comparison"), options=OPERATOR_TEXT)
OPERAND_FIELD = labelled(Text("Value"), editor="value")


def bound_operand(value: Any) -> Any:
    """The operand as it is compared with: a reference that nobody has looked up is None."""
    return None if type(value) is Ref else value
