"""history in SQL: a subquery over the events of the customer of the outer row."""

from collections.abc import Callable
from datetime import datetime
from operator import eq
from typing import Any

from sqlalchemy import (
    ColumnElement,
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
)

from orchestrator.core.conditions.compare import compare, exact, is_number
from orchestrator.core.conditions.leaves.history import History, window_start
from orchestrator.core.conditions.operators import Operator, bound_operand
from orchestrator.store.conditions.json_sql import (
    NEGATION,
    ORDER,
    Json,
    Truth,
    alternatives,
    compare_json,
    constant,
    customers,
    events,
    instant,
    member,
)
from orchestrator.store.conditions.tree_sql import events_sql, of_customers


@of_customers(History)
def history(leaf: History, now: datetime) -> Truth:
    """A correlated subquery over the customer's events."""
    seen = _seen(leaf, now)
    if leaf.measure in ("first", "last"):
        return _first_or_last(leaf, seen)
    if leaf.op not in ("exists", "missing") and not _limits(leaf.op, bound_operand(leaf.value)):
        return constant(leaf.op in NEGATION)  # no number stands in this relation to the operand
    if leaf.measure == "count" and (leaf.op, bound_operand(leaf.value)) in _AT_LEAST_ONE | _NONE:
        return _any_at_all(leaf, seen)
    measured, per = _measured(leaf, now)
    truth = _compare_number(measured, per, leaf.op, bound_operand(leaf.value))
    return select(truth).select_from(events).where(seen).correlate(customers).scalar_subquery()


def _seen(leaf: History, now: datetime) -> Truth:
    """Which rows of ``events`` the leaf measures, of the customer of the outer row."""
    at = events.c.occurred_at
    clauses = [events.c.customer_id == customers.c.id, events.c.name == literal(leaf.event, Text), at <= instant(now)]
    low = window_start(leaf.within, now)
    if low is not None:
        clauses.append(at > instant(low))
    if leaf.after is not None:
        clauses.append(at >= instant(leaf.after))
    if leaf.where is not None:
        clauses.append(events_sql(leaf.where))
    return and_(*clauses)


def _any_at_all(leaf: History, seen: Truth) -> Truth:
    """``EXISTS`` in place of a count: the first event settles it."""
    one = exists(select(literal_column("1")).select_from(events).where(seen).correlate(customers))
    return one if (leaf.op, bound_operand(leaf.value)) in _AT_LEAST_ONE else not_(one)


_AT_LEAST_ONE: frozenset[tuple[Operator, int]] = frozenset({("gte", 1), ("gt", 0), ("ne", 0)})
_NONE: frozenset[tuple[Operator, int]] = frozenset({("lt", 1), ("lte", 0), ("eq", 0)})


def _first_or_last(leaf: History, seen: Truth) -> Truth:
    """The comparison made on the one row; without any row, on a missing value."""
    truth = compare_json(member(events.c.properties, leaf.property or ""), leaf.op, bound_operand(leaf.value))
    order = desc if leaf.measure == "last" else asc
    by = order(events.c.occurred_at), order(collate(events.c.message_id, "C"))
    row = select(truth).select_from(events).where(seen).order_by(*by).limit(1).correlate(customers)
    return func.coalesce(row.scalar_subquery(), constant(compare(None, leaf.op, bound_operand(leaf.value))))


def _measured(leaf: History, now: datetime) -> tuple[Json, Json]:
    """The measure as numerator (NULL: undefined) and denominator, so that nothing is divided. Durations in seconds."""
    at, count, one, day = events.c.occurred_at, func.count(), literal(1, Numeric), literal(86_400, Numeric)
    if leaf.measure == "count":
        return count, one
    if leaf.property is not None:
        value = member(events.c.properties, leaf.property)
        number = case((func.jsonb_typeof(value) == "number", cast(value, Numeric)), else_=None)
        of_numbers: dict[str, tuple[Json, Json]] = {
            "sum": (func.coalesce(func.sum(number), 0), one),
            "average": (func.sum(number), cast(func.count(number), Numeric)),
            "minimum": (func.min(number), one),
            "maximum": (func.max(number), one),
        }
        return of_numbers[leaf.measure]
    span, since = _seconds(func.max(at) - func.min(at)), _seconds(instant(now) - func.max(at))
    times: dict[str, tuple[Json, Json]] = {
        "days_since_first": (_seconds(instant(now) - func.min(at)), day),
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
    if op in NEGATION:
        return not_(_compare_number(measured, per, NEGATION[op], operand))
    if op == "exists":
        return measured.is_not(None)
    relation: Callable[[Any, Any], Any] = ORDER.get(op, eq)
    compared = (relation(measured, literal(exact(one), Numeric) * per) for one in _limits(op, operand))
    return or_(false(), *(func.coalesce(truth, false()) for truth in compared))


def _limits(op: Operator, operand: Any) -> list[Any]:
    """The numbers that a number is compared with."""
    if op in ("contains", "starts_with"):
        return []
    return [one for one in alternatives(NEGATION.get(op, op), operand) if is_number(one)]
