"""The development outbox fulfils the provider contract, on a real database."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import DefinitionError, DeliveryError, Temporary
from activities.channels.providers.outbox import Outbox
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.tables.sending import OutboxMessage
from tests.activities.channels.providers.provider_suite import ProviderSuite, message_for


class OutboxHarness:
    """The outbox and its table."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {"database away": ("", Temporary)}  # noqa: RUF012

    def __init__(self, engine: AsyncEngine) -> None:
        self.sessions = session_factory(engine)
        self.provider = Outbox(engine)

    async def arrived(self) -> list[dict[str, Any]]:
        async with self.sessions() as session:
            rows = (await session.execute(select(OutboxMessage))).scalars()
            return [{"key": str(row.id), "recipient": row.recipient, **row.content} for row in rows]

    def fail(self, name: str) -> None:
        self.provider = Outbox(create_engine("postgresql://nobody@127.0.0.1:1/nothing"))


@pytest.fixture
async def harness(database_url: str) -> AsyncIterator[OutboxHarness]:
    engine = create_engine(database_url, pool_size=8)
    yield OutboxHarness(engine)
    await engine.dispose()


class TestOutbox(ProviderSuite):
    """The shared suite."""


@pytest.mark.parametrize("channel", sorted(CHANNELS))
async def test_it_takes_every_channel(harness: OutboxHarness, channel: str) -> None:
    facts = CHANNELS[channel]
    message = message_for(harness.provider, channel=channel, subject="s" if facts.subject != "none" else "", html="")
    await harness.provider.send(message, uuid4())
    async with harness.sessions() as session:
        row = (await session.execute(select(OutboxMessage))).scalar_one()
    assert (row.channel, row.journey_key, row.at, row.locale) == (channel, "cart", message.at, "ko")
    assert row.content["class"] == message.message_class
    assert row.content.get("template_code", "") == message.template_code


async def test_it_needs_to_know_whose_message_it_is(harness: OutboxHarness) -> None:
    with pytest.raises(DefinitionError):
        await harness.provider.send(message_for(harness.provider, tags={}), uuid4())
