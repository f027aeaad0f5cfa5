"""How leaves compare: operators in words, what an operand may be, and the form fields of the two."""

from collections.abc import Mapping
from typing import Any, Literal

from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.core.values import Ref, Scalar

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "starts_with", "exists", "missing"]
OPERATOR_TEXT: dict[Operator, Text] = {
    "eq": Text("is", "같음"),
    "ne": Text("is not", "다름"),
    "gt": Text("is more than", "초과"),
    "gte": Text("is at least", "이상"),
    "lt": Text("is less than", "미만"),
    "lte": Text("is at most", "이하"),
    "in": Text("is one of", "다음 중 하나"),
    "not_in": Text("is none of", "다음 중 아님"),
    "contains": Text("contains", "포함"),
    "starts_with": Text("starts with", "다음으로 시작"),
    "exists": Text("is known", "값 있음"),
    "missing": Text("is not known", "값 없음"),
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
OPERATOR_FIELD = labelled("Comparison", "비교", options=OPERATOR_TEXT)
OPERAND_FIELD = labelled("Value", "값", editor="value")


def bound_operand(value: Any) -> Any:
    """The operand as it is compared with: a reference that nobody has looked up is None."""
    return None if type(value) is Ref else value
