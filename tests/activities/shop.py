"""A small shop in a real database: one journey with one message, one customer, one run standing at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from activities.channels.contract import FOREVER, Callback, Capabilities, OutgoingMessage, Receipt
from activities.sending.deliver import DeliverInput, Delivery
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.events.ids import send_id
from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.events import StoredEvent
from orchestrator.store.tables.journeys import Journey
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.workspace import Workspace

RUN = UUID("22222222-2222-4222-8222-222222222222")
CUSTOMER = UUID("11111111-1111-4111-8111-111111111111")
NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
"""Noon in Seoul."""
NIGHT = datetime(2026, 3, 2, 13, tzinfo=UTC)
"""22:00 in Seoul."""
NUDGE = DeliverInput(str(RUN), "nudge", 1)


SENDER = {"sender_name": "달빛상점", "sender_contact": "02-123-4567", "opt_out_number": "080-123-4567"}
OPT_OUT = "무료수신거부 080-123-4567"


@dataclass
class Recorder:
    """A provider that notes every call, and fails or waits as it is told to."""

    idempotent: bool = False
    calls: list[tuple[OutgoingMessage, UUID]] = field(default_factory=list)
    behave: Callable[[OutgoingMessage], Any] | None = None
    """Called with each message before it is taken; may raise, or return something to await."""
    name: str = "recorder"

    @property
    def capabilities(self) -> Capabilities:
        window = FOREVER if self.idempotent else None
        return Capabilities(frozenset(CHANNELS), html=True, sender=True, idempotent_for=window)

    @property
    def channels(self) -> list[str]:
        return [message.channel for message, _ in self.calls]

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        self.calls.append((message, key))
        waiting = self.behave(message) if self.behave else None
        if waiting is not None:
            await waiting
        return Receipt(f"p-{len(self.calls)}", datetime.now(UTC))

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        raise ValueError


def message_journey(**settings: Any) -> dict[str, Any]:
    """A journey file of one message step, ``nudge``."""
    message = {
        "channel": "sms",
        "class": "advertising",
        "content": {
            "ko": {"subject": "장바구니", "body": "{{ customer.first_name }}님, {{ entry.cart_id }} {{ var.coupon }}"}
        },
    }
    return {
        "key": "cart",
        "name": "cart",
        "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
        "variables": {"coupon": "SAVE10"},
        "steps": [
            {"id": "nudge", "kind": "message", "stage": "intake", "settings": {**message, **settings}},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "done"}},
        ],
        "edges": [
            {"from": "entry", "to": "nudge"},
            {"from": "nudge", "to": "end"},
        ],
    }


@dataclass
class Shop:
    """The database, and one provider for all channels."""

    engine: AsyncEngine
    provider: Recorder = field(default_factory=Recorder)
    redis: Redis | None = None

    def __post_init__(self) -> None:
        self.sessions = session_factory(self.engine)

    async def open(self, **settings: Any) -> "Shop":
        """Fill the database; ``settings`` are the message's."""
        result = compile_journey(message_journey(**settings))
        assert result.plan is not None, result.problems
        await Plans(self.engine).save(result.plan.hash, result.plan.body)
        entry: dict[str, Any] = {
            "message_id": "m-1",
            "customer_id": CUSTOMER,
            "name": "Cart Updated",
            "properties": {"cart_id": "c-1"},
        }
        async with self.sessions.begin() as session:
            session.add(Workspace(settings=dict(SENDER)))
            session.add(Journey(key="cart", status="live", live_version=1, created_at=NOON, updated_at=NOON))
            session.add(
                Customer(
                    id=CUSTOMER,
                    email="kim@example.com",
                    phone="+821012345678",
                    attributes={"first_name": "지은"},
                    consents=dict.fromkeys(CHANNELS, True),
                    created_at=NOON,
                    updated_at=NOON,
                )
            )
            session.add(StoredEvent(**entry, occurred_at=NOON, received_at=NOON))
            session.add(
                Run(
                    id=RUN,
                    workflow_id=f"cart/{CUSTOMER}",
                    journey_key="cart",
                    version=1,
                    plan_hash=result.plan.hash,
                    customer_id=CUSTOMER,
                    entry_message_id="m-1",
                    status="running",
                    entered_at=NOON,
                )
            )
        return self

    def delivery(self) -> Delivery:
        """As of a process of its own."""
        return Delivery(self.engine, Plans(self.engine), dict.fromkeys(CHANNELS, self.provider), redis=self.redis)

    async def change(self, table: Any, **values: Any) -> None:
        """Change the only row of a table."""
        async with self.sessions.begin() as session:
            await session.execute(update(table).values(**values))

    async def ledger(self, occurrence: int = 1) -> SendRecord | None:
        """The ledger's row."""
        async with self.sessions() as session:
            key = send_id(RUN, "nudge", occurrence)
            return (await session.execute(select(SendRecord).where(col(SendRecord.id) == key))).scalar_one_or_none()
