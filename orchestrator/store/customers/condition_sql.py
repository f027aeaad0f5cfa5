"""Conditions as SQL over ``customers`` and ``events``: what a segment asks of everybody at once.

Says the same as ``core.conditions.evaluate`` of every customer; ``tests/store/customers/test_condition_sql.py`` holds
the two equal. Every
value is a bound parameter. No expression is ever NULL, and no cast can fail: each is guarded by ``jsonb_typeof`` in a
``CASE``, whose order of evaluation PostgreSQL keeps.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Numeric,
    Text,
    and_,
    asc,
    case,
    cast,
    collate,
    desc,
    exists,
    extract,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.core.conditions.compare import compare, exact, is_number
from orchestrator.core.conditions.evaluate import consent_key, matches, window_start
from orchestrator.core.conditions.model import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Consent,
    History,
    InStage,
    Not,
    Operator,
    Property,
)
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.values import Ref
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.events import StoredEvent

Truth = ColumnElement[bool]
Json = ColumnElement[Any]

customers = Customer.metadata.tables[str(Customer.__tablename__)]
events = StoredEvent.metadata.tables[str(StoredEvent.__tablename__)]

_ORDER: Mapping[Operator, Callable[[Any, Any], Any]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_NEGATION: Mapping[Operator, Operator] = {"ne": "eq", "not_in": "in", "missing": "exists"}


def to_sql(condition: Condition, now: datetime, event: CustomerEvent | None = None) -> Truth:
    """A bound condition as an expression over a row of ``customers``, as of ``now`` (aware).

    ``event`` is the event in scope of ``Property`` leaves, as in ``core.conditions.evaluate.evaluate``. Use it in a
    statement
    that selects from the ``customers`` table under its own name: each ``History`` leaf is a correlated subquery.
    """
    match condition:
        case All(of=parts):
            return and_(true(), *(to_sql(part, now, event) for part in parts))
        case AnyOf(of=parts):
            return or_(false(), *(to_sql(part, now, event) for part in parts))
        case Not(of=part):
            return not_(to_sql(part, now, event))
        case Attribute():
            return _compare_json(_member(customers.c.attributes, condition.name), condition.op, _operand(condition))
        case Property():
            return _constant(matches(condition, event or CustomerEvent("", "", now)))
        case Consent():
            given = _member(customers.c.consents, consent_key(condition), dotted=False)
            return _compare_json(given, "eq" if condition.granted else "ne", True)
        case InStage(of=stages):
            return func.coalesce(customers.c.stage.in_(stages), false())
        case History():
            return _history(condition, now)


def _constant(truth: bool) -> Truth:
    return true() if truth else false()


def _operand(leaf: Attribute | Property | History) -> Any:
    return None if isinstance(leaf.value, Ref) else leaf.value


# --- one JSON value --------------------------------------------------------------------------------------------------


def _member(document: Json, path: str, *, dotted: bool = True) -> Json:
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


def _compare_json(value: Json, op: Operator, operand: Any) -> Truth:
    """``core.conditions.compare.compare`` of a JSON expression that may be NULL."""
    if op in _NEGATION:
        return not_(_compare_json(value, _NEGATION[op], operand))
    kind = func.jsonb_typeof(value)
    if op == "exists":
        return func.coalesce(kind != "null", false())
    if op in ("eq", "in"):
        equals = [func.coalesce(value == _jsonb(one), false()) for one in _alternatives(op, operand)]
        return or_(false(), *equals)
    if op in _ORDER and is_number(operand):
        number = literal(exact(operand), Numeric)
        return case((kind == "number", _ORDER[op](cast(value, Numeric), number)), else_=false())
    if op in _ORDER and isinstance(operand, str):
        return case((kind == "string", _ORDER[op](_text(value), literal(operand, Text))), else_=false())
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


def _alternatives(op: Operator, operand: Any) -> list[Any]:
    """The scalars of which one is to be met; only ``in`` takes a list."""
    if isinstance(operand, tuple):
        return [one for one in operand if one is not None] if op == "in" else []
    return [] if operand is None else [operand]


# --- history ---------------------------------------------------------------------------------------------------------


def _history(leaf: History, now: datetime) -> Truth:
    seen = _seen(leaf, now)
    if leaf.measure in ("first", "last"):
        return _first_or_last(leaf, seen)
    if leaf.op not in ("exists", "missing") and not _limits(leaf.op, _operand(leaf)):
        return _constant(leaf.op in _NEGATION)  # no number stands in this relation to the operand
    if leaf.measure == "count" and (leaf.op, _operand(leaf)) in _AT_LEAST_ONE | _NONE:
        return _any_at_all(leaf, seen)
    measured, per = _measured(leaf, now)
    truth = _compare_number(measured, per, leaf.op, _operand(leaf))
    return select(truth).select_from(events).where(seen).correlate(customers).scalar_subquery()


def _seen(leaf: History, now: datetime) -> Truth:
    """Which rows of ``events`` the leaf measures, of the customer of the outer row."""
    at = events.c.occurred_at
    clauses = [events.c.customer_id == customers.c.id, events.c.name == literal(leaf.event, Text), at <= _instant(now)]
    low = window_start(leaf.within, now)
    if low is not None:
        clauses.append(at > _instant(low))
    if leaf.after is not None:
        clauses.append(at >= _instant(leaf.after))
    if leaf.where is not None:
        clauses.append(_filter(leaf.where))
    return and_(*clauses)


def _instant(value: datetime) -> ColumnElement[datetime]:
    return literal(value, DateTime(timezone=True))


def _filter(condition: Condition) -> Truth:
    """``core.conditions.evaluate.matches`` of a row of ``events``."""
    match condition:
        case Property():
            return _compare_json(_member(events.c.properties, condition.name), condition.op, _operand(condition))
        case All(of=parts):
            return and_(true(), *map(_filter, parts))
        case AnyOf(of=parts):
            return or_(false(), *map(_filter, parts))
        case Not(of=part):
            return not_(_filter(part))
    raise TypeError(f"a filter on an event cannot ask about the customer: {condition.kind}")


def _any_at_all(leaf: History, seen: Truth) -> Truth:
    """``EXISTS`` in place of a count: the first event settles it."""
    one = exists(select(literal_column("1")).select_from(events).where(seen).correlate(customers))
    return one if (leaf.op, _operand(leaf)) in _AT_LEAST_ONE else not_(one)


_AT_LEAST_ONE: frozenset[tuple[Operator, int]] = frozenset({("gte", 1), ("gt", 0), ("ne", 0)})
_NONE: frozenset[tuple[Operator, int]] = frozenset({("lt", 1), ("lte", 0), ("eq", 0)})


def _first_or_last(leaf: History, seen: Truth) -> Truth:
    """The comparison made on the one row; without any row, on a missing value."""
    truth = _compare_json(_member(events.c.properties, leaf.property or ""), leaf.op, _operand(leaf))
    order = desc if leaf.measure == "last" else asc
    by = order(events.c.occurred_at), order(collate(events.c.message_id, "C"))
    row = select(truth).select_from(events).where(seen).order_by(*by).limit(1).correlate(customers)
    return func.coalesce(row.scalar_subquery(), _constant(compare(None, leaf.op, _operand(leaf))))


def _measured(leaf: History, now: datetime) -> tuple[Json, Json]:
    """The measure as numerator (NULL: undefined) and denominator, so that nothing is divided. Durations in seconds."""
    at, count, one, day = events.c.occurred_at, func.count(), literal(1, Numeric), literal(86_400, Numeric)
    if leaf.measure == "count":
        return count, one
    if leaf.property is not None:
        value = _member(events.c.properties, leaf.property)
        number = case((func.jsonb_typeof(value) == "number", cast(value, Numeric)), else_=None)
        of_numbers: dict[str, tuple[Json, Json]] = {
            "sum": (func.coalesce(func.sum(number), 0), one),
            "average": (func.sum(number), cast(func.count(number), Numeric)),
            "minimum": (func.min(number), one),
            "maximum": (func.max(number), one),
        }
        return of_numbers[leaf.measure]
    span, since = _seconds(func.max(at) - func.min(at)), _seconds(_instant(now) - func.max(at))
    times: dict[str, tuple[Json, Json]] = {
        "days_since_first": (_seconds(_instant(now) - func.min(at)), day),
        "days_since_last": (since, day),
        "average_interval": (case((count > 1, span), else_=None), day * (count - 1)),
        "overdue": (case((func.max(at) > func.min(at), since * (count - 1)), else_=None), span),
    }
    return times[leaf.measure]


def _seconds(interval: ColumnElement[Any]) -> Json:
    """Exact to the microsecond: ``extract`` from an interval is ``numeric`` since PostgreSQL 14."""
    return extract("epoch", interval)


def _compare_number(measured: Json, per: Json, op: Operator, operand: Any) -> Truth:
    """``core.conditions.compare.compare(measured / per, op, operand)``, multiplied out."""
    if op in _NEGATION:
        return not_(_compare_number(measured, per, _NEGATION[op], operand))
    if op == "exists":
        return measured.is_not(None)
    relation: Callable[[Any, Any], Any] = _ORDER.get(op, eq)
    compared = (relation(measured, literal(exact(one), Numeric) * per) for one in _limits(op, operand))
    return or_(false(), *(func.coalesce(truth, false()) for truth in compared))


def _limits(op: Operator, operand: Any) -> list[Any]:
    """The numbers that a number is compared with."""
    if op in ("contains", "starts_with"):
        return []
    return [one for one in _alternatives(_NEGATION.get(op, op), operand) if is_number(one)]
