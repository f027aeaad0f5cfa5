"""JSON values compared in SQL: what ``core/conditions/compare.py`` says of one value, said of a column.

Every value is a bound parameter. No expression is ever NULL, and no cast can fail: each is guarded by ``jsonb_typeof``
in a ``CASE``, whose order of evaluation PostgreSQL keeps.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Numeric,
    Text,
    case,
    cast,
    collate,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.core.conditions.compare import exact, is_number
from orchestrator.core.conditions.operators import Operator
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.events import StoredEvent

Truth = ColumnElement[bool]
Json = ColumnElement[Any]

customers = Customer.metadata.tables[str(Customer.__tablename__)]
events = StoredEvent.metadata.tables[str(StoredEvent.__tablename__)]

ORDER: Mapping[Operator, Callable[[Any, Any], Any]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
NEGATION: Mapping[Operator, Operator] = {"ne": "eq", "not_in": "in", "missing": "exists"}


def constant(truth: bool) -> Truth:
    return true() if truth else false()


def member(document: Json, path: str, *, dotted: bool = True) -> Json:
    """``core.conditions.compare.lookup``. A text after ``->`` names a member of an object only, never a place in an
    array."""
    whole = document.op("->", return_type=JSONB())(literal(path, Text))
    if "." not in path or not dotted:
        return whole
    nested: Json = document
    for name in path.split("."):
        nested = nested.op("->", return_type=JSONB())(literal(name, Text))
    return case((document.bool_op("?")(literal(path, Text)), whole), else_=nested)


def _jsonb(value: Any) -> Json:
    return cast(literal(json.dumps(value), Text), JSONB)


def _text(value: Json) -> ColumnElement[str]:
    return collate(value.op("#>>", return_type=Text())(literal_column("'{}'::text[]")), "C")


def compare_json(value: Json, op: Operator, operand: Any) -> Truth:
    """``core.conditions.compare.compare`` of a JSON expression that may be NULL."""
    if op in NEGATION:
        return not_(compare_json(value, NEGATION[op], operand))
    kind = func.jsonb_typeof(value)
    if op == "exists":
        return func.coalesce(kind != "null", false())
    if op in ("eq", "in"):
        equals = [func.coalesce(value == _jsonb(one), false()) for one in alternatives(op, operand)]
        return or_(false(), *equals)
    if op in ORDER and is_number(operand):
        number = literal(exact(operand), Numeric)
        return case((kind == "number", ORDER[op](cast(value, Numeric), number)), else_=false())
    if op in ORDER and isinstance(operand, str):
        return case((kind == "string", ORDER[op](_text(value), literal(operand, Text))), else_=false())
    if op == "starts_with" and isinstance(operand, str):
        return case(
            (kind == "string", func.starts_with(_text(value), literal(operand, Text), type_=Boolean)), else_=false()
        )
    if op == "contains" and operand is not None and not isinstance(operand, tuple):
        ways: list[tuple[Truth, Truth]] = [(kind == "array", value.bool_op("@>")(_jsonb(operand)))]
        if isinstance(operand, str):
            ways.append((kind == "string", func.strpos(_text(value), literal(operand, Text)) > 0))
        return case(*ways, else_=false())
    return false()


def alternatives(op: Operator, operand: Any) -> list[Any]:
    """The scalars of which one is to be met; only ``in`` takes a list."""
    if isinstance(operand, tuple):
        return [one for one in operand if one is not None] if op == "in" else []
    return [] if operand is None else [operand]


def instant(value: datetime) -> ColumnElement[datetime]:
    return literal(value, DateTime(timezone=True))
