"""On-site messages fulfil the provider contract: the database keeps them until the customer comes by."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import Button, DefinitionError, DeliveryError, Temporary
from activities.channels.providers.in_app import Config, InApp
from orchestrator.store.database import create_engine
from orchestrator.store.tables.sending import InAppMessage
from tests.activities.channels.providers.provider_suite import ProviderSuite, message_for


class InAppHarness:
    """The provider and its database."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "no customer": ("kim@example.com", DefinitionError),
        "no database": ("", Temporary),
    }

    def __init__(self, engine: AsyncEngine, nowhere: AsyncEngine) -> None:
        self.engine = engine
        self.nowhere = nowhere
        self.provider = InApp(Config(days=14), engine)

    async def rows(self) -> list[InAppMessage]:
        async with self.engine.connect() as db:
            found = await db.execute(select(InAppMessage).order_by(InAppMessage.at, InAppMessage.id))  # type: ignore[arg-type]
            return [InAppMessage(**row) for row in found.mappings()]

    async def arrived(self) -> list[dict[str, Any]]:
        return [
            {
                "key": str(row.id),
                "recipient": str(row.customer_id),
                "subject": row.content.get("title", ""),
                "body": row.content["body"],
                "html": "",
            }
            for row in await self.rows()
        ]

    def fail(self, name: str) -> None:
        self.provider = InApp(Config(days=14), self.nowhere if name == "no database" else self.engine)


@pytest.fixture
async def harness(database_url: str) -> AsyncIterator[InAppHarness]:
    engine, nowhere = create_engine(database_url), create_engine("postgresql+psycopg://x@127.0.0.1:1/x")
    yield InAppHarness(engine, nowhere)
    await engine.dispose()
    await nowhere.dispose()


class TestInApp(ProviderSuite):
    """The shared suite."""


async def test_it_waits_no_longer_than_it_is_worth(harness: InAppHarness) -> None:
    message = message_for(harness.provider)
    for expires in (None, message.at + timedelta(days=1), message.at + timedelta(days=99)):
        await harness.provider.send(replace(message, expires_at=expires), uuid4())
    ends = sorted(row.expires_at - message.at for row in await harness.rows() if row.expires_at)
    assert ends == [timedelta(days=1), timedelta(days=14), timedelta(days=14)]


@pytest.mark.parametrize(
    ("changes", "layout"),
    [
        ({"body": "짧게"}, "banner"),
        ({"body": "길게" * 100}, "modal"),
        ({"body": "짧게", "image": "https://shop.example/a.png"}, "modal"),
        ({"body": "짧게", "data": {"layout": "modal"}}, "modal"),
        ({"body": "짧게", "data": {"layout": "sideways"}}, "banner"),
    ],
)
async def test_how_it_is_shown(harness: InAppHarness, changes: dict[str, Any], layout: str) -> None:
    await harness.provider.send(message_for(harness.provider, **changes), uuid4())
    [row] = await harness.rows()
    assert row.content["layout"] == layout


async def test_buttons_lead_somewhere(harness: InAppHarness) -> None:
    buttons = (Button("보기", url="https://shop.example/l/1"), Button("채널 추가", kind="AC"))
    await harness.provider.send(message_for(harness.provider, buttons=buttons), uuid4())
    [row] = await harness.rows()
    assert row.content["buttons"] == [{"name": "보기", "url": "https://shop.example/l/1"}]
