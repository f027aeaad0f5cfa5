"""A loft: a provider that is thrown away again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from activities.channels.contract import Callback, Capabilities, OutgoingMessage, Receipt, Services
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

TITLE = Text("Loft")
CARRIES = frozenset({"sms"})


class Config(BaseModel):
    """What has to be known to send."""

    loft: str = Field(min_length=1, json_schema_extra=labelled(Text("Name")))


class Loft:
    """Carries nothing anywhere."""

    name = "loft"
    capabilities = Capabilities(CARRIES)

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Take the message over."""
        self.capabilities.refuse(message)
        return Receipt(str(key), datetime.now(UTC))

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """A pigeon reports nothing."""
        return ()


def build(config: Config, services: Services) -> Loft:
    """The provider."""
    return Loft()
