"""A shop whose first channel tells only later what became of a message, as Kakao's providers do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from activities.channels.contract import (
    Callback,
    CallbackKind,
    Capabilities,
    OutgoingMessage,
    Provider,
    Receipt,
    SubmittedMessage,
)
from activities.sending.deliver import Delivery
from activities.sending.reconcile_sends import Reconciliation, Round
from activities.sending.reports import Reports
from orchestrator.core.events.ids import send_id
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.tables.sending import SendRecord
from tests.activities.shop import RUN, Recorder, Shop


@dataclass
class Teller(Recorder):
    """A provider that can be asked. ``knows``: what it says of each message, by our key."""

    name: str = "teller"
    knows: dict[UUID, CallbackKind] = field(default_factory=dict)
    asked: list[SubmittedMessage] = field(default_factory=list)
    away: Exception | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"alimtalk", "kakao_brand", "sms"}), callbacks=True, asks=True)

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        self.calls.append((message, key))
        self.knows.setdefault(key, "accepted")
        waiting = self.behave(message) if self.behave else None
        if waiting is not None:
            await waiting
        return Receipt(f"t-{key}", datetime.now(UTC))

    async def ask(self, message: SubmittedMessage) -> Callback | None:
        self.asked.append(message)
        if self.away is not None:
            raise self.away
        what = self.knows.get(message.key)
        return None if what is None else told(message.key, what)


def told(key: UUID, what: CallbackKind, **more: Any) -> Callback:
    """A report about the send with this key."""
    about = {"id": f"{key}:{what}", "detail": "teller 7", "raw": {"code": "7"}, **more}
    return Callback(f"t-{key}", what, datetime.now(UTC), key=key, **about)


@dataclass
class LaterShop:
    """The shop with two providers: ``teller`` for the first channel, ``plain`` for those behind it."""

    shop: Shop
    teller: Teller = field(default_factory=Teller)
    plain: Recorder = field(default_factory=Recorder)
    first: str = "sms"

    def __post_init__(self) -> None:
        providers: dict[str, Provider] = dict.fromkeys(("email", "push", "sms", "alimtalk", "kakao_brand"), self.plain)
        self.providers = providers | {self.first: self.teller}
        self.reports = Reports(self.shop.engine, self.shop.redis)

    def known(self) -> Mapping[str, Provider]:
        """As ``ActiveProviders`` answers."""
        return {provider.name: provider for provider in self.providers.values()}

    def delivery(self) -> Delivery:
        """As of a process of its own."""
        return Delivery(self.shop.engine, Plans(self.shop.engine), self.providers, redis=self.shop.redis)

    async def round(self, later: timedelta = timedelta(minutes=1)) -> Round:
        """One round of following up, ``later`` than now."""
        reconciliation = Reconciliation(self.shop.engine, self, self.delivery(), self.shop.redis)
        return await reconciliation.once(datetime.now(UTC) + later)

    async def rows(self) -> list[SendRecord]:
        """The ledger, in order."""
        async with self.shop.sessions() as session:
            found = await session.execute(select(SendRecord).order_by(SendRecord.created_at, SendRecord.channel))  # type: ignore[arg-type]
            return list(found.scalars())

    async def first_row(self) -> SendRecord:
        """That of the first channel."""
        row = await self.shop.ledger()
        assert row is not None
        return row


KEY = send_id(RUN, "nudge", 1)


async def briefly() -> None:
    """Let others run."""
    await asyncio.sleep(0)
