"""A segment in SQL finds exactly the customers for whom the condition holds in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select

from orchestrator.core.conditions import All, Attribute, Condition, History, Measure, Property
from orchestrator.core.evaluation import Customer, Log, evaluate
from orchestrator.core.events import Happening
from orchestrator.store.condition_sql import customers as customer_table
from orchestrator.store.condition_sql import events as event_table
from orchestrator.store.condition_sql import to_sql
from tests.strategies.conditions import EVENTS, NOW, conditions, customers, filters, happenings, histories

# One round trip answers many conditions about many customers; the database stays empty between them. Shrinking would
# take thousands of rounds: a failure names the one customer and condition instead.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
in_rounds = settings(phases=QUICK, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def id_of(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def store(connection: Connection, people: Sequence[Customer]) -> None:
    rows = [
        {
            "id": id_of(number),
            "attributes": person.attributes,
            "consents": person.consents,
            "stage": person.stage,
            "created_at": NOW,
            "updated_at": NOW,
        }
        for number, person in enumerate(people)
    ]
    connection.execute(insert(customer_table), rows)
    events = [
        {
            # The number behind keeps ids apart between customers and leaves their order alone.
            "message_id": f"{event.message_id} {number}",
            "customer_id": id_of(number),
            "name": event.name,
            "properties": event.properties,
            "occurred_at": event.occurred_at,
            "received_at": NOW,
        }
        for number, person in enumerate(people)
        for event in person.history
    ]
    if events:
        connection.execute(insert(event_table), events)


def by_sql(
    connection: Connection,
    people: Sequence[Customer],
    asked: Sequence[Condition],
    now: datetime = NOW,
    event: Happening | None = None,
) -> list[list[Any]]:
    """Truths by customer and condition."""
    transaction = connection.begin()
    try:
        store(connection, people)
        truths = [to_sql(condition, now, event).label(f"c{n}") for n, condition in enumerate(asked)]
        rows = {row.id: list(row)[1:] for row in connection.execute(select(customer_table.c.id, *truths))}
        return [rows[id_of(number)] for number in range(len(people))]
    finally:
        transaction.rollback()


def check_agreement(
    connection: Connection,
    people: Sequence[Customer],
    asked: Sequence[Condition],
    now: datetime = NOW,
    event: Happening | None = None,
) -> None:
    for person, truths in zip(people, by_sql(connection, people, asked, now, event), strict=True):
        for condition, truth in zip(asked, truths, strict=True):
            assert truth is evaluate(condition, person, now, event).truth, (condition, person, list(person.history))


def batches(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, min_size=1, max_size=8)


@in_rounds
@given(people=batches(customers()), asked=batches(conditions()), event=st.none() | happenings())
def test_sql_and_memory_agree(
    connection: Connection, people: list[Customer], asked: list[Condition], event: Happening | None
) -> None:
    check_agreement(connection, people, asked, event=event)


@in_rounds
@given(people=batches(customers()), asked=batches(histories()))
def test_sql_and_memory_agree_on_histories(
    connection: Connection, people: list[Customer], asked: list[History]
) -> None:
    check_agreement(connection, people, asked)


@in_rounds
@given(log=st.lists(happenings(), min_size=1, max_size=20), asked=batches(filters()))
def test_sql_and_memory_agree_on_filters_of_events(
    connection: Connection, log: list[Happening], asked: list[Condition]
) -> None:
    people = [Customer(history=Log([event])) for event in log]
    counts: list[Condition] = [History(event=name, where=where) for where in asked for name in EVENTS]
    check_agreement(connection, people, counts)


def test_exact_numbers_agree(connection: Connection) -> None:
    """Where binary fractions and integers beyond 2**53 would go wrong."""
    values: list[Any] = [
        0.1,
        1e23,
        10**23,
        2**53,
        2**53 + 1,
        9007199254740992.0,
        5e-324,
        1.7e308,
        -0.0,
        True,
        "1",
        None,
    ]
    people = [Customer(attributes={"n": one}) for one in values]
    asked = [Attribute(name="n", op=op, value=one) for op in ("eq", "lt", "gte") for one in values]
    check_agreement(connection, people, asked)
    truths = by_sql(connection, people, [Attribute(name="n", value=10**23), Attribute(name="n", value=0)])
    assert [values[i] for i, (same, _) in enumerate(truths) if same] == [1e23, 10**23]
    assert [values[i] for i, (_, zero) in enumerate(truths) if zero] == [-0.0]


def test_sums_of_binary_fractions_agree(connection: Connection) -> None:
    log = Log(Happening(str(n), "Order Completed", NOW, {"total": 0.1}) for n in range(3))
    limits: tuple[tuple[Measure, float], ...] = (("sum", 0.3), ("average", 0.1), ("sum", 0.30000000000000004))
    asked = [
        History(event="Order Completed", measure=measure, property="total", op="eq", value=value)
        for measure, value in limits
    ]
    assert by_sql(connection, [Customer(history=log)], asked) == [[True, True, False]]
    check_agreement(connection, [Customer(history=log)], asked)


def test_names_and_values_are_never_part_of_the_statement() -> None:
    hostile = "x' OR 1=1 --"
    condition = History(
        event=hostile, where=Property(name=hostile, value=hostile), measure="last", property=hostile, value=hostile
    )
    statement = str(to_sql(All(of=(condition, Attribute(name=hostile, value=hostile))), NOW).compile())
    assert "OR 1=1" not in statement


def test_a_filter_on_events_that_asks_about_the_customer_is_refused() -> None:
    wrong = History.model_construct(event="e", where=Attribute(name="a"), op="gte", value=1, measure="count")
    with pytest.raises(TypeError, match="attribute"):
        to_sql(wrong, NOW)
