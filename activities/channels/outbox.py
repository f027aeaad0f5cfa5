"""The development provider: every message of every channel is kept, as its receiver would see it, and none leaves."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
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
from orchestrator.core.channels import CHANNELS
from orchestrator.core.text import Text
from orchestrator.store.tables import OutboxMessage

TITLE = Text("Outbox (keeps, sends nothing)", "발송함 (보관만 하고 발송하지 않음)")
CARRIES = frozenset(CHANNELS)
_KEEP = insert(OutboxMessage).on_conflict_do_nothing()


class Outbox:
    """Keyed by the send's id: a second delivery changes nothing."""

    name = "outbox"
    capabilities = Capabilities(channels=CARRIES, html=True, sender=True, idempotent_for=FOREVER, extras=EXTRAS)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

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
            "content": {
                "subject": message.subject,
                "body": message.body,
                "html": message.html,
                "sender": message.sender,
                "class": message.message_class,
                **_extras(message),
                **({"test": True} if message.tags.get("test") else {}),
            },
            "at": message.at,
        }
        try:
            async with self._engine.connect() as db:
                await db.execute(_KEEP, row)
        except (DBAPIError, OSError) as error:
            raise Temporary(type(error).__name__, timedelta(seconds=1)) from None
        return Receipt(str(key), datetime.now(UTC))

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Nobody calls."""
        raise ValueError("the outbox has no callbacks")


def _extras(message: OutgoingMessage) -> dict[str, Any]:
    """What else the message says, as far as it says it."""
    values = asdict(message)
    return {name: values[name] for name in sorted(EXTRAS) if values[name]}


class Config(BaseModel):
    """Needs nothing but the database."""


def build(config: Config, services: Services) -> Outbox:
    """On the installation's own database."""
    return Outbox(services.engine)
