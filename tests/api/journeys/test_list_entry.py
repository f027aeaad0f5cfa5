"""The customers of a list enter by an operation: refused lines are told, the others have an outcome each."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from temporalio.testing import ActivityEnvironment

from activities.operations.carry_out import OperationActivities
from api.journeys.entering.list_file import read_list
from orchestrator.store.journeys.plans import Plans
from tests.api.conftest import Rows
from tests.api.journeys.routing import router_of
from tests.api.journeys.test_entering import people, publish

LIST = "name;customer;offer\nA;v1;3\nB;nobody;4\nC;v1;5\nD;;6\nE;plain;\n"


class Temporal:
    """Remembers what was begun."""

    def __init__(self) -> None:
        self.begun: list[tuple[Any, float]] = []

    async def __call__(self) -> "Temporal":
        return self

    async def start_operation(self, operation: Any, per_second: float) -> None:
        self.begun.append((operation, per_second))


@pytest.fixture
def temporal(app: FastAPI) -> Temporal:
    app.state.runs_connection = Temporal()
    found: Temporal = app.state.runs_connection
    return found


async def send(admin: AsyncClient, text: str | bytes = LIST, **query: Any) -> Any:
    return await admin.post("/api/journeys/cart/enter-list", content=text, params=query)


async def carry_out(app: FastAPI, operation: Any) -> None:
    """As the workflow does, with a router in between."""
    engine, given = app.state.resources.engine, {"operation": str(operation), "most": 10, "last": False}
    many: Any = OperationActivities(engine, None, Plans(engine))  # type: ignore[arg-type]  # entering asks no Temporal
    for _ in range(2):
        await ActivityEnvironment().run(many.carry_out_items, given)
    router = router_of(engine)
    await router.refresh()
    await router.route_batch()
    await ActivityEnvironment().run(many.settle_items, given)


async def test_a_list_is_an_operation_with_an_outcome_for_each(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin, filter={"kind": "attribute", "name": "vip", "op": "eq", "value": True})
    await people(client, "v1", "plain")
    looked = (await send(admin, dry_run=True)).json()
    assert (looked["operation"], looked["accepted"], looked["refused"]) == (None, 2, 3)
    assert temporal.begun == []
    answer = await send(admin, per_second=50, why="March")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert [(one["line"], one["code"]) for one in told["lines"]] == [(3, "unknown"), (4, "twice"), (5, "no_id")]
    [(operation, pace)] = temporal.begun
    assert (str(operation), pace) == (told["operation"], 50)
    await carry_out(app, operation)
    items = (await admin.get(f"/api/operations/{operation}/items")).json()
    assert [(one["status"], one["outcome"]) for one in items] == [("done", "entered"), ("passed", "filter")]
    assert (await admin.get(f"/api/operations/{operation}")).json()["status"] == "done"
    [event] = await rows("select properties from events e join runs r on r.entry_message_id = e.message_id")
    assert event["properties"] == {"journey": "cart", "name": "A", "offer": 3}
    [entry] = await rows("select why from audit_log where what = 'operation.started'")
    assert entry["why"] == "March"


async def test_an_item_that_is_done_twice_is_one_entry(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "a")
    operation = (await send(admin, "customer\na\n")).json()["operation"]
    await carry_out(app, operation)
    await rows("update operation_items set status = 'waiting'")
    await rows("update operations set status = 'running'")
    await carry_out(app, operation)
    assert len(await rows("select 1 from runs")) == len(await rows("select 1 from entry_decisions")) == 1


async def test_with_a_key_each_of_its_values_is_an_entry(
    client: AsyncClient, admin: AsyncClient, temporal: Temporal
) -> None:
    await publish(admin, key="cart_id")
    await people(client, "a")
    told = (await send(admin, "customer,cart_id\na,c1\na,c2\na,c1\na,\n")).json()
    assert told["accepted"] == 2
    assert [one["code"] for one in told["lines"]] == ["twice", "no_key"]


async def test_what_is_no_list_is_refused(client: AsyncClient, admin: AsyncClient, temporal: Temporal) -> None:
    await publish(admin)

    async def code(text: str | bytes) -> tuple[int, str]:
        answer = await send(admin, text)
        return answer.status_code, answer.json()["code"]

    assert await code("name,mail\nA,b\n") == (400, "list_column")
    assert await code(b"customer\n\xff\xff\xff") == (400, "list_encoding")
    assert await code("customer\n" + "a\n" * 100_001) == (400, "list_too_long")
    assert (await send(admin, "customer\n")).json() == {"operation": None, "accepted": 0, "refused": 0, "lines": []}


def test_a_list_is_read_as_korean_excel_writes_it() -> None:
    found = read_list("고객,customer_id\r\n가나,u1\r\n".encode("cp949"))
    assert [(line.customer, line.properties) for line in found.lines] == [("u1", {"고객": "가나"})]
    assert read_list("\ufeffcustomer\tn\nu1\t007\n".encode()).lines[0].properties == {"n": "007"}
