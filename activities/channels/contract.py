"""What a provider of a channel is: the message it is given, the receipt it gives, and how it says what went wrong.

A provider is one file in this folder: ``class Config(BaseModel)``, what has to be known to use it, from which the
console makes a form; a class that fulfils :class:`Provider`; and ``build(config, services)``, which makes it (see
``registry.py``). It refuses loudly what it cannot do: nothing is silently left out of a message. It does not retry;
Temporal does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.channels.kinds.bubbles.rules import Bubble
from orchestrator.core.channels.kinds.kakao_limits import Targeting
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.text import SOURCE, Text
from orchestrator.core.values import MessageClass
from orchestrator.settings import Settings

FOREVER = timedelta.max

ButtonKind = Literal["WL", "AL", "DS", "BK", "MD", "BC", "BT", "BF", "AC"]
"""As Kakao calls them: web link, app link, delivery tracking, keyword, message delivery, consultation, bot, form, add
the channel. Channels other than Kakao's know web links, and app links where there is an app."""


@dataclass(frozen=True, slots=True)
class Button:
    """What a customer may press. ``url``: where a web link goes; ``android``, ``ios``: an app's own addresses."""

    name: str
    kind: ButtonKind = "WL"
    url: str = ""
    url_pc: str = ""
    android: str = ""
    ios: str = ""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon shown as such. Kakao prescribes the shape of ``title``, for example ``3000원 할인 쿠폰``."""

    title: str
    description: str
    url: str
    url_pc: str = ""


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
    opt_out_number: str = ""
    """The free number (080…) at which the receiver opts out. It stands in ``body`` as well where the law asks for it;
    here it is for providers with a field of its own."""
    opt_out_url: str = ""
    """The one-click link for the same, likewise."""
    # From here on: what only some channels know. Each is one of EXTRAS.
    template_code: str = ""
    """The name under which the provider keeps an approved template (Alimtalk)."""
    template_variables: Mapping[str, str] = field(default_factory=dict)
    """What fills the approved template, by name without ``#{}``."""
    image: str = ""
    """An address (https), or the name under which the provider keeps it."""
    link: str = ""
    """Where a tap on the message, or on its image, leads."""
    buttons: tuple[Button, ...] = ()
    coupon: Coupon | None = None
    bubble: Bubble | Literal[""] = ""
    """Brand Message: the form of it. Empty: text, or a picture where there is one."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """What a Brand Message's bubble, or an approved Alimtalk, is made of besides (``core.channels.kinds``)."""
    targeting: Targeting | Literal[""] = ""
    """Brand Message: I the channel's friends, M who consented to the sender, N those of them who are no friends. Empty:
    as the provider is set up."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers of an e-mail."""
    data: Mapping[str, str] = field(default_factory=dict)
    """For the app or page that receives a push."""
    expires_at: datetime | None = None
    """Journey time after which it need not be shown any more."""


EXTRAS = frozenset(
    {
        "template_code",
        "template_variables",
        "image",
        "link",
        "buttons",
        "coupon",
        "bubble",
        "parts",
        "targeting",
        "headers",
        "data",
        "expires_at",
    }
)
"""Fields of a message that a provider uses if it says so (:attr:`Capabilities.extras`), and else refuses."""


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
    ``max_body``: characters, None: unlimited. ``extras``: which of :data:`EXTRAS` it uses; ``extras_of``: on a channel
    of its own, where that differs. ``most_at_once``: messages in one call; above 1 it has ``send_many``.
    ``rate_per_second``: messages that it, or our contract with it, allows. ``callbacks``: it calls us when it knows
    more. ``asks``: it can be asked what became of a message.
    """

    channels: frozenset[str]
    html: bool = False
    sender: bool = False
    classes: frozenset[MessageClass] = frozenset({"advertising", "informational"})
    max_body: int | None = None
    idempotent_for: timedelta | None = None
    callbacks: bool = False
    extras: frozenset[str] = frozenset()
    extras_of: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    most_at_once: int = 1
    rate_per_second: float | None = None
    asks: bool = False

    def used_on(self, channel: str) -> frozenset[str]:
        """Which of :data:`EXTRAS` it uses on a channel."""
        return self.extras_of.get(channel, self.extras)

    def refuse(self, message: OutgoingMessage) -> None:
        """Raises :class:`DefinitionError` for what this provider cannot do with a message."""
        if message.channel not in self.channels:
            raise Misconfigured(f"not supported: channel {message.channel}")
        for fault, what in (
            (message.message_class not in self.classes, f"class {message.message_class}"),
            (bool(message.html) and not self.html, "html"),
            (bool(message.sender) and not self.sender, "sender"),
            (CHANNELS[message.channel].subject == "required" and not message.subject, "no subject"),
            (bool(message.subject) and CHANNELS[message.channel].subject == "none", "subject"),
            (not message.body, "an empty body"),
            (self.max_body is not None and len(message.body) > self.max_body, f"over {self.max_body} characters"),
            *((bool(getattr(message, extra)), extra) for extra in sorted(EXTRAS - self.used_on(message.channel))),
        ):
            if fault:
                raise DefinitionError(f"not supported: {what}")


class DeliveryError(Exception):
    """A message was not, or not surely, taken over. The text is for operators and holds no personal data.

    ``raw``: what the provider said, likewise without addresses.
    """

    def __init__(self, message: str, raw: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.raw = dict(raw or {})

    def again(self) -> "DeliveryError":
        """The same, as an exception of its own: one that is raised in several tasks gathers their traces."""
        return type(self)(str(self), raw=self.raw)


class Unreachable(DeliveryError):
    """Surely not sent, and will not be: this address cannot be reached here. The next channel may be tried."""


class NobodyThere(Unreachable):
    """Surely not sent, and nobody will ever be reached at this address: a hard bounce, told at once."""


class OptedOut(Unreachable):
    """Surely not sent: the receiver has told the provider that they want no advertising by this channel."""


class Rejected(Unreachable):
    """Surely not sent: the provider refuses what this message says to this receiver (its length, a letter that the
    network does not carry). Others of the same definition may well go, and another channel may carry this one."""


class Ambiguous(DeliveryError):
    """Perhaps sent. Never tried again, never by another channel, until the provider can be asked."""


class DefinitionError(DeliveryError):
    """Surely not sent; the template, the sender or the configuration is wrong. It may still be the values of one
    customer that the message failed of."""


class Misconfigured(DefinitionError):
    """Surely not sent, and nobody's message would be: the account, the sender or what the channel is set up with is
    wrong, whatever the message says and to whom."""


class CallRefused(DefinitionError):
    """A call with several messages was refused as a whole, and it was not said which of them is at fault: surely none
    was sent. ``batching.py`` tries them apart, so that one bad message is not the fault of others."""


class Temporary(DeliveryError):
    """Surely not sent; may work later. ``after``: how long the provider asks to be left alone, real time."""

    def __init__(self, message: str, after: timedelta | None = None, raw: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, raw)
        self.after = after

    def again(self) -> "Temporary":
        """The same, as an exception of its own."""
        return Temporary(str(self), self.after, self.raw)


Result = Receipt | DeliveryError
"""What became of one message of several."""

CallbackKind = Literal[
    "accepted", "delivered", "unreachable", "failed", "opened", "clicked", "complained", "unsubscribed"
]
"""``accepted``: it is with the provider, and no more is known yet. ``unreachable``: surely not delivered, and this
address cannot be reached. ``failed``: surely not delivered, for another reason."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What a provider says later of a message: one vocabulary for all of them, the raw form kept (without addresses).

    ``key``: the send's id, where the provider gives it back. ``id``: the provider's own for this call, by which a
    second call with the same news is known; empty: it has none. ``at`` is real time. ``lasting``: nobody will ever be
    reached at this address. ``address``: of whom it is told, where it is told of no message (who opts out by phone).
    """

    provider_message_id: str
    what: CallbackKind
    at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict)
    key: UUID | None = None
    id: str = ""
    detail: str = ""
    """For operators, without personal data: the provider's code."""
    lasting: bool = False
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SubmittedMessage:
    """A message that a provider was given, as far as we remember it. ``sent_at`` is real time."""

    channel: str
    key: UUID
    recipient: str = field(repr=False)
    sent_at: datetime
    provider_message_id: str | None = None


class ConfigFault(ValueError):
    """Raised by a validator of a provider's ``Config``: what is wrong, in words."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.to(SOURCE))
        self.text = text


class WrongSignature(ValueError):
    """A call that claims to be a provider's and does not prove it."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a provider may be given besides its own configuration."""

    settings: Settings
    engine: AsyncEngine


class Provider(Protocol):
    """One way of carrying messages; lives as long as its configuration, used by many tasks at once."""

    @property
    def name(self) -> str:
        """Of its file."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Hand the message over, and return when the provider has taken it. Raises the errors above, no others."""

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """What a call to our address for this provider says. ``headers``: names in lower case.

        Raises :class:`WrongSignature` where it is not proven to be the provider's, another ``ValueError`` where it
        makes no sense. What it says of other things than messages is left out.
        """


@runtime_checkable
class SendsMany(Protocol):
    """A provider that takes many messages in one call (``most_at_once`` above 1); ``batching.py`` collects them."""

    async def send_many(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        """Hand over up to ``most_at_once`` messages: what became of each, in the same order.

        Raises a :class:`DeliveryError` where the same is true of all of them.
        """


@runtime_checkable
class SupportsStatusLookup(Protocol):
    """A provider that says what became of a message (``asks``)."""

    async def ask(self, message: SubmittedMessage) -> Callback | None:
        """What became of a message; None where the provider knows of none.

        Raises :class:`Temporary` or :class:`DefinitionError` where it could not be asked.
        """


@runtime_checkable
class Closes(Protocol):
    """A provider that holds connections."""

    async def close(self) -> None:
        """Give them back. Nobody uses the provider any more."""
