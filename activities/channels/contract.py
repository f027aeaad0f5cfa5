"""What a provider of a channel is: the message it is given, the receipt it gives, and how it says what went wrong.

A provider is one file in this folder with a class that fulfils :class:`Provider` and a function ``build`` that makes it
from the settings (see ``registry.py``). It refuses loudly what it cannot do: nothing is silently left out of a message.
It does not retry; Temporal does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

from orchestrator.core.channels import CHANNELS
from orchestrator.core.conditions import MessageClass

FOREVER = timedelta.max


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Everything that can be said of a message, each thing once; a provider uses it or refuses it.

    Its idempotency key, the send's id, is given beside it to :meth:`Provider.send`.
    """

    channel: str
    recipient: str
    """The address that the channel needs: e-mail, E.164 number, push token."""
    locale: str
    subject: str
    body: str
    """Plain text."""
    html: str
    sender: str
    """As the channel shows it: an e-mail address with a name, a registered number; empty: the provider's own."""
    message_class: MessageClass
    at: datetime
    """The journey's time; a demo's differs from the real one, by which a provider stamps what it sends."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Opaque ids for reports: ``customer``, ``journey``, ``step``."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has taken the message over. ``accepted_at`` is real time."""

    provider_message_id: str
    accepted_at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do.

    ``idempotent_for``: how long after a first call a second with the same key sends nothing more; None: it sends again.
    ``max_body``: characters, None: unlimited.
    """

    channels: frozenset[str]
    html: bool = False
    sender: bool = False
    classes: frozenset[MessageClass] = frozenset({"advertising", "informational"})
    max_body: int | None = None
    idempotent_for: timedelta | None = None
    callbacks: bool = False

    def refuse(self, message: OutgoingMessage) -> None:
        """Raises :class:`DefinitionError` for what this provider cannot do with a message."""
        if message.channel not in self.channels:
            raise DefinitionError(f"not supported: channel {message.channel}")
        for fault, what in (
            (message.message_class not in self.classes, f"class {message.message_class}"),
            (bool(message.html) and not self.html, "html"),
            (bool(message.sender) and not self.sender, "sender"),
            (message.channel == "email" and not message.subject, "an e-mail without a subject"),
            (bool(message.subject) and not CHANNELS[message.channel].subject, "subject"),
            (not message.body, "an empty body"),
            (self.max_body is not None and len(message.body) > self.max_body, f"over {self.max_body} characters"),
        ):
            if fault:
                raise DefinitionError(f"not supported: {what}")


class DeliveryError(Exception):
    """A message was not, or not surely, taken over. The text is for operators and holds no personal data."""


class Unreachable(DeliveryError):
    """Surely not sent, and will not be: this address cannot be reached here. The next channel may be tried."""


class Ambiguous(DeliveryError):
    """Perhaps sent. Never tried again, never by another channel, until the provider can be asked."""


class DefinitionError(DeliveryError):
    """Surely not sent; the template, the sender or the configuration is wrong, the same for every customer."""


class Temporary(DeliveryError):
    """Surely not sent; may work later. ``after``: how long the provider asks to be left alone, real time."""

    def __init__(self, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Callback:
    """What a provider says later of a message: one vocabulary for all of them, the raw form kept."""

    provider_message_id: str
    what: Literal["delivered", "unreachable", "failed", "opened", "clicked", "complained", "unsubscribed"]
    at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """One way of carrying messages; lives as long as the worker, used by many tasks at once."""

    @property
    def name(self) -> str:
        """Of its file."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Hand the message over, and return when the provider has taken it. Raises the errors above, no others."""

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """What a call to our address for this provider says. Raises ``ValueError`` when it is not the provider's."""
