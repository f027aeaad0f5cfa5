"""No statement has to read a whole large table, but for lists and counts that are of all of it.

Asked of the planner, which is told to avoid that wherever it can: what is left has no index to go by. A statement that
is prepared, and so is planned before its values are known, is what the product runs.
"""

from collections.abc import Iterator
from typing import Any

import psycopg

from orchestrator.store.database import plain_dsn
from tests.store.test_statements import constants, numbered

LARGE = {"sends", "events", "transitions", "runs", "customers", "entry_decisions", "outbox", "listening", "identities"}
OF_ALL = {
    "customers.consent_list._COUNTS": "consents of everybody, counted",
    "customers.consent_list._DUE": "consents of everybody whose confirmation is due",
    "customers.customer_list._CUSTOMERS": "one row of it without its condition, which nobody asks for",
    "customers.customer_list.SELECT": "begins other statements",
    "customers.record.ONE": "without its condition, which nobody asks for",
    "customers.record.SELECT": "begins other statements",
    "customers.sample.PERSON": "somebody at random",
    "demo.acts._DONE": "a demo's events only",
    "doctor.books._SENDS_OF_NOBODY": "compares two whole tables, when asked",
    "events.event_list._SELECT": "begins other statements",
    "journeys.vocabulary._CONSENTS": "consents of everybody, a sample of which is read",
    "operations.broadcasts.audience._ZONES": "zones of everybody, once for each broadcast by time of day",
    "sending.send_list._SELECT": "begins other statements",
    "sending.send_list._SENDS": "the list of messages, filtered by status alone",
}
"""What may, and why."""
REPORTS, TAIL = "measures.", "measures.columns.ask._TAIL"
"""Reports and the columns that they are counted from are of all, in bounded time; what came after them is not."""


def read_whole(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from read_whole(part)


def touched(node: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        yield from touched(part)


def found(database_url: str) -> set[str]:
    """Statements that read one of the large tables whole, by name."""
    slow: set[str] = set()
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as connection:
        connection.prepare_threshold = None  # the same text stands under several names
        connection.execute("set enable_seqscan = off")
        for where, statement in constants():
            asked = f"explain (generic_plan, costs off, format json) {numbered(statement)}"
            [[plans]] = connection.execute(asked.encode()).fetchall()
            if LARGE & {table for plan in plans for table in read_whole(plan["Plan"])}:
                slow.add(where.removeprefix("orchestrator.store.").partition("[")[0])
    slow -= {one for one in slow if one.startswith(REPORTS) and one != TAIL}
    return slow


def test_every_statement_finds_an_index_or_is_of_all(database_url: str) -> None:
    assert found(database_url) == {*OF_ALL}


def test_what_each_commit_does_touches_no_ledger(database_url: str) -> None:
    """Messages are not listed by run: a commit that looked for those of its run would read all that are held."""
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as connection:
        [record] = [one for where, one in constants() if where.endswith("runs.commits._RECORD[0]")]
        asked = f"explain (generic_plan, costs off, format json) {numbered(record)}"
        [[[plan]]] = connection.execute(asked.encode()).fetchall()
    assert set(touched(plan["Plan"])) == {"customers", "events", "listening", "runs", "transitions"}


def test_a_lost_index_is_noticed(database_url: str) -> None:
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as connection:
        connection.execute("drop index customers_phone")
    assert found(database_url) - {*OF_ALL} == {"sending.deliveries._BY_PHONE"}
