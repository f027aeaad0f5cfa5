"""Durable before acknowledged: group commit, poison, idempotence, a crash before the acknowledgement, a restart."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from orchestrator.store.database import plain_dsn
from orchestrator.store.intake import writer as intake_writer
from orchestrator.store.intake.writer import IntakeBusy, IntakeUnavailable, IntakeWriter
from tests.store.intake.intake_shop import identify, incoming


async def test_concurrent_callers_share_a_transaction(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming("first")])
    await asyncio.gather(*[writer.store([incoming(f"u{number % 7}")]) for number in range(200)])
    [(events, transactions)] = await rows("select count(*), count(distinct xmin::text) from events")
    assert events == 201
    assert transactions < 20


async def test_a_message_id_is_stored_once_however_often_it_comes(writer: IntakeWriter, rows: Any) -> None:
    outcomes = await writer.store([incoming("u", message="m"), incoming("u", message="m")])
    assert outcomes == ["stored", "duplicate"]
    again = await asyncio.gather(*[writer.store([incoming("u", message="m")]) for _ in range(5)])
    assert again == [["duplicate"]] * 5
    assert await rows("select count(*) from events") == [(1,)]


async def test_poison_fails_alone(writer: IntakeWriter, rows: Any) -> None:
    """The door lets no such event in; should one come all the same, its batch-mates must not suffer."""
    poison = incoming("u")
    poison.properties_json = b'{"nul": "\\u0000"}'
    good = [incoming("u") for _ in range(10)]
    first, second = await asyncio.gather(writer.store([*good[:5], poison]), writer.store(good[5:]))
    assert first == [*["stored"] * 5, "failed"]
    assert second == ["stored"] * 5
    assert await rows("select count(*) from events") == [(10,)]


async def test_a_crash_between_commit_and_acknowledgement_stores_once(
    database_url: str, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies with the events on disk and its callers waiting: they send again, elsewhere."""
    dying, committed = IntakeWriter(database_url), asyncio.Event()

    def die(*_: Any) -> Any:
        committed.set()
        raise asyncio.CancelledError

    await dying.start()
    events = [identify("u", message="m1", plan="pro"), incoming("u", message="m2")]
    monkeypatch.setattr(intake_writer, "_outcomes", die)
    waiting = asyncio.create_task(dying.store(events))
    await committed.wait()
    assert not waiting.done()
    waiting.cancel()
    monkeypatch.undo()
    with contextlib.suppress(asyncio.CancelledError):
        await dying.close()  # the operating system closes a dead process's connections
    async with asyncio.timeout(20):
        living = IntakeWriter(database_url)
        await living.start()
        assert await living.store(events) == ["duplicate", "duplicate"]
        await living.close()
    assert await rows("select count(*) from events") == [(2,)]
    assert await rows("select attributes from customers") == [({"plan": "pro"},)]


async def test_a_lost_connection_is_made_anew(writer: IntakeWriter, database_url: str, rows: Any) -> None:
    await writer.store([incoming("u")])
    await rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sojourn intake'")
    assert await writer.store([incoming("u")]) == ["stored"]


async def test_without_a_database_the_caller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_writer, "_PATIENCE", 0.0)
    writer = IntakeWriter("postgresql://nobody@127.0.0.1:1/none")
    await writer.start()
    with pytest.raises(IntakeUnavailable):
        await writer.store([incoming("u")])
    await writer.close()


async def test_more_than_can_be_stored_is_refused(database_url: str) -> None:
    writer = IntakeWriter(database_url, most_waiting=5)  # not started: nothing leaves the queue
    async with asyncio.TaskGroup() as callers:
        waiting = callers.create_task(writer.store([incoming("u") for _ in range(4)]))
        await asyncio.sleep(0)
        with pytest.raises(IntakeBusy):
            await writer.store([incoming("u"), incoming("u")])
        waiting.cancel()


async def test_closing_stores_what_waits(database_url: str, rows: Any) -> None:
    writer = IntakeWriter(database_url)
    await writer.start()
    waiting = [asyncio.create_task(writer.store([incoming("u")])) for _ in range(5)]
    await asyncio.sleep(0)
    await writer.close()
    assert [outcome for task in waiting for outcome in await task] == ["stored"] * 5


async def test_instants_are_journey_time(writer: IntakeWriter, rows: Any) -> None:
    start = datetime.now(UTC) - timedelta(seconds=100)
    await rows(
        "insert into workspace (id, time_zone, locale, day_seconds, clock_real, clock_journey)"
        " values (1, 'Asia/Seoul', 'ko', 20, %s, %s)",
        start,
        start,
    )
    now, long_ago = incoming("u", message="now"), incoming("u", message="long ago")
    now.occurred_at = now.received_at = start + timedelta(seconds=40)
    long_ago.occurred_at = datetime(2024, 3, 1, tzinfo=UTC)
    await writer.store([now, long_ago])
    stored = dict(await rows("select message_id, occurred_at from events"))
    assert stored["now"] == start + timedelta(days=2)
    assert stored["long ago"] == datetime(2024, 3, 1, tzinfo=UTC)


async def test_the_router_is_told(writer: IntakeWriter, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as listener:
        await listener.execute("listen sojourn_events")
        await writer.store([incoming("u", message="m")])
        async for notification in listener.notifies(timeout=5, stop_after=1):
            assert notification.channel == "sojourn_events"
            break
        else:
            pytest.fail("nothing was said")
        await writer.store([incoming("u", message="m")])  # a duplicate is no news
        assert [one async for one in listener.notifies(timeout=0.2)] == []
