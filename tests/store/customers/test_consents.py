"""Consents with evidence, on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.intake.calls import Envelope, read_call
from orchestrator.core.commands import Change, Commit
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.database import create_engine
from orchestrator.store.events.system_events import add_event
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.runs.commits import RunCommits, RunSnapshot

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=400)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def customer(engine: AsyncEngine) -> UUID:
    return await add_customer(engine)


async def add_customer(engine: AsyncEngine, merged_into: UUID | None = None) -> UUID:
    identity = uuid4()
    async with engine.begin() as db:
        given = {"id": identity, "now": NOW, "into": merged_into}
        await db.execute(
            text("insert into customers (id, created_at, updated_at, merged_into) values (:id, :now, :now, :into)"),
            given,
        )
    return identity


async def change(engine: AsyncEngine, customer: UUID, said: dict[str, bool], **more: Any) -> Any:
    given = {"source": "preferences", "evidence": {"page": "/p"}, "at": NOW, **more}
    async with engine.begin() as db:
        return await change_consents(db, customer, said, **given)


async def ask(engine: AsyncEngine, query: str) -> list[dict[str, Any]]:
    async with engine.connect() as db:
        return [dict(row) for row in (await db.execute(text(query))).mappings()]


async def test_what_is_given_is_dated_logged_and_told(engine: AsyncEngine, customer: UUID) -> None:
    changes = await change(engine, customer, {"email": True, "sms:night": False})
    assert (changes.granted, changes.withdrawn) == (("email",), ("sms:night",))
    [row] = await ask(engine, "select consents, consented_at from customers")
    assert row == {
        "consents": {"email": True, "sms:night": False},
        "consented_at": {"email": "2026-03-02T03:00:00+00:00"},
    }
    log = await ask(engine, "select name, granted, at, source, evidence from consent_log order by name")
    line = {"at": NOW, "source": "preferences", "evidence": {"page": "/p"}}
    assert log == [{"name": "email", "granted": True, **line}, {"name": "sms:night", "granted": False, **line}]
    [event] = await ask(engine, "select name, kind, properties, occurred_at, routed_at from events")
    assert event == {
        "name": "Consent Changed",
        "kind": "system",
        "properties": {"source": "preferences", "granted": ["email"], "withdrawn": ["sms:night"]},
        "occurred_at": NOW,
        "routed_at": None,
    }


async def test_what_stands_so_already_changes_nothing(engine: AsyncEngine, customer: UUID) -> None:
    await change(engine, customer, {"email": True})
    assert not await change(engine, customer, {"email": True}, at=LATER)
    assert len(await ask(engine, "select 1 from consent_log")) == 1
    [row] = await ask(engine, "select consented_at from customers")
    assert row["consented_at"]["email"].startswith("2026-03-02")


async def test_a_confirmation_renews_the_date(engine: AsyncEngine, customer: UUID) -> None:
    await change(engine, customer, {"email": True})
    changes = await change(engine, customer, {"email": True}, at=LATER, confirm=True)
    assert changes.confirmed == ("email",)
    [row] = await ask(engine, "select consented_at from customers")
    assert row["consented_at"]["email"].startswith("2027-04-06")
    assert len(await ask(engine, "select 1 from consent_log where granted")) == 2


async def test_withdrawing_takes_the_date_away_and_giving_again_dates_anew(engine: AsyncEngine, customer: UUID) -> None:
    await change(engine, customer, {"email": True, "sms": True})
    await change(engine, customer, {"email": False}, at=LATER)
    [row] = await ask(engine, "select consents, consented_at from customers")
    assert row["consents"] == {"email": False, "sms": True}
    assert set(row["consented_at"]) == {"sms"}
    await change(engine, customer, {"email": True}, at=LATER)
    [row] = await ask(engine, "select consented_at from customers")
    assert row["consented_at"]["email"].startswith("2027-04-06")


async def test_who_was_merged_changes_the_one_they_became(engine: AsyncEngine, customer: UUID) -> None:
    visitor = await add_customer(engine, merged_into=customer)
    await change(engine, visitor, {"email": True})
    [row] = await ask(engine, f"select consents from customers where id = '{customer}'")
    assert row["consents"] == {"email": True}
    [event] = await ask(engine, "select customer_id from events")
    assert event["customer_id"] == customer


async def test_nobody_changes_nothing(engine: AsyncEngine) -> None:
    assert not await change(engine, uuid4(), {"email": True})
    assert await ask(engine, "select 1 from consent_log") == []


async def test_an_own_event_comes_once(engine: AsyncEngine, customer: UUID) -> None:
    async with engine.begin() as db:
        assert await add_event(db, customer, "Message Opened", {"channel": "email"}, NOW, "one") is True
        assert await add_event(db, customer, "Message Opened", {"channel": "email"}, NOW, "one") is False
        assert await add_event(db, uuid4(), "Message Opened", {}, NOW, "two") is False
    assert len(await ask(engine, "select 1 from events")) == 1


async def said_by_intake(database_url: str, *calls: dict[str, Any], **more: Any) -> None:
    """Identify calls through the writer, as intake and imports do."""
    writer = IntakeWriter(database_url)
    await writer.start()
    events = [read_call({"type": "identify", "userId": "kim", **call}, None, Envelope(NOW), []) for call in calls]
    for event in events:
        for name, value in more.items():
            setattr(event, name, value)
    await writer.store(events)
    await writer.close()


async def test_what_intake_says_of_consents_is_logged_with_its_message(engine: AsyncEngine, database_url: str) -> None:
    agreed = {"messageId": "m-1", "traits": {"consents": {"email": True}}, "timestamp": "2026-01-05T00:00:00Z"}
    again = {"messageId": "m-2", "traits": {"consents": {"email": True}}, "timestamp": "2026-02-05T00:00:00Z"}
    no_more = {"messageId": "m-3", "traits": {"consents": {"email": False}}, "timestamp": "2026-03-01T00:00:00Z"}
    await said_by_intake(database_url, agreed, again)
    [row] = await ask(engine, "select consents, consented_at from customers")
    assert row == {"consents": {"email": True}, "consented_at": {"email": "2026-01-05T00:00:00+00:00"}}
    await said_by_intake(database_url, no_more, no_more)
    log = await ask(engine, "select name, granted, source, evidence, at::date::text as at from consent_log order by id")
    assert [(line["granted"], line["source"], line["evidence"], line["at"]) for line in log] == [
        (True, "intake", {"message": "m-1"}, "2026-01-05"),
        (False, "intake", {"message": "m-3"}, "2026-03-01"),
    ]
    told = await ask(engine, "select properties from events where name = 'Consent Changed' order by seq")
    assert [event["properties"] for event in told] == [
        {"source": "intake", "granted": ["email"]},
        {"source": "intake", "withdrawn": ["email"]},
    ]
    assert (await ask(engine, "select consented_at from customers"))[0]["consented_at"] == {}


async def test_what_a_file_says_of_the_past_wakes_no_journey(engine: AsyncEngine, database_url: str) -> None:
    call = {"traits": {"consents": {"sms": True}}, "timestamp": "2025-01-05T00:00:00Z"}
    await said_by_intake(database_url, call, history=True, source="import")
    [line] = await ask(engine, "select source from consent_log")
    assert line["source"] == "import"
    [event] = await ask(engine, "select routed_at from events where name = 'Consent Changed'")
    assert event["routed_at"] is not None


async def test_a_journey_that_changes_a_consent_says_so(engine: AsyncEngine, customer: UUID) -> None:
    run = uuid4()
    async with engine.begin() as db:
        await db.execute(
            text(
                "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
                " values (:run, 'w', 'cart', 1, 'p', :customer, 'running', :now)"
            ),
            {"run": run, "customer": customer, "now": NOW},
        )
    commit = Commit(changes=(Change(id="c-1", op="grant", name="sms"), Change(id="c-2", op="withdraw", name="push")))
    for _ in range(2):
        await RunCommits(engine).carry_out(run, commit, NOW, RunSnapshot(0, (), NOW, "x"))
    log = await ask(engine, "select name, granted, source, evidence from consent_log order by name")
    given = {"source": "journey", "evidence": {"run": str(run)}}
    assert log == [{"name": "push", "granted": False, **given}, {"name": "sms", "granted": True, **given}]
    [row] = await ask(engine, "select consented_at from customers")
    assert set(row["consented_at"]) == {"sms"}
