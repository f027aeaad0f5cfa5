"""consent_age in SQL."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, Text, and_, case, cast, func, literal, not_, true

from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.customers.consents import CONSENT_DATE
from orchestrator.store.conditions.json_sql import Truth, compare_json, constant, customers, instant, member
from orchestrator.store.conditions.tree_sql import of_customers


@of_customers(ConsentAge)
def consent_age(leaf: ConsentAge, now: datetime) -> Truth:
    """The date of a consent that stands, held against the instant that lies so long ago."""
    key = leaf.consent().key()
    stands = compare_json(member(customers.c.consents, key, dotted=False), "eq", True)
    if leaf.op == "missing":
        return not_(stands)
    return and_(stands, _old_enough(leaf, now, _given(key)))


def _old_enough(leaf: ConsentAge, now: datetime, given: ColumnElement[datetime]) -> Truth:
    try:
        then = instant(now - leaf.age)
    except OverflowError:  # before all dates
        return constant(leaf.op == "lte")
    if leaf.op == "lte":
        return given >= then
    return true() if leaf.age == timedelta(0) else given <= then


def _given(key: str) -> ColumnElement[datetime]:
    """``core.customers.consents.consent_dates`` of one name, for a consent that stands."""
    written = customers.c.consented_at.op("->>", return_type=Text())(literal(key, Text))
    readable = and_(
        written.regexp_match(CONSENT_DATE.pattern),
        func.pg_input_is_valid(written, "timestamp with time zone"),
    )
    return case((readable, cast(written, DateTime(timezone=True))), else_=customers.c.created_at)
