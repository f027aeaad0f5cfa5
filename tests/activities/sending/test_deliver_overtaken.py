"""What changes between the decision to send and its claim: a merge, a withdrawal, caps that are switched on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.sending.deliver import DeliverResult, Delivery
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.workspace import Workspace
from tests.activities.capped_shop import (
    TOMORROW,
    TWO_A_DAY,
    capped,
    counting_shop,
    ledger,
    merge,
    nth,
    visitor_with_run,
)
from tests.activities.shop import NOON, NUDGE, SENDER, Shop


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with counting_shop(database_url, redis_url) as shop:
        yield shop


async def test_customers_who_turn_out_to_be_one_have_had_what_both_had(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    visitor, to_them = await visitor_with_run(shop)
    for given in (NUDGE, to_them):
        assert await shop.delivery().carry_out(given, NOON) == DeliverResult("sent")
    await merge(shop, visitor)
    assert await shop.delivery().carry_out(nth(2), NOON) == DeliverResult("held", "frequency_cap_held", TOMORROW)


def between(delivery: Delivery, what: Callable[[], Awaitable[None]], once: bool = True) -> None:
    """After this delivery has decided (and reserved its place) and before its claim is in the ledger."""
    claims, came = delivery._claims, list[bool]()
    real = claims._claim

    async def then(*given: Any) -> Any:
        if not came or not once:
            came.append(True)
            await what()
        return await real(*given)

    claims._claim = then  # type: ignore[assignment, method-assign]  # no seam of the product's own lies in between


ONE_A_DAY = {"most": 1, "per": "day"}


async def test_a_merge_between_reservation_and_claim_lets_no_message_too_many_out(shop: Shop) -> None:
    await capped(shop, ONE_A_DAY)
    visitor, to_them = await visitor_with_run(shop)
    theirs = shop.delivery()

    async def merged_and_sent() -> None:
        await merge(shop, visitor)
        assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")

    between(theirs, merged_and_sent)
    assert await theirs.carry_out(to_them, NOON) == DeliverResult("held", "frequency_cap_held", TOMORROW)
    assert len(shop.provider.calls) == 1


@pytest.mark.parametrize(
    "before", [[], [{"most": 9, "per": "day"}], [{"most": 1, "per": "day", "channels": ["email"]}]]
)
async def test_the_moment_in_which_caps_are_switched_on_lets_no_message_too_many_out(
    shop: Shop, before: list[dict[str, Any]]
) -> None:
    await capped(shop, *before)
    first, outcomes = shop.delivery(), list[DeliverResult]()

    async def switched_on_and_sent() -> None:
        await shop.change(Workspace, settings={**SENDER, "sending": {"caps": [ONE_A_DAY]}})
        outcomes.append(await shop.delivery().carry_out(nth(2), NOON))

    between(first, switched_on_and_sent)
    outcomes.append(await first.carry_out(nth(1), NOON))
    assert sorted(one.outcome for one in outcomes) == ["held", "sent"], "whichever of the two it is"
    assert len(shop.provider.calls) == 1


async def test_of_two_runs_after_a_merge_the_one_that_is_to_end_sends_nothing(shop: Shop) -> None:
    """Also before it has heard of it."""
    await capped(shop)
    await shop.change(Run, ending="merged")
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("skipped", "run_over")
    assert shop.provider.calls == []


async def test_who_withdraws_in_that_moment_gets_nothing(shop: Shop) -> None:
    await capped(shop)
    delivery = shop.delivery()

    async def withdraw() -> None:
        await shop.change(Customer, consents={"sms": False})

    between(delivery, withdraw)
    assert await delivery.carry_out(NUDGE, NOON) == DeliverResult("skipped", "no_consent")
    assert shop.provider.calls == []
    assert (await ledger(shop, 1)).counted_at is None


async def test_rules_that_change_all_the_time_send_nothing_and_are_tried_again(shop: Shop) -> None:
    await capped(shop)
    delivery, number = shop.delivery(), iter(range(50, 100))

    async def change() -> None:
        caps = [{"most": next(number), "per": "day"}]
        await shop.change(Workspace, settings={**SENDER, "sending": {"caps": caps}})

    between(delivery, change, once=False)
    with pytest.raises(ApplicationError) as raised:
        await delivery.carry_out(NUDGE, NOON)
    assert raised.value.type == "InProgress"
    assert (shop.provider.calls, (await ledger(shop, 1)).reason) == ([], "overtaken")
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
