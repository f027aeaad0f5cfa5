"""Somebody of the team changes a customer: by the rules of a call, heard of by runs, and kept in the audit log."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.customers.consent_record import ConsentAct
from orchestrator.core.customers.traits import Traits
from orchestrator.store.audit.chain import By
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.database import create_engine
from orchestrator.store.intake.edit_profile import Edited, edit_profile
from tests.store.conftest import Rows

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
BY = By("Mina", "session")
_MAKE = text("""
insert into customers (id, external_id, email, attributes, tags, created_at, updated_at)
values (:id, 'u-1', 'old@example.com', '{"tier": "gold", "points": 3}', '["vip"]', :at, :at)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def customer(engine: AsyncEngine) -> UUID:
    identity = uuid4()
    async with engine.begin() as db:
        await db.execute(_MAKE, {"id": identity, "at": NOW - timedelta(days=9)})
    return identity


async def edit(engine: AsyncEngine, customer: UUID, said: Traits, **properties: Any) -> Edited | None:
    told = replace(said, source="console", cause=f"console/{uuid4()}")
    async with engine.begin() as db:
        return await edit_profile(db, customer, told, properties, BY)


async def test_what_is_different_is_named_told_and_audited_without_its_value(
    engine: AsyncEngine, customer: UUID, rows: Rows
) -> None:
    said = Traits(NOW, {"email": "new@example.com"}, {"tier": None, "points": 3}, tags={"vip": False, "b2b": True})
    edited = await edit(engine, customer, said, email="new@example.com", tier=None, points=3)
    assert edited == Edited(("email", "attributes.tier", "tags.b2b", "tags.vip"), {}, ())
    assert await rows("select email, attributes, tags from customers") == [("new@example.com", {"points": 3}, ["b2b"])]
    assert await rows("select name, kind, properties ->> 'email', routed_at from events") == [
        ("Customer Updated", "system", "new@example.com", None)
    ]
    [(what, subject, after)] = await rows("select what, subject, after from audit_log")
    assert (what, subject) == ("customer.changed", str(customer))
    assert "example.com" not in str(after)
    assert after["changed"] == ["email", "attributes.tier", "tags.b2b", "tags.vip"]


async def test_what_says_nothing_new_is_no_event_and_no_entry(engine: AsyncEngine, customer: UUID, rows: Rows) -> None:
    assert await edit(engine, customer, Traits(NOW, {"email": "old@example.com"}), email="old@example.com") == Edited(
        (), {}, ()
    )
    assert await rows("select count(*) from events") == [(0,)]
    assert await rows("select count(*) from audit_log") == [(0,)]


async def test_a_statement_gives_back_no_refusal_and_an_act_does(
    engine: AsyncEngine, customer: UUID, rows: Rows
) -> None:
    async with engine.begin() as db:
        await change_consents(
            db, customer, {"email": False}, source="unsubscribe", evidence={"send": "s"}, at=NOW - timedelta(days=1)
        )
    stated = await edit(engine, customer, Traits(NOW, consents={"email": True}, evidence={"by": "Mina"}))
    assert stated == Edited((), {"email": False}, ("email",))
    proof = {"by": "Mina", "way": "phone", "note": "call 812"}
    acted = await edit(engine, customer, Traits(NOW, acts={"email": ConsentAct(True, NOW, proof)}))
    assert acted == Edited((), {"email": True}, ())
    [(source, act, evidence)] = await rows(
        "select source, act, evidence from consent_log where granted and counts order by id"
    )
    assert (source, act) == ("console", True)
    assert evidence.items() >= proof.items()
    assert (await rows("select count(*) from events where name = 'Consent Changed'")) == [(2,)]


async def test_who_was_merged_is_changed_as_who_they_became(engine: AsyncEngine, customer: UUID, rows: Rows) -> None:
    async with engine.begin() as db:
        other = uuid4()
        await db.execute(
            text("insert into customers (id, merged_into, created_at, updated_at) values (:id, :into, :at, :at)"),
            {"id": other, "into": customer, "at": NOW},
        )
    await edit(engine, other, Traits(NOW, tags={"b2b": True}))
    assert await rows("select tags from customers where id = %s", customer) == [(["vip", "b2b"],)]
    assert await edit(engine, uuid4(), Traits(NOW, tags={"b2b": True})) is None
