"""Effectively once: what processes that die, or come at the same time, do to a message."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select, text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.channels.contract import OutgoingMessage
from activities.sending.deliver import DeliverInput, DeliverResult, Delivery, delivery_from
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.presence import Presence, alive
from orchestrator.store.tables.sending import OutboxMessage
from orchestrator.store.tables.workspace import Workspace
from tests.activities.shop import NIGHT, NOON, NUDGE, Shop
from tests.waiting import let_pass, until

ROOT = Path(__file__).parents[3]


class Pulled(BaseException):
    """The plug was pulled."""


def pull_the_plug(_: OutgoingMessage) -> None:
    raise Pulled


async def interrupted(shop: Shop, delivery: Delivery) -> None:
    """Claimed, called, and then nothing more."""
    shop.provider.behave = pull_the_plug
    with pytest.raises(Pulled):
        await delivery.carry_out(NUDGE, NOON)
    shop.provider.behave = None
    row = await shop.ledger()
    assert row is not None
    assert row.status == "claimed"


@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize(
    ("message_class", "idempotent", "calls", "result"),
    [
        ("advertising", False, 1, DeliverResult("unknown", "interrupted")),
        ("advertising", True, 2, DeliverResult("sent")),
        ("informational", False, 2, DeliverResult("sent")),
        ("informational", True, 2, DeliverResult("sent")),
    ],
)
async def test_after_an_interruption(
    shop: Shop, message_class: str, idempotent: bool, calls: int, result: DeliverResult, same_process: bool
) -> None:
    await shop.open(**{"class": message_class})
    shop.provider.idempotent = idempotent
    first = shop.delivery()
    await interrupted(shop, first)
    if not same_process:
        await first._presence.end()
    second = first if same_process else shop.delivery()
    for _ in range(2):
        assert await second.carry_out(NUDGE, NOON) == result
    assert len(shop.provider.calls) == calls
    assert len({key for _, key in shop.provider.calls}) == 1
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason) == (result.outcome, result.reason)
    assert row.content["body"].startswith("(광고)" if message_class == "advertising" else "지은")


async def test_what_may_have_gone_out_by_day_is_not_repeated_at_night(shop: Shop) -> None:
    """Even where the provider would see the repetition: if the first call never arrived, the second would be the ad."""
    await shop.open()
    shop.provider.idempotent = True
    delivery = shop.delivery()
    await interrupted(shop, delivery)
    assert await delivery.carry_out(NUDGE, NIGHT) == DeliverResult("unknown", "interrupted")
    assert len(shop.provider.calls) == 1


async def test_an_answer_that_comes_after_all_is_believed(shop: Shop) -> None:
    """Somebody took the send for lost while it was under way; then the provider's receipt came."""
    await shop.open()
    go_on = asyncio.Event()
    shop.provider.behave = lambda _: go_on.wait()
    first, second = shop.delivery(), shop.delivery()
    slow = asyncio.create_task(first.carry_out(NUDGE, NOON))
    await until_called(shop)
    await first._presence.end()
    assert await second.carry_out(NUDGE, NOON) == DeliverResult("unknown", "interrupted")
    go_on.set()
    assert await slow == DeliverResult("sent")
    assert await second.carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert len(shop.provider.calls) == 1


async def until_called(shop: Shop) -> None:
    await until(lambda: shop.provider.calls, "the provider is called")


# --- at the same time ----------------------------------------------------------------------------------------------


async def test_two_at_once_in_one_process_make_one_call(shop: Shop) -> None:
    await shop.open()
    shop.provider.behave = lambda _: let_pass(0.1, "the others come meanwhile")
    delivery = shop.delivery()
    results = await asyncio.gather(*(delivery.carry_out(NUDGE, NOON) for _ in range(5)))
    assert set(results) == {DeliverResult("sent")}
    assert len(shop.provider.calls) == 1
    assert delivery._busy == {}


async def test_a_second_process_waits_for_one_that_is_alive(shop: Shop) -> None:
    await shop.open()
    go_on = asyncio.Event()
    shop.provider.behave = lambda _: go_on.wait()
    first, second = shop.delivery(), shop.delivery()
    slow = asyncio.create_task(first.carry_out(NUDGE, NOON))
    await until_called(shop)
    with pytest.raises(ApplicationError) as caught:
        await second.carry_out(NUDGE, NOON)
    assert (caught.value.type, caught.value.non_retryable) == ("InProgress", False)
    go_on.set()
    assert await slow == DeliverResult("sent")
    assert await second.carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert len(shop.provider.calls) == 1


async def test_of_many_processes_at_once_one_calls(shop: Shop) -> None:
    await shop.open()
    shop.provider.behave = lambda _: let_pass(0.2, "the others come meanwhile")
    several = [shop.delivery() for _ in range(4)]

    assert set(await asyncio.gather(*map(eventually, several))) == {DeliverResult("sent")}
    assert len(shop.provider.calls) == 1


async def test_two_connections_are_enough_for_any_number_of_sends(database_url: str, tmp_path: Path) -> None:
    """One is the presence; nobody who holds the other asks for a third."""
    engine = create_engine(database_url, pool_size=2, max_overflow=0)
    await Shop(engine).open()
    delivery = await delivery_from(Settings(data_dir=tmp_path), engine, Plans(engine))
    sends = (delivery.carry_out(replace(NUDGE, occurrence=n), NOON) for n in range(1, 21))
    assert set(await asyncio.gather(*sends)) == {DeliverResult("sent")}
    await engine.dispose()


# --- a real process, really killed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "result"), [("outbox", DeliverResult("sent")), ("recorder", DeliverResult("unknown", "interrupted"))]
)
async def test_a_worker_killed_between_call_and_record(
    shop: Shop, database_url: str, tmp_path: Path, provider: str, result: DeliverResult
) -> None:
    await shop.open()
    called = tmp_path / "called"
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.activities.dying_worker", database_url, provider, str(called)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    await until(lambda: called.exists() or worker.returncode is not None, "the provider was called")
    assert worker.returncode is None
    if provider == "outbox":
        delivery = await delivery_from(Settings(data_dir=tmp_path), shop.engine, Plans(shop.engine))
    else:
        delivery = shop.delivery()
    with pytest.raises(ApplicationError):  # it is alive, and at it
        await delivery.carry_out(NUDGE, NOON)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert await eventually(delivery) == result
    assert shop.provider.calls == []
    async with shop.sessions() as session:
        count = await session.execute(select(func.count()).select_from(OutboxMessage))
        assert count.scalar_one() == (provider == "outbox")


async def eventually(delivery: Delivery) -> DeliverResult:
    """As Temporal would: again until it is settled. The server notices a lost connection within moments."""

    async def settled() -> DeliverResult | None:
        with suppress(ApplicationError):
            return await delivery.carry_out(NUDGE, NOON)
        return None

    return cast("DeliverResult", await until(settled, "the dead worker no longer counts as alive"))


async def test_a_process_whose_connection_broke_takes_a_new_number(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.presence.PROBE_EVERY", 0.0)
    engine = create_engine(database_url)
    presence = Presence(engine)
    number = await presence.id()
    assert await presence.id() == number
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        assert await alive(db, number)
        await db.execute(text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"))
        another = await presence.id()
        assert another != number
        assert await alive(db, another)
        assert not await alive(db, number)
    await engine.dispose()


async def test_disposing_of_the_engine_ends_the_presence(database_url: str) -> None:
    engine, other = create_engine(database_url), create_engine(database_url)
    number = await Presence(engine).id()
    await engine.dispose()
    async with other.execution_options(isolation_level="AUTOCOMMIT").connect() as db:

        async def gone() -> bool:
            return not await alive(db, number)

        await until(gone, "the presence has ended")
    await other.dispose()


# --- as an activity --------------------------------------------------------------------------------------------------


async def run_activity(shop: Shop, given: DeliverInput, late: timedelta = timedelta(0)) -> dict[str, str]:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, scheduled_time=NOON, started_time=NOON + late)
    result: dict[str, str] = await environment.run(shop.delivery().deliver, given)
    return result


async def test_an_activity_answers_what_there_is_to_tell(shop: Shop) -> None:
    await shop.open()
    answer = await run_activity(shop, NUDGE)
    assert answer.pop("at").startswith("2026-03-02T03:00:0")
    assert answer == {"outcome": "sent"}


@pytest.mark.parametrize("at", [None, NOON])
async def test_an_attempt_that_begins_late_is_decided_by_when_it_begins(shop: Shop, at: Any) -> None:
    await shop.open()
    answer = await run_activity(shop, replace(NUDGE, at=at), timedelta(hours=9))
    assert answer.pop("at").startswith("2026-03-02T12:00:0")
    assert answer == {"outcome": "held", "reason": "legal_night", "until": "2026-03-02T23:00:00+00:00"}


@pytest.mark.parametrize("at", [None, NOON])
async def test_in_a_workspace_of_fast_days_a_late_minute_is_late_by_hours(shop: Shop, at: Any) -> None:
    await shop.open()
    await shop.change(Workspace, day_seconds=240.0, clock_real=NOON, clock_journey=NOON)
    answer = await run_activity(shop, replace(NUDGE, at=at), timedelta(seconds=100))
    assert answer["until"] == "2026-03-02T23:00:00+00:00"
