"""E-mail over SMTP (RFC 5321), to a relay.

What a failure means depends on when it comes. Until the message's text has begun to flow, nothing was sent. From then
until the server's answer, a lost connection leaves it open whether the server took the message: :class:`Ambiguous`.

Connections are kept for a little while, because greeting, encrypting and signing in take longer than a message. DKIM
signatures, queues and reports of bounces are the relay's work.
"""

import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, parseaddr
from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import UUID

import aiosmtplib
from pydantic import BaseModel, Field, SecretStr, field_validator

from activities.channels.contract import (
    Ambiguous,
    Callback,
    Capabilities,
    ConfigFault,
    DefinitionError,
    Misconfigured,
    NobodyThere,
    OutgoingMessage,
    Receipt,
    Services,
    Temporary,
    Unreachable,
)
from orchestrator.core.channels.email_address import travelling_email
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.settings import Settings

TITLE = Text("SMTP server")
CARRIES = frozenset({"email"})

# Not every mail program reads a List-Unsubscribe that is folded; the subject is folded before it comes here.
WIRE = compat32.clone(linesep="\r\n", max_line_length=900)
_NO_NAME = Text("Leave empty if the server needs none.")
TIMEOUT = 20.0
"""Seconds for each answer of the server; a whole delivery must stay within the activity's own limit."""
NO_MAILBOX = frozenset({550, 551, 553})
"""Answers to a recipient that mean nobody: RFC 5321, 4.2.3."""
MOST_IDLE = 4
"""Connections that are kept while nothing is sent."""
IDLE = 10.0
"""Seconds for which one is kept; servers wait longer (RFC 5321, 4.5.3.2.7: five minutes)."""


class Smtp:
    """A server that takes e-mail. ``tls_context``: None for the system's certificates."""

    name = "smtp"
    capabilities = Capabilities(channels=CARRIES, html=True, sender=True)

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        username: str = "",
        password: str = "",
        starttls: bool = True,
        timeout: float = TIMEOUT,
        tls_context: ssl.SSLContext | None = None,
        unsubscribe_mailbox: str = "",
    ) -> None:
        self._sender = sender
        self._connection = {
            "hostname": host,
            "port": port,
            "username": username or None,
            "password": password or None,
            "start_tls": starttls,
            "timeout": timeout,
            "tls_context": tls_context,
            "local_hostname": (_read_mailbox(sender) or ("", ""))[1].rpartition("@")[2] or "localhost",
        }
        self._mailbox = unsubscribe_mailbox
        self._idle: list[tuple[float, aiosmtplib.SMTP]] = []

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Hand it to the server. Its ``Message-ID`` is made of the key, so that receivers can see a repetition."""
        self.capabilities.refuse(message)
        sender, recipient = _wire_sender(message.sender or self._sender), _wire_recipient(message.recipient)
        wire = as_email(message, key, message.sender or self._sender, recipient, self._mailbox)
        client = await self._open(sender, recipient)
        try:
            answer = await self._hand_over(client, wire)
        except BaseException:
            client.close()
            raise
        self._keep(client)
        return Receipt(wire["Message-ID"], datetime.now(UTC), {"code": answer.code, "message": answer.message})

    async def close(self) -> None:
        """Take leave of the server."""
        for _, client in self._idle:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()
        self._idle.clear()

    def _keep(self, client: aiosmtplib.SMTP) -> None:
        """For the next message; what has waited for too long, or would be too many, is let go."""
        now = monotonic()
        self._idle.append((now, client))
        while len(self._idle) > MOST_IDLE or self._idle[0][0] < now - IDLE:
            self._idle.pop(0)[1].close()

    def _kept(self) -> aiosmtplib.SMTP | None:
        """The connection that was used last, if it is still good."""
        while self._idle:
            since, client = self._idle.pop()
            if client.is_connected and since >= monotonic() - IDLE:
                return client
            client.close()
        return None

    async def _open(self, sender: str, recipient: str) -> aiosmtplib.SMTP:
        """A connection on which sender and recipient are agreed: the last moment at which surely nothing was sent.

        A kept connection that the server has closed meanwhile is no failure of the message: a new one takes its place.
        """
        kept = self._kept()
        try:
            if kept is not None:
                with suppress(aiosmtplib.SMTPServerDisconnected):
                    return await _agreed(kept, sender, recipient)
            return await _agreed(aiosmtplib.SMTP(**self._connection), sender, recipient)  # type: ignore[arg-type]
        except aiosmtplib.SMTPRecipientRefused as refused:
            raise _meaning(refused, NobodyThere if refused.code in NO_MAILBOX else Unreachable) from None
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPHeloError) as refused:
            raise _meaning(refused, Misconfigured) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # The bare class says that the server lacks what we are set to use: STARTTLS, or a way to log in.
            lacking = type(error) in (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported)
            raise Misconfigured(str(error)) if lacking else Temporary(type(error).__name__) from None

    async def _hand_over(self, client: aiosmtplib.SMTP, wire: MIMEMultipart) -> aiosmtplib.SMTPResponse:
        try:
            answer = await client.data(wire.as_bytes())
        except aiosmtplib.SMTPDataError as refused:
            raise _meaning(refused, Unreachable) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Ambiguous(type(error).__name__) from None
        return answer

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """SMTP reports by e-mail, which is read elsewhere."""
        raise ValueError("SMTP has no callbacks")


async def _agreed(client: aiosmtplib.SMTP, sender: str, recipient: str) -> aiosmtplib.SMTP:
    try:
        if not client.is_connected:
            await client.connect()
        await client.mail(sender)
        await client.rcpt(recipient)
    except BaseException:
        client.close()
        raise
    return client


def _meaning(
    refused: aiosmtplib.SMTPResponseException, permanent: type[Unreachable] | type[Misconfigured]
) -> Temporary | Unreachable | Misconfigured:
    """4yz: later; 5yz: never (RFC 5321, 4.2.1). The server's words may name the recipient and are left out."""
    return Temporary(f"SMTP {refused.code}") if refused.code < 500 else permanent(f"SMTP {refused.code}")


def as_email(
    message: OutgoingMessage, key: UUID, sender: str, recipient: str, unsubscribe_mailbox: str = ""
) -> MIMEMultipart:
    """The message as it travels: text, with HTML beside it as the alternative. Raises :class:`DefinitionError`.

    The library's older classes, because the folding of the newer ``EmailMessage`` swallows spaces between encoded words
    (python/cpython issue 92081 and others), which is to say in nearly every Korean subject.
    """
    name, address = parseaddr(sender)[0], _wire_sender(sender)
    if any(line_break in part for part in (sender, message.subject) for line_break in "\r\n"):
        raise DefinitionError("a header with a line break")
    wire = MIMEMultipart("alternative", policy=WIRE)
    wire["From"] = f"{Header(name, 'utf-8').encode(linesep='')} <{address}>" if name else address
    wire["To"] = recipient
    wire["Subject"] = Header(message.subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
    wire["Date"] = format_datetime(datetime.now(UTC))
    wire["Message-ID"] = f"<{key}@{address.rpartition('@')[2]}>"
    wire["Content-Language"] = message.locale
    for header, value in _list_unsubscribe(message, unsubscribe_mailbox).items():
        wire[header] = value
    wire["Feedback-ID"] = _feedback_id(message)
    wire.attach(MIMEText(message.body, "plain", "utf-8"))
    if message.html:
        wire.attach(MIMEText(message.html, "html", "utf-8"))
    return wire


def _list_unsubscribe(message: OutgoingMessage, mailbox: str) -> dict[str, str]:
    """How a mail program offers to unsubscribe from advertising: RFC 2369, and one click by RFC 8058 where the address
    is one of https, as that RFC demands."""
    if message.message_class != "advertising":
        return {}
    address = message.opt_out_url if message.opt_out_url.isascii() else ""
    subject = quote(f"unsubscribe {address.rpartition('/')[2]}".strip())
    ways = [f"<{address}>"] if address else []
    ways += [f"<mailto:{mailbox}?subject={subject}>"] if mailbox else []
    headers = {"List-Unsubscribe": ", ".join(ways)} if ways else {}
    if address.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _feedback_id(message: OutgoingMessage) -> str:
    """By which Gmail's Postmaster Tools tell complaints apart: step, journey, class, and who sends."""
    parts = (message.tags.get("step", ""), message.tags.get("journey", ""), message.message_class, "sojourn")
    return ":".join(re.sub(r"[^A-Za-z0-9_.-]", "_", part) for part in parts)


def _wire_sender(sender: str) -> str:
    found = _read_mailbox(sender)
    if found is None:
        raise Misconfigured("the sender is not an e-mail address")
    return found[1]


def _read_mailbox(text: str) -> tuple[str, str] | None:
    """Name and address of ``news@shop.example`` or ``Shop <news@shop.example>``; the address as it travels."""
    name, written = parseaddr(text)
    if text.strip() != written and not text.rstrip().endswith(f"<{written}>"):
        return None  # it reads more into a text than stands there
    local, _, domain = written.rpartition("@")
    if domain == "localhost":  # a sender on this machine, for trying out
        return None if travelling_email(f"{local}@localhost.example") is None else (name, written)
    address = travelling_email(written)
    return None if address is None else (name, address)


def _wire_recipient(recipient: str) -> str:
    """The address in ASCII: the domain as IDNA. A local part of other letters needs SMTPUTF8, which we do not speak."""
    address = travelling_email(recipient)
    if address is None:
        raise Unreachable("the address needs SMTPUTF8")
    return address


class Config(BaseModel):
    """Which server, and as whom."""

    host: str = Field(min_length=1, json_schema_extra=labelled(Text("Server")))
    port: int = Field(587, ge=1, le=65535, json_schema_extra=labelled(Text("Path")))
    username: str = Field("", json_schema_extra=labelled(Text("User name"), help=_NO_NAME))
    password: SecretStr = Field(SecretStr(""), json_schema_extra=labelled(Text("Password")))
    starttls: bool = Field(True, json_schema_extra=labelled(Text("Encrypt with STARTTLS")))
    sender: str = Field(
        min_length=3,
        json_schema_extra=labelled(
            Text("From"),
            help=Text("With or without a name: Shop <news@shop.example>"),
        ),
    )

    unsubscribe_mailbox: str = Field(
        "",
        json_schema_extra=labelled(
            Text("Mailbox for opting out"),
            help=Text("Shown to mail apps next to the link. Someone has to process these requests by hand."),
            advanced=True,
        ),
    )

    @field_validator("unsubscribe_mailbox")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        if value and travelling_email(value) is None:
            raise ConfigFault(Text("This is not an e-mail address."))
        return travelling_email(value) or ""

    @field_validator("sender")
    @classmethod
    def _address(cls, value: str) -> str:
        if _read_mailbox(value) is None:
            raise ConfigFault(Text("This is not an e-mail address."))
        return value


def defaults(settings: Settings) -> dict[str, Any]:
    """The ``smtp_*`` settings and ``email_from``."""
    return {
        "host": settings.smtp_host,
        "port": settings.smtp_port,
        "username": settings.smtp_username,
        "password": settings.smtp_password,
        "starttls": settings.smtp_starttls,
        "sender": settings.email_from,
    }


def build(config: Config, services: Services) -> Smtp:
    """To the server that is configured."""
    return Smtp(
        config.host,
        config.port,
        config.sender,
        username=config.username,
        password=config.password.get_secret_value(),
        starttls=config.starttls,
        unsubscribe_mailbox=config.unsubscribe_mailbox,
    )
