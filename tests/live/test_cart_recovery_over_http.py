"""What the examples promise of a cart, on real processes and in real time: a purchase ends the wait at once."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
import yaml
from temporalio.client import Client

from orchestrator.core.events.ids import workflow_id
from tests.live.installation import Installation, example
from tests.waiting import until

WAIT = 6
"""Seconds. How soon a purchase ends it is measured by ``bench/``; here, that the purchase did and not the clock."""


def cart_recovery() -> dict[str, Any]:
    """The example with seconds for hours. Informational, so that no hour of the day forbids the reminder."""
    document: dict[str, Any] = yaml.safe_load(example("cart-recovery").read_text())
    settings = {step["id"]: step["settings"] for step in document["steps"]}
    settings["still-filling"]["window"] = f"{WAIT}s"
    for step in ("came-back", "checkout-help", "last-chance"):
        settings[step]["window" if step == "came-back" else "duration"] = "1s"
    for edge in document["edges"]:
        if edge["from"] == edge["to"]:  # seconds are no wait for a loop, and nobody here fills their cart again
            edge["to"] = "reminder"
    settings["reminder"]["class"] = settings["last-reminder"]["class"] = "informational"
    return document


async def fill_cart(installation: Installation, user: str) -> None:
    traits = {"email": f"{user}@example.com"}
    answer = await installation.call("identify", {"userId": user, "messageId": f"{user}-who", "traits": traits})
    assert answer.status_code == 200, answer.text
    await installation.track(user, "Cart Updated", f"{user}-cart", cart_id=f"cart-{user}", name="Mug")


async def run_of(installation: Installation, user: str) -> dict[str, Any]:
    found = await installation.rows(
        "select r.* from runs r join customers c on c.id = r.customer_id where c.external_id = %s", [user]
    )
    return found[0] if found else {}


async def subjects(installation: Installation, user: str) -> list[str]:
    found = await installation.rows(
        "select o.content ->> 'subject' as subject from outbox o join customers c on c.id = o.customer_id "
        "where c.external_id = %s order by o.at",
        [user],
    )
    return [row["subject"] for row in found]


async def closed_at(installation: Installation, run: dict[str, Any]) -> datetime:
    """When Temporal closed the workflow, by its own clock."""
    client = await Client.connect(installation.temporal.address)
    handle = client.get_workflow_handle(workflow_id(run["journey_key"], run["customer_id"], run["key"]))
    await asyncio.wait_for(handle.result(), 10)
    description = await handle.describe()
    assert description.close_time is not None
    return description.close_time


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_purchase_ends_the_wait_and_silence_is_reminded_once(
    installation: Installation,
) -> None:
    await installation.publish(cart_recovery())
    for user in ("buyer", "silent"):
        await fill_cart(installation, user)
        await until(lambda user=user: _waits(installation, user), f"{user}'s run waits")

    bought = await installation.track("buyer", "Order Completed", "order-1", cart_id="cart-buyer", revenue=12000)
    await until(lambda: _over(installation, "buyer"), "the buyer's run is over", pause=0.01)
    run = await run_of(installation, "buyer")
    received = await installation.one("select received_at from events where message_id = 'order-1'")
    booked, closed = run["finished_at"] - received, await closed_at(installation, run) - received
    print(f"\npurchase received → run finished {booked.total_seconds() * 1000:.0f} ms,", end=" ")
    print(f"workflow closed {closed.total_seconds() * 1000:.0f} ms;", end=" ")
    print(f"acknowledged {(bought - received).total_seconds() * 1000:.0f} ms")
    assert run["reason"] == "goal:recovered"
    assert booked.total_seconds() < WAIT
    assert closed.total_seconds() < WAIT

    await until(lambda: _over(installation, "silent"), "the silent run is over")
    assert (await run_of(installation, "silent"))["reason"] == "abandoned"
    assert await subjects(installation, "buyer") == []
    assert await subjects(installation, "silent") == [
        "장바구니에 담아 두신 상품이 있어요",
        "담아 두신 상품, 아직 주문하실 수 있어요",
    ]


async def _waits(installation: Installation, user: str) -> bool:
    return (await run_of(installation, user)).get("waiting_until") is not None


async def _over(installation: Installation, user: str) -> bool:
    return (await run_of(installation, user)).get("finished_at") is not None
