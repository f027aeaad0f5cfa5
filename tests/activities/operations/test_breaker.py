"""Complaints past the bound pause the journey, by the next look; resuming counts from then on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import Callback
from activities.operations.automatic_pauses import AutomaticPauses
from activities.sending.reports import Reports
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.operations.pauses import end_pause, pauses
from orchestrator.store.workspace import change_settings, ensure_workspace, read_clock

KIM = By("Kim", "session")
CUSTOMER = text("""
insert into customers (id, email, attributes, consents, tags, created_at, updated_at)
values (gen_random_uuid(), 'kim@example.com', '{}', '{}', '[]', now(), now())
""")
JOURNEYS = text("""
insert into journeys (key, status, live_version, created_at, updated_at)
select key, 'live', 1, now(), now() from unnest(array['news', 'quiet']) key
""")
SENT = text("""
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, channel, provider,
    provider_message_id, reason, attempts, created_at, sent_at)
select gen_random_uuid(), gen_random_uuid(), :journey, 'letter', 1, c.id, 'informational', 'sent', 'email', 'mail',
    :batch || n, '', 1, :at, :at from generate_series(1, :many) n, customers c
""")


@pytest.fixture
async def engine(database_url: str, settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with session_factory(engine)() as session, session.begin():
        await ensure_workspace(session, settings)
        await change_settings(session, {"breaker": {"least": 20}})
        await session.execute(CUSTOMER)
        await session.execute(JOURNEYS)
    yield engine
    await engine.dispose()


class NoRuns:
    """Nobody is to be asked for anything here."""

    async def start_operation(self, operation: Any, per_second: float) -> None:
        raise AssertionError(operation)


async def send(engine: AsyncEngine, journey: str, many: int, batch: str, ago: timedelta = timedelta(0)) -> None:
    async with engine.begin() as db:
        at = (await read_clock(db)).now() - ago
        await db.execute(SENT, {"journey": journey, "many": many, "batch": batch, "at": at})


async def complain(engine: AsyncEngine, number: str) -> None:
    async with engine.connect() as db:
        at = (await read_clock(db)).now()
    report = Callback(number, "complained", at, id=str(uuid4()))
    assert await Reports(engine).take("mail", report) == "taken"


async def test_it_pauses_the_journey_that_is_complained_of_and_counts_anew_once_resumed(engine: AsyncEngine) -> None:
    guard = AutomaticPauses(engine, NoRuns())
    await send(engine, "quiet", 100, "quiet-")
    await send(engine, "news", 100, "old-", ago=timedelta(days=2))
    await send(engine, "news", 19, "few-")
    await complain(engine, "few-1")
    await guard.once()
    assert list(await pauses(engine)) == [], "too few within the window"
    await send(engine, "news", 1, "one-more-")
    await guard.once()
    [found] = await pauses(engine)
    assert (found.what, found.by, found.cause, found.reason["code"]) == (
        "journey:news",
        "Sojourn",
        "breaker",
        "complaints",
    )
    assert found.reason["rate"] == "5%"
    await guard.once()
    async with engine.connect() as db:
        kept = (await db.execute(text("select who, what from audit_log"))).all()
    assert [tuple(one) for one in kept] == [("Sojourn", "pause.paused")]

    async with session_factory(engine)() as session, session.begin():
        assert await end_pause(session, "journey:news", KIM)
    await guard.once()
    await send(engine, "news", 30, "after-")
    await guard.once()
    assert list(await pauses(engine)) == [], "what was said before counts no more"
    await complain(engine, "after-1")
    await guard.once()
    assert [one.what for one in await pauses(engine)] == ["journey:news"]


async def test_what_was_sent_is_counted_when_more_was_said_and_not_at_each_look(engine: AsyncEngine) -> None:
    guard, counted = AutomaticPauses(engine, NoRuns()), list[str]()
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    await send(engine, "news", 1_000, "many-")
    await complain(engine, "many-1")
    for _ in range(3):
        await guard.once()
    assert sum("count(*) as sent" in statement for statement in counted) == 1
    for number in (2, 3, 4):
        await complain(engine, f"many-{number}")
    await guard.once()
    [found] = await pauses(engine)
    assert (found.what, found.cause) == ("journey:news", "breaker")
