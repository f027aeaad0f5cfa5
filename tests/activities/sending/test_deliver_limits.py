"""What limits a delivery from outside: frequency caps over all workers, and the pace of a provider."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, update
from temporalio.exceptions import ApplicationError

from activities.channels.contract import (
    Ambiguous,
    Capabilities,
    DefinitionError,
    OutgoingMessage,
    Temporary,
    Unreachable,
)
from activities.sending.deliver import DeliverResult, Delivery
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.sending.frequency import counting_redis
from orchestrator.store.tables.customers import Customer, Device
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.surveys import Complaint
from tests.activities.capped_shop import TOMORROW, TWO_A_DAY, capped, counting_shop, ledger, nth
from tests.activities.shop import CUSTOMER, NIGHT, NOON, NUDGE, Recorder, Shop, message_journey


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with counting_shop(database_url, redis_url) as shop:
        yield shop


async def test_the_third_of_two_waits_for_room_and_the_ledger_says_for_what(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    for number in (1, 2):
        assert await shop.delivery().carry_out(nth(number), NOON) == DeliverResult("sent")
    held = await shop.delivery().carry_out(nth(3), NOON + timedelta(hours=1))
    assert held == DeliverResult("held", "frequency_cap_held", TOMORROW)
    row, first, second = [await ledger(shop, number) for number in (3, 1, 2)]
    assert (row.status, row.counted_at, row.hold_until) == ("held", None, TOMORROW)
    assert (first.counted_at, first.tags) == (NOON, [])
    assert {one[0] for one in row.inputs["counted"]} == {str(first.id), str(second.id)}
    assert set(row.inputs["reason"]["by"]) == {str(first.id), str(second.id)}
    assert await shop.delivery().carry_out(nth(3), TOMORROW) == DeliverResult("sent")


async def test_of_many_at_once_in_many_workers_two_are_sent(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    workers = [shop.delivery() for _ in range(3)]
    results = await asyncio.gather(*(workers[n % 3].carry_out(nth(n), NOON) for n in range(1, 13)))
    assert sorted(result.outcome for result in results) == ["held"] * 10 + ["sent"] * 2
    assert len(shop.provider.calls) == 2


async def test_a_cap_that_reroutes_counts_the_channel_that_carried_it(shop: Shop) -> None:
    await capped(shop, {"most": 1, "per": "day", "channels": ["sms"], "when_full": "reroute"}, fallback=["email"])
    for number in (1, 2):
        assert await shop.delivery().carry_out(nth(number), NOON) == DeliverResult("sent")
    assert shop.provider.channels == ["sms", "email"]
    assert (await ledger(shop, 2)).inputs["passed"]["sms"]["code"] == "frequency_cap"


@pytest.mark.parametrize("fault", [Temporary("busy"), DefinitionError("wrong")])
async def test_what_surely_did_not_go_out_takes_up_no_room(shop: Shop, fault: Exception) -> None:
    await capped(shop, {"most": 1, "per": "day"})
    shop.provider.behave = raising(fault)
    with pytest.raises(ApplicationError):
        await shop.delivery().carry_out(nth(1), NOON)
    assert (await ledger(shop, 1)).counted_at is None
    shop.provider.behave = None
    assert await shop.delivery().carry_out(nth(2), NOON) == DeliverResult("sent")
    assert (await shop.delivery().carry_out(nth(1), NOON)).outcome == "held"


async def test_who_cannot_be_reached_has_room_for_the_next(shop: Shop) -> None:
    await capped(shop, {"most": 1, "per": "day"})
    shop.provider.behave = raising(Unreachable("no such number"))
    assert await shop.delivery().carry_out(nth(1), NOON) == DeliverResult("skipped", "unreachable")
    shop.provider.behave = None
    assert await shop.delivery().carry_out(nth(2), NOON) == DeliverResult("sent")


async def test_what_may_have_gone_out_takes_up_room(shop: Shop) -> None:
    await capped(shop, {"most": 1, "per": "day"})
    shop.provider.behave = raising(Ambiguous("no answer"))
    assert await shop.delivery().carry_out(nth(1), NOON) == DeliverResult("unknown", "ambiguous")
    assert (await ledger(shop, 1)).counted_at == NOON
    assert (await shop.delivery().carry_out(nth(2), NOON)).outcome == "held"


async def test_information_needs_no_redis_but_takes_up_room_where_a_cap_says_so(shop: Shop) -> None:
    cap = {"most": 1, "per": "day", "counts": ["advertising", "informational"]}
    await capped(shop, cap, **{"class": "informational"})
    without = Delivery(shop.engine, Plans(shop.engine), dict.fromkeys(CHANNELS, shop.provider))
    assert await without.carry_out(nth(1), NOON) == DeliverResult("sent")
    assert await without.carry_out(nth(2), NOON) == DeliverResult("sent")
    await advertise(shop)
    assert (await shop.delivery().carry_out(nth(3), NOON)).reason == "frequency_cap_held"


async def advertise(shop: Shop) -> None:
    """From now on the same step is an advertisement."""
    plan = compile_journey(message_journey()).plan
    assert plan is not None
    await Plans(shop.engine).save(plan.hash, plan.body)
    await shop.change(Run, plan_hash=plan.hash)


def raising(error: Exception) -> Any:
    def behave(_: OutgoingMessage) -> None:
        raise error

    return behave


# --- Redis is lost, or away ------------------------------------------------------------------------------------------


async def test_counts_are_rebuilt_from_the_ledger(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    assert shop.redis is not None
    for number in (1, 2):
        assert await shop.delivery().carry_out(nth(number), NOON) == DeliverResult("sent")
        await shop.redis.flushall()
    assert (await shop.delivery().carry_out(nth(3), NOON)).outcome == "held"


async def test_a_place_lost_between_claim_and_call_is_asked_for_again(shop: Shop) -> None:
    """Redis forgets while the claim is written, and somebody else takes the place before it is confirmed."""
    await capped(shop, {"most": 1, "per": "day"})
    first, second = shop.delivery(), shop.delivery()
    confirm = first._claims._counting.confirm

    async def late(case: Any) -> bool:
        first._claims._counting.confirm = confirm  # type: ignore[method-assign]
        assert shop.redis is not None
        await shop.redis.flushall()
        async with shop.engine.begin() as db:  # as if the claim were not there yet when the counts were rebuilt
            await db.execute(update(SendRecord).values(counted_at=None))
        assert await second.carry_out(nth(2), NOON) == DeliverResult("sent")
        return await confirm(case)

    first._claims._counting.confirm = late  # type: ignore[method-assign]
    held = await first.carry_out(nth(1), NOON)
    assert (held.outcome, held.reason) == ("held", "frequency_cap_held")
    assert [key for _, key in shop.provider.calls] == [(await ledger(shop, 2)).id]
    row = await ledger(shop, 1)
    assert (row.status, row.counted_at, row.attempts) == ("held", None, 1)


async def test_with_redis_away_no_advertisement_goes_uncounted(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    away = counting_redis("redis://127.0.0.1:1/0")
    shop.redis, redis = away, shop.redis
    with pytest.raises(ApplicationError) as caught:
        await shop.delivery().carry_out(NUDGE, NOON)
    assert (caught.value.type, caught.value.non_retryable) == ("Temporary", False)
    row = await ledger(shop, 1)
    assert (row.status, row.reason, row.counted_at) == ("failed", "counts_away", None)
    assert shop.provider.calls == []
    shop.redis = redis
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    await away.aclose()


async def test_redis_going_away_after_the_claim_takes_the_claim_back(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    delivery = shop.delivery()
    away = counting_redis("redis://127.0.0.1:1/0")

    async def confirm(case: Any) -> bool:
        return await Delivery(shop.engine, Plans(shop.engine), {}, redis=away)._claims._counting.confirm(case)

    delivery._claims._counting.confirm = confirm  # type: ignore[method-assign]
    with pytest.raises(ApplicationError):
        await delivery.carry_out(NUDGE, NOON)
    row = await ledger(shop, 1)
    assert (row.status, row.reason, row.counted_at) == ("failed", "counts_away", None)
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert len(shop.provider.calls) == 1
    await away.aclose()


# --- a provider's pace -----------------------------------------------------------------------------------------------


class Slow(Recorder):
    rate: float = 0.01

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, rate_per_second=self.rate)


async def test_what_a_provider_cannot_take_soon_is_held_until_it_can(shop: Shop) -> None:
    await capped(shop, TWO_A_DAY)
    shop.provider = Slow()
    assert await shop.delivery().carry_out(nth(1), NOON) == DeliverResult("sent")
    held = await shop.delivery().carry_out(nth(2), NOON)
    assert (held.outcome, held.reason) == ("held", "rate_limit")
    assert held.until is not None
    assert NOON + timedelta(seconds=90) < held.until <= NOON + timedelta(seconds=200)
    assert "free_at" in (await ledger(shop, 2)).inputs
    # The clock that Redis keeps has not moved, so the provider is still busy: what is held is decided anew in full.
    assert (await shop.delivery().carry_out(nth(2), NIGHT)).reason == "legal_night"


async def test_a_moment_is_waited_for_and_what_is_decided_is_decided_after_it(shop: Shop) -> None:
    await capped(shop)
    shop.provider = Slow()
    shop.provider.rate = 1.0
    delivery, given = shop.delivery(), [nth(1), nth(2)]
    at = iter([NOON, NOON, NIGHT])
    results = [await delivery._settled(one, lambda _: next(at)) for one in given]
    assert results[0] == DeliverResult("sent")
    assert results[1].reason == "legal_night"
    assert len(shop.provider.calls) == 1


# --- what is known of the receiver -----------------------------------------------------------------------------------


async def test_a_consent_from_long_ago_does_not_count(shop: Shop) -> None:
    await capped(shop)
    await shop.change(Customer, consented_at={"sms": "2024-01-01T00:00:00+00:00"})
    assert await shop.delivery().carry_out(nth(1), NOON) == DeliverResult("skipped", "consent_expired")
    await shop.change(Customer, consented_at={"sms": "2026-01-01T00:00:00+00:00"})
    assert await shop.delivery().carry_out(nth(2), NOON) == DeliverResult("sent")


async def test_a_consent_without_a_date_counts_from_the_day_we_knew_them(shop: Shop) -> None:
    await capped(shop)
    await shop.change(Customer, created_at=datetime(2023, 1, 1, tzinfo=UTC), consented_at={"sms": "long ago"})
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("skipped", "consent_expired")


async def test_an_open_complaint_keeps_advertising_back(shop: Shop) -> None:
    await capped(shop)
    async with shop.engine.begin() as db:
        await db.execute(insert(Complaint).values(id=uuid4(), customer_id=CUSTOMER, source="ticket", opened_at=NOON))
    assert await shop.delivery().carry_out(nth(1), NOON) == DeliverResult("skipped", "complaint_open")
    await shop.change(Complaint, resolved_at=NOON)
    assert await shop.delivery().carry_out(nth(2), NOON) == DeliverResult("sent")


@pytest.mark.parametrize("kind", ["push_token", "web_push"])
async def test_a_push_goes_to_the_device_seen_last(shop: Shop, kind: str) -> None:
    await capped(shop, channel={"push_token": "push"}.get(kind, kind))
    address = {"push_token": "device-token-{}", "web_push": '{{"endpoint": "https://push.example/{}"}}'}[kind]
    async with shop.engine.begin() as db:
        for n, dropped in enumerate([None, None, NOON]):
            device = {"id": uuid4(), "customer_id": CUSTOMER, "kind": kind, "address": address.format(n)}
            seen = NOON + timedelta(hours=n)
            await db.execute(insert(Device).values(**device, created_at=NOON, seen_at=seen, dropped_at=dropped))
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert shop.provider.calls[0][0].recipient == address.format(1)


async def test_without_a_device_the_attribute_serves(shop: Shop) -> None:
    await capped(shop, channel="push")
    await shop.change(Customer, attributes={"first_name": "지은", "push_token": "from-the-app"})
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert shop.provider.calls[0][0].recipient == "from-the-app"
