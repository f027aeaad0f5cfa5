"""A delivery struck at every single await: at most one provider's call for an advertisement, and a ledger that knows.

Each scenario is walked through once for every await of it, each time with a message of its own on a day of its own,
and finished by another process, as Temporal would.
"""

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError

from activities.channels.contract import OutgoingMessage, Receipt, Unreachable
from activities.sending.deliver import DeliverInput, DeliverResult, Delivery
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.sending.frequency import counting_redis
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.workspace import Workspace
from tests.activities.crashing import Blow, bury, disconnect, strike
from tests.activities.shop import NIGHT, NOON, NUDGE, SENDER, Recorder, Shop
from tests.examples import some
from tests.waiting import until

# Who is struck does not tidy up; what is left lying about is swept up here, and not in somebody else's test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
]
MOST_AWAITS = 200
BEYOND = 3
"""So many in a row that were through before they were struck: then the walk has been to the end."""


@dataclass
class Carrier(Recorder):
    """Suspends before and after it has taken a message over; knows which it took."""

    taken: list[UUID] = field(default_factory=list)

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        await asyncio.sleep(0)
        receipt = await super().send(message, key)
        self.taken.append(key)
        await asyncio.sleep(0)
        return receipt


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    engine, redis = create_engine(database_url, pool_size=4), counting_redis(redis_url)
    yield Shop(engine, provider=Carrier(), redis=redis)
    await redis.aclose()
    await engine.dispose()
    gc.collect()


def no_text_messages(message: OutgoingMessage) -> None:
    if message.channel == "sms":
        raise Unreachable("no such number")


async def fresh(shop: Shop) -> None:
    await shop.open()


async def falling_back(shop: Shop) -> None:
    await shop.open(fallback=["email"])
    shop.provider.behave = no_text_messages


async def capped(shop: Shop) -> None:
    await shop.open()
    caps = [{"most": 1, "per": "day"}]
    await shop.change(Workspace, settings={**SENDER, "sending": {"caps": caps}})


async def capped_and_falling_back(shop: Shop) -> None:
    await capped(shop)
    shop.provider.behave = no_text_messages


async def held_before(other: Delivery, given: DeliverInput, day: timedelta) -> None:
    result = await other.carry_out(given, NIGHT - timedelta(days=1) + day)
    assert result.reason == "legal_night"


async def nothing_before(other: Delivery, given: DeliverInput, day: timedelta) -> None:
    pass


Before = Callable[[Delivery, DeliverInput, timedelta], Awaitable[None]]
SCENARIOS: dict[str, tuple[Callable[[Shop], Awaitable[None]], Before]] = {
    "a fresh send": (fresh, nothing_before),
    "a fallback": (falling_back, nothing_before),
    "held, then sent": (fresh, held_before),
    "a cap": (capped, nothing_before),
    "a cap, unreachable": (capped_and_falling_back, nothing_before),
}


async def eventually(workers: list[Delivery], given: DeliverInput, now: datetime) -> DeliverResult:
    """As Temporal would: again, now here and now there, until it is settled."""
    turns = itertools.cycle(workers)

    async def settled() -> DeliverResult | None:
        with suppress(ApplicationError):
            return await next(turns).carry_out(given, now)
        return None

    return cast("DeliverResult", await until(settled, "it is settled", seconds=30))


async def walk(shop: Shop, database_url: str, before: Before, blow: Blow) -> list[str]:
    """Strike at every await; what stood in the ledger in the end, each time."""
    ended: list[str] = []
    other, beyond = shop.delivery(), 0
    for n in range(1, MOST_AWAITS):
        given, day = replace(NUDGE, occurrence=2 * n), timedelta(days=2 * n)
        await before(other, given, day)
        name = f"struck {n}"
        engine = create_engine(database_url, pool_size=2, application=name)
        victim = Delivery(engine, Plans(engine), dict.fromkeys(CHANNELS, shop.provider), redis=shop.redis)
        reached = await strike(victim, given, NOON + day, n, blow)
        others = [other]
        if blow == "dies":
            await disconnect(shop.engine, name)
        else:
            others.append(victim)
        await eventually(others, given, NOON + day)
        ended.append(await look(shop, other, given, NOON + day))
        await bury(victim)
        await engine.dispose()
        beyond = 0 if reached else beyond + 1
        if beyond == BEYOND:
            return ended
    raise AssertionError("a delivery without an end")


async def look(shop: Shop, other: Delivery, given: DeliverInput, now: datetime) -> str:
    """The ledger agrees with what the provider took; and the next one, under a cap, agrees with the ledger."""
    row = await ledger(shop, given)
    carrier = shop.provider
    assert isinstance(carrier, Carrier)
    taken = carrier.taken.count(row.id)
    assert taken <= 1, "sent twice"
    channels = [message.channel for message, key in carrier.calls if key == row.id]
    assert len(channels) == len(set(channels)), "called twice by one channel"
    assert row.status in ("sent", "unknown", "failed", "skipped")
    assert taken == 0 or row.status in ("sent", "unknown")
    assert taken == 1 or row.status != "sent"
    assert (row.counted_at is not None) is (row.status in ("sent", "unknown"))
    assert (row.reason == "") is (row.status == "sent")
    if capped_by(row):
        follower = replace(given, occurrence=given.occurrence + 1)
        await eventually([other], follower, now + timedelta(minutes=1))
        after = await ledger(shop, follower)
        assert carrier.taken.count(after.id) + taken <= 1, "over the cap"
        # Who dies after the ledger knows that it did not go out, and before Redis does, leaves a place taken.
        assert after.status == "held" or row.counted_at is None
    return row.status


def capped_by(row: SendRecord) -> bool:
    return bool(row.inputs["policy"]["caps"])


async def ledger(shop: Shop, given: DeliverInput) -> SendRecord:
    row = await shop.ledger(given.occurrence)
    assert row is not None
    return row


@pytest.mark.parametrize(("scenario", "blow"), some(itertools.product(SCENARIOS, ("dies", "cancelled", "fails")), 4))
async def test_struck_at_every_await(shop: Shop, database_url: str, scenario: str, blow: Blow) -> None:
    opened, before = SCENARIOS[scenario]
    await opened(shop)
    settled = "failed" if scenario == "a cap, unreachable" else "sent"
    judge(await walk(shop, database_url, before, blow), settled, blow)


def judge(ended: list[str], settled: str, blow: Blow) -> None:
    """Somewhere nobody can know; but who is only cancelled always does."""
    assert len(ended) > 8
    assert ended[-1] == settled
    assert set(ended) <= {settled, "unknown"}
    assert ("unknown" in ended) is (blow != "cancelled")


async def always(*_: Any) -> bool:
    return True


@pytest.mark.parametrize("mutation", ["repeats what it does not know", "writes no claim", "is cancelled anywhere"])
async def test_the_walk_notices_a_delivery_that_gets_it_wrong(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    blow: Blow = "dies"
    if mutation == "repeats what it does not know":
        monkeypatch.setattr(Delivery, "_repeatable", lambda *_: True)
    elif mutation == "writes no claim":
        monkeypatch.setattr("orchestrator.store.sending.ledger.Page.write", always)
    else:
        blow = "cancelled"
        monkeypatch.setattr("activities.sending.deliver.Work.committed", property(lambda _: False, lambda *_: None))
    await shop.open()
    with pytest.raises(AssertionError):
        judge(await walk(shop, database_url, nothing_before, blow), "sent", blow)
