"""What is told before a draft is published: problems, what changes, whom it would have concerned."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.api.journeys.test_drawing import CART
from tests.api.journeys.test_versions import publish
from tests.waiting import until

REMINDER: dict[str, Any] = {
    **CART,
    "entry": {
        "triggers": [{"kind": "event", "event": "Cart Updated"}],
        "filter": {"kind": "attribute", "name": "plan", "op": "ne", "value": "staff"},
    },
    "reentry": {"mode": "after_end"},
    "exits": [{"id": "bought", "event": "Order Completed"}],
    "steps": [
        {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1h"}},
        {
            "id": "mail",
            "kind": "message",
            "stage": "intake",
            "settings": {"channel": "email", "class": "informational", "content": {"ko": {"body": "안녕하세요"}}},
        },
        {"id": "done", "kind": "exit", "stage": "intake", "settings": {"reason": "told"}},
    ],
    "edges": [{"from": "entry", "to": "wait"}, {"from": "wait", "to": "mail"}, {"from": "mail", "to": "done"}],
}


@pytest.fixture
async def shop(client: AsyncClient, rows: Any) -> None:
    """Twenty customers: all filled a cart 10 days ago, every second again 2 days ago; every fourth bought at once."""
    batch: list[dict[str, Any]] = []
    for n in range(20):
        traits = {"email": f"c{n}@example.com", "plan": "staff" if n == 19 else "free"}
        batch.append({"type": "identify", "userId": f"c{n}", "traits": traits})
        names = ("Cart Updated", "Cart Again", "Order Completed", "Long ago")
        batch += [{"type": "track", "userId": f"c{n}", "event": name} for name in names]
    (await client.post("/v1/batch", json={"batch": batch})).raise_for_status()
    move = (
        "update events set name = %s, occurred_at = now() - cast(%s as interval) where name = %s"
        " and customer_id in (select id from customers where cast(substr(external_id, 2) as int) %% %s = 0)"
    )
    await rows("update events set occurred_at = now() - interval '10 days' where name = 'Cart Updated'")
    await rows(move, "Cart Updated", "2 days", "Cart Again", 2)
    await rows(move, "Order Completed", "9 days 23 hours 30 minutes", "Order Completed", 4)
    await rows("delete from events where name = 'Order Completed' and occurred_at > now() - interval '1 day'")
    await rows(move, "Cart Updated", "50 days", "Long ago", 1)


async def review(admin: AsyncClient, document: dict[str, Any]) -> dict[str, Any]:
    await admin.put("/api/journeys/cart", json=document)
    answer = await admin.get("/api/journeys/cart/review")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_whom_a_draft_concerns_is_found_by_walking_real_customers(admin: AsyncClient, shop: None) -> None:
    await admin.put("/api/journeys/cart", json=REMINDER)
    begun = (await admin.post("/api/journeys/cart/backtest", json={})).json()

    async def done() -> dict[str, Any] | None:
        found = (await admin.get(f"/api/journeys/cart/backtest/{begun['id']}")).json()
        return found if found["state"] == "done" else None

    figures = (await until(done, "the back-test is done", seconds=90))["figures"]
    totals = {one["code"]: one["draft"] for one in figures["totals"]}
    # 19 ten days ago but for the 5 who bought, and 10 two days ago.
    expected = {"triggered": 20, "customers": 19, "entries": 29, "sent": 24, "running": 0}
    assert totals == {name: {"value": n, "low": n, "high": n} for name, n in expected.items()}


async def test_what_changes_against_the_live_version_is_told(admin: AsyncClient, shop: None, rows: Any) -> None:
    await publish(admin, REMINDER)
    await rows(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        " values (gen_random_uuid(), 'w', 'cart', 1, 'h', gen_random_uuid(), 'running', now())"
    )
    slower = {**REMINDER["steps"][0], "settings": {"mode": "duration", "duration": "2h"}}
    told = await review(admin, {**REMINDER, "steps": [slower, *REMINDER["steps"][1:]]})
    assert told["difference"]["summary"] == {"added": 0, "removed": 0, "changed": 1}
    assert told["in_journey_now"] == 1
    assert {problem["severity"] for problem in told["problems"]} <= {"warning"}


async def test_errors_are_told(admin: AsyncClient) -> None:
    told = await review(admin, {**REMINDER, "edges": []})
    assert "no_entry_edge" in {problem["code"] for problem in told["problems"]}


async def test_before_the_first_version_there_is_nothing_to_compare_with(admin: AsyncClient) -> None:
    told = await review(admin, REMINDER)
    assert (told["in_journey_now"], told["difference"]) == (0, None)
    assert (await admin.get("/api/journeys/none/review")).status_code == 404
