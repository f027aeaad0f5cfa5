"""SMTP fulfils the provider contract, against a real server on loopback that can fail at every point."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd import smtp as aiosmtpd

from activities.channels.contract import (
    Ambiguous,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    NobodyThere,
    Temporary,
    Unreachable,
)
from activities.channels.providers.smtp import Smtp
from tests.activities.channels.providers.provider_suite import ProviderSuite, message_for
from tests.waiting import forever, until

SENDER = "달빛상점 <news@shop.example>"


class Mailbox:
    """What the server does with what it hears; ``failing`` names the point at which it fails."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.failing = ""

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.failing == "sender refused":
            return "550 5.1.8 no such sender"
        if self.failing == "sender later":
            return "451 later"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.failing == "dies before the text":
            server.transport.abort()
            return "250 OK"
        answers = {
            "recipient refused": f"550 no {address}",
            "mailbox full": f"552 {address}",
            "greylisted": "450 later",
        }
        if self.failing in answers:
            return answers[self.failing]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.failing == "dies after the text":
            server.transport.abort()
            return "250 too late"
        if self.failing == "silent after the text":
            await forever()
        if self.failing == "text refused":
            return "554 looks like spam"
        if self.failing == "text later":
            return "452 no space"
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.taken.append((envelope.rcpt_tos, parsed))
        return "250 taken"


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> aiosmtpd.AuthResult:
    return aiosmtpd.AuthResult(success=(data.login, data.password) == (b"shop", b"right"), handled=False)


class SmtpHarness:
    """The provider and a server of its own."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "sender refused": ("", Misconfigured),
        "sender later": ("", Temporary),
        "recipient refused": ("", NobodyThere),
        "mailbox full": ("", Unreachable),
        "greylisted": ("", Temporary),
        "dies before the text": ("", Temporary),
        "dies inside the text": ("", Ambiguous),
        "dies after the text": ("", Ambiguous),
        "silent after the text": ("", Ambiguous),
        "text refused": ("", Unreachable),
        "text later": ("", Temporary),
        "wrong password": ("", Misconfigured),
        "no STARTTLS": ("", Misconfigured),
        "letters beyond ASCII": ("김@example.com", Unreachable),
        "nobody listens": ("", Temporary),
    }

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        self.mailbox = mailbox
        self.port = port
        self.made: list[Smtp] = []
        self.connections: list[Any] = []
        self.provider = self.to_server()

    def to_server(self, **options: Any) -> Smtp:
        port = options.pop("port", self.port)
        self.made.append(Smtp("127.0.0.1", port, SENDER, **{"starttls": False, "timeout": 1.0, **options}))
        return self.made[-1]

    async def arrived(self) -> list[dict[str, Any]]:
        return [self._read(recipients, message) for recipients, message in self.mailbox.taken]

    @staticmethod
    def _read(recipients: list[str], message: EmailMessage) -> dict[str, Any]:
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        return {
            "key": message["Message-ID"].strip("<>").partition("@")[0],
            "recipient": recipients[0],
            "subject": message["Subject"],
            "body": text.get_content().removesuffix("\n").replace("\r\n", "\n") if text else "",
            "html": html.get_content().removesuffix("\n") if html else "",
        }

    def fail(self, name: str) -> None:
        self.mailbox.failing = name
        options: dict[str, dict[str, Any]] = {
            "wrong password": {"username": "shop", "password": "wrong"},
            "no STARTTLS": {"starttls": True},
            "nobody listens": {"port": 1},
        }
        self.provider = self.to_server(**options.get(name, {}))


class Dying(aiosmtpd.SMTP):
    """Drops the connection when the first of the message's text comes in."""

    def data_received(self, data: bytes) -> None:
        inside = getattr(self, "_inside", False)
        if inside and self.event_handler.failing == "dies inside the text":
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()
            return
        self._inside = data.strip().upper() == b"DATA"
        super().data_received(data)


@pytest.fixture
async def harness() -> AsyncIterator[SmtpHarness]:
    mailbox = Mailbox()
    made: list[Any] = []

    def protocol() -> Any:
        made.append(Dying(mailbox, hostname="localhost", authenticator=_authenticate, auth_require_tls=False))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    harness = SmtpHarness(mailbox, server.sockets[0].getsockname()[1])
    harness.connections = made
    yield harness
    for provider in harness.made:
        await provider.close()
    server.close()
    for one in made:
        if one.transport is not None:
            one.transport.abort()
        if one._handler_coroutine is not None:
            one._handler_coroutine.cancel()
    await asyncio.sleep(0)
    await server.wait_closed()


class TestSmtp(ProviderSuite):
    """The shared suite."""


async def test_text_and_html_are_alternatives_of_one_message(harness: SmtpHarness) -> None:
    key = uuid4()
    await harness.provider.send(message_for(harness.provider), key)
    [(recipients, message)] = harness.mailbox.taken
    assert recipients == ["kim@example.com"]
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"] == f"<{key}@shop.example>"
    assert (message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec) == (
        "달빛상점",
        "news@shop.example",
    )
    assert message["Content-Language"] == "ko"
    assert message["Date"]


async def test_a_subject_that_would_smuggle_in_a_header_is_refused(harness: SmtpHarness) -> None:
    with pytest.raises(DefinitionError):
        await harness.provider.send(message_for(harness.provider, subject="a\r\nBcc: x@example.com"), uuid4())
    assert not harness.mailbox.taken


async def test_it_logs_in_where_it_has_a_name(harness: SmtpHarness) -> None:
    provider = harness.to_server(username="shop", password="right")
    await provider.send(message_for(provider), uuid4())
    assert len(harness.mailbox.taken) == 1


async def test_a_domain_of_other_letters_travels_as_idna(harness: SmtpHarness) -> None:
    await harness.provider.send(message_for(harness.provider, recipient="kim@예시.한국"), uuid4())
    assert harness.mailbox.taken[0][0] == ["kim@xn--vv4b11d.xn--3e0b707e"]


async def test_a_message_may_name_its_own_sender(harness: SmtpHarness) -> None:
    await harness.provider.send(message_for(harness.provider, sender="care@other.example"), uuid4())
    assert harness.mailbox.taken[0][1]["From"] == "care@other.example"
    with pytest.raises(DefinitionError):
        await harness.provider.send(message_for(harness.provider, sender="nobody"), uuid4())


async def test_advertising_can_be_unsubscribed_from_by_one_click(harness: SmtpHarness) -> None:
    way = "https://shop.example/u/abc"
    await harness.provider.send(message_for(harness.provider, opt_out_url=way), uuid4())
    taken = harness.mailbox.taken[0][1]
    assert taken["List-Unsubscribe"] == f"<{way}>"
    assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert taken["Feedback-ID"].endswith(":advertising:sojourn")


async def test_a_mailbox_stands_beside_the_link_and_http_is_no_place_for_one_click(harness: SmtpHarness) -> None:
    provider = harness.to_server(unsubscribe_mailbox="out@shop.example")
    await provider.send(message_for(provider, opt_out_url="http://localhost/u/abc"), uuid4())
    taken = harness.mailbox.taken[0][1]
    assert taken["List-Unsubscribe"] == (
        "<http://localhost/u/abc>, <mailto:out@shop.example?subject=unsubscribe%20abc>"
    )
    assert taken["List-Unsubscribe-Post"] is None


async def test_information_has_no_way_to_unsubscribe(harness: SmtpHarness) -> None:
    information = {"message_class": "informational", "opt_out_url": "https://shop.example/u/abc"}
    await harness.provider.send(message_for(harness.provider, **information), uuid4())
    assert harness.mailbox.taken[0][1]["List-Unsubscribe"] is None


async def test_one_connection_carries_many_messages(harness: SmtpHarness) -> None:
    for _ in range(3):
        await harness.provider.send(message_for(harness.provider), uuid4())
    assert len(harness.mailbox.taken) == 3
    assert len(harness.connections) == 1


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(harness: SmtpHarness) -> None:
    await harness.provider.send(message_for(harness.provider), uuid4())
    harness.connections[0].transport.abort()
    [(_, client)] = harness.provider._idle
    await until(lambda: not client.is_connected, "the connection is closed")
    await harness.provider.send(message_for(harness.provider), uuid4())
    assert len(harness.mailbox.taken) == 2


async def test_a_refused_recipient_spoils_no_other_message(harness: SmtpHarness) -> None:
    await harness.provider.send(message_for(harness.provider), uuid4())
    harness.mailbox.failing = "recipient refused"
    with pytest.raises(Unreachable):
        await harness.provider.send(message_for(harness.provider), uuid4())
    harness.mailbox.failing = ""
    await harness.provider.send(message_for(harness.provider), uuid4())
    assert len(harness.mailbox.taken) == 2
