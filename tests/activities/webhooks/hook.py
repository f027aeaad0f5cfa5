"""A receiver of webhooks, and a shop whose journey calls it."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col
from temporalio.exceptions import ApplicationError

from activities.sending.deliver import DeliverInput, DeliverResult, Delivery
from activities.webhooks.call import Webhooks
from orchestrator.core.events.ids import send_id
from orchestrator.core.journey.plan import compile_journey
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.sending import SendRecord
from tests.activities.shop import NOON, RUN, Shop
from tests.protocol_servers.plain_http import Reply, Server

CALL = DeliverInput(str(RUN), "call", 1)
KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class Hook:
    """A receiver, and a shop whose journey calls it."""

    def __init__(self, shop: Shop, server: Server) -> None:
        self.shop = shop
        self.server = server
        self.replies: list[Reply] = []
        self.made: list[Webhooks] = []

    async def open(self, **settings: Any) -> None:
        await self.shop.open()
        url = self.server.url + "/customers/{{ customer.external_id }}?key=very-secret"
        document = {
            "key": "cart",
            "name": "cart",
            "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
            "steps": [
                {"id": "call", "kind": "webhook", "stage": "intake", "settings": {"url": url, **settings}},
                {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "done"}},
            ],
            "edges": [
                {"from": "entry", "to": "call"},
                {"from": "call", "port": "ok", "to": "end"},
                {"from": "call", "port": "failed", "to": "end"},
            ],
        }
        plan = compile_journey(document).plan
        assert plan is not None, compile_journey(document).problems
        await Plans(self.shop.engine).save(plan.hash, plan.body)
        await self.shop.change(Run, plan_hash=plan.hash)
        await self.shop.change(Customer, external_id="c/1")

    def delivery(self, *allow: str) -> Delivery:
        """As of a process of its own."""
        settings = Settings(webhook_secret=SecretStr(SECRET), outgoing_allow=allow or ("127.0.0.1",))
        self.made.append(Webhooks(self.shop.engine, settings))
        return Delivery(self.shop.engine, Plans(self.shop.engine), {}, {"webhook": self.made[-1]})

    async def call(self, now: datetime = NOON) -> DeliverResult:
        return await self.delivery().carry_out(CALL, now)

    async def fails_for_now(self, now: datetime = NOON) -> timedelta | None:
        with pytest.raises(ApplicationError) as caught:
            await self.call(now)
        assert caught.value.type == "Temporary"
        return caught.value.next_retry_delay

    async def row(self) -> SendRecord:
        async with self.shop.sessions() as session:
            key = send_id(RUN, "call", 1)
            return (await session.execute(select(SendRecord).where(col(SendRecord.id) == key))).scalar_one()
