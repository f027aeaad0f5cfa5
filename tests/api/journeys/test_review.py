"""What is told before a draft is published: problems, audience, messages, what changes."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from api.journeys import review as journey_review
from tests.api.journeys.test_drawing import CART
from tests.api.journeys.test_versions import publish

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
    told = await review(admin, REMINDER)
    assert told["audience"] == {
        "triggered_last_30_days": 20,
        "would_enter_last_30_days": 19,
        "in_journey_now": 0,
        "sampled": 20,
        "of": 20,
    }
    # 19 ten days ago but for the 5 who bought, and 10 two days ago.
    assert told["messages"] == [{"channel": "email", "message_class": "informational", "expected_per_month": 24}]
    assert told["difference"] is None
    assert {problem["severity"] for problem in told["problems"]} <= {"warning"}
    assert await review(admin, REMINDER) == told


async def test_what_changes_against_the_live_version_is_told(admin: AsyncClient, shop: None, rows: Any) -> None:
    await publish(admin, REMINDER)
    await rows(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        " values (gen_random_uuid(), 'w', 'cart', 1, 'h', gen_random_uuid(), 'running', now())"
    )
    slower = {**REMINDER["steps"][0], "settings": {"mode": "duration", "duration": "2h"}}
    told = await review(admin, {**REMINDER, "steps": [slower, *REMINDER["steps"][1:]]})
    assert told["difference"]["summary"] == {"added": 0, "removed": 0, "changed": 1}
    assert told["audience"]["in_journey_now"] == 1


async def test_with_errors_nobody_is_walked(admin: AsyncClient, shop: None) -> None:
    told = await review(admin, {**REMINDER, "edges": []})
    assert "no_entry_edge" in {problem["code"] for problem in told["problems"]}
    assert told["audience"]["would_enter_last_30_days"] is None
    assert (told["audience"]["sampled"], told["messages"]) == (0, [])


async def test_of_many_customers_a_sample_is_walked_and_the_numbers_are_scaled(
    admin: AsyncClient, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey_review, "SAMPLE", 5)
    told = await review(admin, REMINDER)
    audience = told["audience"]
    assert audience["of"] == 20
    assert 0 < audience["sampled"] <= 10
    assert audience["triggered_last_30_days"] == 20
    assert await review(admin, REMINDER) == told


async def test_a_walk_that_takes_too_long_is_cut_short(
    admin: AsyncClient, shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey_review, "LONGEST", -1.0)
    told = await review(admin, REMINDER)
    assert (told["audience"]["sampled"], told["audience"]["of"], told["messages"]) == (0, 20, [])


async def test_a_journey_that_starts_itself_without_end_is_told_without_numbers(admin: AsyncClient, shop: None) -> None:
    again = {"id": "again", "kind": "emit_event", "stage": "intake", "settings": {"event": "Cart Updated"}}
    steps = [again, REMINDER["steps"][2]]
    edges = [{"from": "entry", "to": "again"}, {"from": "again", "to": "done"}]
    told = await review(admin, {**REMINDER, "steps": steps, "edges": edges})
    assert (told["messages"], told["audience"]["would_enter_last_30_days"]) == ([], None)


async def test_an_empty_workspace_is_told_as_one(admin: AsyncClient) -> None:
    told = await review(admin, REMINDER)
    assert told["audience"] == {
        "triggered_last_30_days": 0,
        "would_enter_last_30_days": 0,
        "in_journey_now": 0,
        "sampled": 0,
        "of": 0,
    }
    assert (await admin.get("/api/journeys/none/review")).status_code == 404
