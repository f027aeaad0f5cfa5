"""A segment in SQL finds exactly the customers for whom the condition holds in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select, update

from orchestrator.core.conditions.contract import Leaf
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.leaves import LEAVES
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.measures import OF_A_PROPERTY, Measure
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.conditions.tree import AllOf, Not
from orchestrator.core.customers.consents import consent_dates
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.conditions.condition_sql import customers as customer_table
from orchestrator.store.conditions.condition_sql import events as event_table
from orchestrator.store.conditions.condition_sql import to_sql
from orchestrator.store.conditions.leaves.reachable import devices as device_table
from orchestrator.store.conditions.leaves.segment import members as member_table
from orchestrator.store.conditions.leaves.segment import segments as segment_table
from orchestrator.store.conditions.tree_sql import has_sql
from tests.examples import examples
from tests.strategies.conditions import (
    EVENTS,
    MEASURES,
    NOW,
    OPERATORS,
    SEGMENTS,
    conditions,
    customer_events,
    customers,
    filters,
    histories,
)

ORDER = "Order Completed"

# One round trip answers many conditions about many customers; the database stays empty between them. Shrinking would
# take thousands of rounds: a failure names the one customer and condition instead.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
in_rounds = settings(max_examples=examples(60), phases=QUICK, deadline=None, suppress_health_check=list(HealthCheck))


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
            "consented_at": {name: at.isoformat() for name, at in person.consented_at.items()},
            "stage": person.stage,
            "created_at": person.known_since or NOW,
            "updated_at": NOW,
            "tags": list(person.tags),
            **person.contact,
        }
        for number, person in enumerate(people)
    ]
    connection.execute(insert(customer_table), rows)
    store_segments(connection, people)
    store_devices(connection, people)
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
        for event in reversed(list(person.history))  # so that the order of arrival cannot pass for the right one
    ]
    if events:
        connection.execute(insert(event_table), events)


def store_devices(connection: Connection, people: Sequence[Customer]) -> None:
    """Those that they have; and one of each kind that was dropped."""
    rows = [
        {"id": uuid5(id_of(number), f"{kind} {gone}"), "customer_id": id_of(number), "kind": kind, "dropped_at": gone}
        for number, person in enumerate(people)
        for kind, gone in (*((one, None) for one in person.devices), ("push_token", NOW), ("web_push", NOW))
    ]
    given = {"address": "x", "created_at": NOW, "seen_at": NOW}
    connection.execute(insert(device_table), [{**row, **given} for row in rows])


def store_segments(connection: Connection, people: Sequence[Customer]) -> None:
    """Those that can be told, one that is archived, and one that has never been built; each customer in the last two as
    far as rows go, and in builds that are not in use."""
    rows = [{"key": key, "live_build": 2, "created_at": NOW, "updated_at": NOW} for key in SEGMENTS]
    rows.append({**rows[0], "key": "archived", "archived_at": NOW})
    rows.append({**rows[0], "key": "never-built", "live_build": None})
    for row in rows:
        connection.execute(insert(segment_table), row)
    members = [
        {"customer_id": id_of(number), "segment_key": key, "build": build, "member": member, "since": NOW}
        for number, person in enumerate(people)
        for key in (*SEGMENTS, "archived", "never-built")
        for build, member in ((1, True), (2, person.segments.get(key, key not in SEGMENTS)), (3, True))
    ]
    connection.execute(insert(member_table), members)


def by_sql(
    connection: Connection,
    people: Sequence[Customer],
    asked: Sequence[Condition],
    now: datetime = NOW,
    event: CustomerEvent | None = None,
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
    event: CustomerEvent | None = None,
) -> None:
    for person, truths in zip(people, by_sql(connection, people, asked, now, event), strict=True):
        for condition, truth in zip(asked, truths, strict=True):
            assert truth is evaluate(condition, person, now, event).truth, (condition, person, list(person.history))


EDGES = [timedelta(0), timedelta(microseconds=1), timedelta(days=3), timedelta(days=3, microseconds=1), timedelta.max]
DATES: list[Any] = [NOW + ahead for ahead in (timedelta(days=1), *(-edge for edge in EDGES[:4]))]
UNREADABLE = ["long ago", "2026-02-30T00:00:00+00:00", "2026-03-05T06:30:00", "2026-03-05T24:00:00Z", "", 7, None]


def test_ages_of_consents_agree_at_every_edge_and_of_every_date(connection: Connection) -> None:
    given: dict[str, Any] = {"consents": {"sms": True, "sms:night": True}}
    people = [Customer(**given, consented_at={"sms": at}, known_since=NOW - EDGES[2]) for at in DATES]
    people += [Customer(consents={"sms": value}, known_since=NOW) for value in (False, None, "true")]
    ages: Any = product(("gte", "lte", "missing"), EDGES, ("advertising", "night"))
    asked = [ConsentAge(channel="sms", op=op, age=age, purpose=purpose) for op, age, purpose in ages]
    check_agreement(connection, people, asked)
    by_op = by_sql(connection, people[1:2], [ConsentAge(channel="sms", op=op, age=EDGES[1]) for op in ("gte", "lte")])
    assert by_op == [[False, True]], "given just now: no microsecond ago"


@pytest.mark.parametrize("written", UNREADABLE)
def test_a_date_that_cannot_be_read_counts_from_when_the_customer_became_known(
    connection: Connection, written: Any
) -> None:
    known_since = NOW - timedelta(days=9)
    dates = consent_dates({"sms": True, "email": False}, {"sms": written}, known_since)
    assert dates == {"sms": known_since}
    with connection.begin() as transaction:
        store(connection, [Customer(consents={"sms": True}, known_since=known_since)])
        connection.execute(update(customer_table).values(consented_at={"sms": written}))
        truths = [to_sql(ConsentAge(channel="sms", age=timedelta(days=n)), NOW).label(f"d{n}") for n in (9, 10)]
        assert list(connection.execute(select(*truths)).one()) == [True, False]
        transaction.rollback()


def batches(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, min_size=1, max_size=8)


@in_rounds
@given(people=batches(customers()), asked=batches(conditions()), event=st.none() | customer_events())
def test_sql_and_memory_agree(
    connection: Connection, people: list[Customer], asked: list[Condition], event: CustomerEvent | None
) -> None:
    check_agreement(connection, people, asked, event=event)


@in_rounds
@given(people=batches(customers()), asked=batches(histories()))
def test_sql_and_memory_agree_on_histories(
    connection: Connection, people: list[Customer], asked: list[History]
) -> None:
    check_agreement(connection, people, asked)


@in_rounds
@given(events=st.lists(customer_events(), min_size=1, max_size=20), asked=batches(filters()))
def test_sql_and_memory_agree_on_filters_of_events(
    connection: Connection, events: list[CustomerEvent], asked: list[Condition]
) -> None:
    people = [Customer(history=Log([event])) for event in events]
    counts: list[Condition] = [History(event=name, where=where) for where in asked for name in set(EVENTS)]
    check_agreement(connection, people, counts)


VALUES: list[Any] = [
    *(None, True, False, 0, -0.0, 1, 1.0, 0.1, 10**23, 1e23, 2**53, 2**53 + 1, 9007199254740992.0, 5e-324, 1.7e308),
    *("", "1", "a", "ab", "b", "B", "é", "e\u0301", "\uffff", "😀", "한국", "%", "_", "'", '"', "\\", "null", "true"),
    *([], [1, "a"], [True], [None], [["a"]], [1e23], ["ab", 0.1], {}, {"a": 1}, {"1": "a"}),
]
OPERANDS: list[Any] = [one for one in VALUES if not isinstance(one, list | dict)]
LISTS: list[Any] = [(), (1, "a"), (True,), (None,), (1e23, 5), ("", 0)]


@pytest.mark.parametrize("op", OPERATORS)
def test_every_kind_of_value_agrees_on_every_operand(connection: Connection, op: Operator) -> None:
    people = [Customer(attributes={"n": value, "o": {"n": value}}) for value in VALUES] + [Customer()]
    asked = [Attribute.model_construct(name="n", op=op, value=one) for one in (*OPERANDS, *LISTS)]
    check_agreement(connection, people, [*asked, Attribute(name="o.n", op=op, value=1)])


def log(*events: tuple[timedelta, str, dict[str, Any]]) -> Customer:
    return Customer(history=Log(CustomerEvent(id_, ORDER, NOW - ago, properties) for ago, id_, properties in events))


DAY, TICK, NOTHING = timedelta(days=1), timedelta(microseconds=1), timedelta(0)
LOGS = [
    log(),
    *(log((ago, "m", {"n": 1})) for ago in (NOTHING, -TICK, DAY, DAY - TICK, DAY + TICK, 3 * DAY)),
    log((DAY, "b", {"n": 1}), (DAY, "a", {"n": 2}), (DAY, "B", {"n": 3})),
    log((3 * DAY, "a", {"n": 0.1}), (2 * DAY, "b", {"n": 0.1}), (DAY, "c", {"n": 0.1})),
    log((3 * DAY, "a", {"n": 1}), (2 * DAY, "b", {"n": "1"}), (DAY, "c", {"n": None}), (NOTHING, "d", {"n": True})),
    log((3 * DAY, "a", {}), (2 * DAY, "b", {"n": 3}), (DAY / 2, "c", {"n": 1}), (DAY / 2 - TICK, "d", {"n": 2})),
    log((3 * DAY - TICK, "a", {"n": 1e23}), (DAY + TICK, "b", {"n": 2**53 + 1}), (-DAY, "c", {"n": -5})),
]
LIMITS: list[Any] = [0, 1, 3, 0.1, 0.3, 1.5, 10**23, (1, 3)]
ODD_LIMITS: list[Any] = [None, "1", True, ("1", 0.1)]
WINDOWS: list[dict[str, Any]] = [
    *({}, {"within": DAY}, {"within": timedelta.max}, {"within": 3 * DAY, "after": NOW - 2 * DAY}),
    {"after": NOW - DAY, "where": Property(name="n", op="gte", value=1)},
]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_agrees_at_every_edge(connection: Connection, measure: Measure) -> None:
    name = "n" if measure in OF_A_PROPERTY else None
    numeric = product(OPERATORS[:8], LIMITS, WINDOWS)
    others = product(OPERATORS, ODD_LIMITS, WINDOWS[:1])
    asked = [
        History(event=ORDER, measure=measure, property=name, op=op, value=limit, **window)
        for op, limit, window in (*numeric, *others)
    ]
    for batch in range(0, len(asked), 200):
        check_agreement(connection, LOGS, asked[batch : batch + 200])


def test_equal_is_by_stated_value(connection: Connection) -> None:
    """Where binary fractions and integers beyond 2**53 would go wrong."""
    people = [Customer(attributes={"n": value}) for value in VALUES]
    truths = by_sql(connection, people, [Attribute(name="n", value=one) for one in (10**23, 0, 2**53)])
    found = [[repr(value) for value, row in zip(VALUES, truths, strict=True) if row[n]] for n in range(3)]
    exact = [[10**23, 1e23], [0, -0.0], [2**53, 9007199254740992.0]]
    assert found == [[repr(value) for value in values] for values in exact]


def test_sums_of_binary_fractions_agree(connection: Connection) -> None:
    orders = Log(CustomerEvent(str(n), ORDER, NOW, {"total": 0.1}) for n in range(3))
    limits: tuple[tuple[Measure, float], ...] = (("sum", 0.3), ("average", 0.1), ("sum", 0.30000000000000004))
    asked = [History(event=ORDER, measure=measure, property="total", op="eq", value=value) for measure, value in limits]
    assert by_sql(connection, [Customer(history=orders)], asked) == [[True, True, False]]
    check_agreement(connection, [Customer(history=orders)], asked)


def test_names_and_values_are_never_part_of_the_statement() -> None:
    hostile = "x' OR 1=1 --"
    condition = History(
        event=hostile, where=Property(name=hostile, value=hostile), measure="last", property=hostile, value=hostile
    )
    statement = str(to_sql(AllOf(of=(condition, Attribute(name=hostile, value=hostile))), NOW).compile())
    assert "OR 1=1" not in statement


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_kind_of_leaf_has_its_sql(leaf: type[Leaf]) -> None:
    assert has_sql(leaf), f"orchestrator/store/conditions/leaves says nothing of {leaf.__name__}"


def test_a_leaf_without_sql_is_neither_true_nor_false() -> None:
    class Unsaid(Attribute):
        """A kind that the store does not know."""

    for condition in (Unsaid(name="a"), Not.model_construct(of=Unsaid(name="a"))):
        with pytest.raises(LookupError, match="no SQL"):
            to_sql(condition, NOW)


def test_a_filter_on_events_that_asks_about_the_customer_is_refused() -> None:
    wrong = History.model_construct(event="e", where=Attribute(name="a"), op="gte", value=1, measure="count")
    with pytest.raises(TypeError, match="attribute"):
        to_sql(wrong, NOW)
