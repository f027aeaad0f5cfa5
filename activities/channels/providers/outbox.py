"""The development provider: every message of every channel is kept, as its receiver would see it, and none leaves."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import (
    EXTRAS,
    FOREVER,
    Callback,
    Capabilities,
    DefinitionError,
    OutgoingMessage,
    Receipt,
    Services,
    Temporary,
)
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.text import Text
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import dump_json
from orchestrator.store.sending.outbox_list import KEEP

TITLE = Text("Outbox (keeps, sends nothing)")
CARRIES = frozenset(CHANNELS)


class Outbox:
    """Keyed by the send's id: a second delivery changes nothing."""

    name = "outbox"
    capabilities = Capabilities(channels=CARRIES, html=True, sender=True, idempotent_for=FOREVER, extras=EXTRAS)

    def __init__(self, engine: AsyncEngine) -> None:
        self._direct = direct(engine)

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Keep it. A database that is away is a passing fault: nothing was kept."""
        self.capabilities.refuse(message)
        try:
            customer = UUID(message.tags.get("customer", ""))
        except ValueError:
            raise DefinitionError("the outbox needs the tag “customer”") from None
        row = {
            "id": key,
            "customer_id": customer,
            "journey_key": message.tags.get("journey", ""),
            "channel": message.channel,
            "recipient": message.recipient,
            "locale": message.locale,
            "content": dump_json(_content(message)),
            "at": message.at,
        }
        try:
            async with self._direct.connection() as db:
                await db.execute(KEEP, row)
        except (psycopg.Error, OSError) as error:
            raise Temporary(type(error).__name__, timedelta(seconds=1)) from None
        return Receipt(str(key), datetime.now(UTC))

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Nobody calls."""
        raise ValueError("the outbox has no callbacks")


def _content(message: OutgoingMessage) -> dict[str, Any]:
    """What the message says, and of what only some channels know as much as it says."""
    extras = {name: value for name in sorted(EXTRAS) if (value := getattr(message, name))}
    return {
        "subject": message.subject,
        "body": message.body,
        "html": message.html,
        "sender": message.sender,
        "class": message.message_class,
        **{name: _plain(value) for name, value in extras.items()},
        **({"test": True} if message.tags.get("test") else {}),
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


class Config(BaseModel):
    """Needs nothing but the database."""


def build(config: Config, services: Services) -> Outbox:
    """On the installation's own database."""
    return Outbox(services.engine)
