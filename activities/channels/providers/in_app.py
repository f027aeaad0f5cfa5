"""Messages on the shop's own pages: kept here until the customer is there, and the snippet (``/sojourn.js``) asks.

``data`` of a message may say how it is shown: ``layout`` is ``banner`` (a line at the bottom) or ``modal`` (in front of
the page); without it what is short and has no picture is a banner.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import (
    FOREVER,
    Callback,
    Capabilities,
    DefinitionError,
    OutgoingMessage,
    Receipt,
    Services,
    Temporary,
)
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.store.tables.sending import InAppMessage

TITLE = Text("On the shop's pages")
CARRIES = frozenset({"in_app"})
LAYOUTS = frozenset({"banner", "modal"})
SHORT = 140
"""Characters up to which a message is a banner."""

_KEEP = insert(InAppMessage).on_conflict_do_nothing()


class Config(BaseModel):
    """How long messages wait for a customer to come by."""

    days: int = Field(
        14,
        ge=1,
        le=365,
        json_schema_extra=labelled(
            Text("Waits for the customer (days)"),
            help=Text("After that it is no longer shown."),
        ),
    )


class InApp:
    """Keyed by the send's id: a second delivery changes nothing."""

    name = "in_app"
    capabilities = Capabilities(
        channels=CARRIES,
        extras=frozenset({"link", "image", "buttons", "data", "expires_at"}),
        idempotent_for=FOREVER,
    )

    def __init__(self, config: Config, engine: AsyncEngine) -> None:
        self._lasts = timedelta(days=config.days)
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Keep it. A database that is away is a passing fault: nothing was kept."""
        self.capabilities.refuse(message)
        until = message.at + self._lasts
        try:
            row = {
                "id": key,
                "customer_id": UUID(message.recipient),
                "content": shown(message),
                "at": message.at,
                "expires_at": min(until, message.expires_at) if message.expires_at else until,
            }
        except ValueError:
            raise DefinitionError("the recipient is no customer") from None
        try:
            async with self._engine.connect() as db:
                await db.execute(_KEEP, row)
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise Temporary(type(error).__name__, timedelta(seconds=1)) from None
        return Receipt(str(key), datetime.now(UTC))

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """The snippet reports by itself (``api/channels/onsite.py``)."""
        raise ValueError("on-site messages have no callbacks")


def shown(message: OutgoingMessage) -> dict[str, Any]:
    """What the snippet is given."""
    layout = message.data.get("layout", "")
    if layout not in LAYOUTS:
        layout = "banner" if len(message.body) <= SHORT and not message.image else "modal"
    said = {
        "title": message.subject,
        "body": message.body,
        "lang": message.locale,
        "link": message.link,
        "image": message.image,
        "buttons": [{"name": button.name, "url": button.url} for button in message.buttons if button.url],
        "layout": layout,
    }
    return {name: value for name, value in said.items() if value}


def build(config: Config, services: Services) -> InApp:
    """Needs nothing but the database."""
    return InApp(config, services.engine)
