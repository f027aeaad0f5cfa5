"""What every provider must do. A provider's test file subclasses :class:`ProviderSuite` and gives it a ``harness``.

What only some providers can do is asked of those that say so in their capabilities: of these the harness is a
:class:`Batches`, :class:`CallsUs` or :class:`Answers` as well.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from activities.channels.batching import Batching
from activities.channels.contract import (
    EXTRAS,
    Button,
    Callback,
    CallbackKind,
    Coupon,
    DefinitionError,
    DeliveryError,
    OutgoingMessage,
    Provider,
    Receipt,
    SendsMany,
    SubmittedMessage,
    SupportsStatusLookup,
    WrongSignature,
)
from orchestrator.core.channels.registry import CHANNELS

ADDRESSES = {
    "email": "kim@example.com",
    "phone": "+821012345678",
    "push_token": "token-0123456789",
    "web_push": json.dumps(
        {
            "endpoint": "https://push.example/0123456789",
            "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx", "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
        }
    ),
    "customer": str(UUID(int=7)),
}
BODY = "안녕하세요, 지은님.\n.점으로 시작하는 줄\n\n봄 세일 🌸 ₩12,300 — “지금”"
SMS_BODY = "(광고) 달빛상점 봄 세일 “지금”\n무료거부 0801234567"
"""In letters that the text network carries, and few enough for a short one."""
LONG_SUBJECT = "(광고) 지은님께 드리는 아주 긴 제목의 봄 소식, 한 줄에 다 들어가지 않을 만큼 긴"
USED: Mapping[str, Any] = {
    "template_code": "welcome",
    "template_variables": {"name": "지은"},
    "image": "https://shop.example/spring.png",
    "link": "https://shop.example/spring",
    "buttons": (Button("보러 가기", url="https://shop.example/spring"),),
    "coupon": Coupon("3000원 할인 쿠폰", "봄맞이 할인", "https://shop.example/coupon"),
    "bubble": "WIDE",
    "parts": {"header": "봄"},
    "targeting": "I",
    "headers": {"X-Journey": "cart"},
    "data": {"screen": "cart"},
    "expires_at": datetime(2026, 3, 9, tzinfo=UTC),
}
"""Of each of ``EXTRAS``, a value."""


class Harness(Protocol):
    """A provider against something that receives."""

    provider: Provider
    failures: dict[str, tuple[str, type[DeliveryError]]]
    """By name: an address (or empty for the usual one) and the error that sending then gives. See :meth:`fail`."""

    async def arrived(self) -> list[dict[str, Any]]:
        """What has come through, in order: ``key``, ``recipient``, ``subject``, ``body``, ``html``."""

    def fail(self, name: str) -> None:
        """From now on the receiving side fails in this way."""


class Batches(Harness, Protocol):
    """Of a provider that takes many messages at once."""

    refused: dict[str, type[DeliveryError]]
    """Addresses that the receiving side refuses, one by one, while it takes the rest of the same call."""

    @property
    def calls(self) -> int:
        """How often the receiving side was called to send."""


class CallsUs(Harness, Protocol):
    """Of a provider that reports what became of messages."""

    def report(self, receipt: Receipt, key: UUID, what: CallbackKind) -> tuple[dict[str, str], bytes]:
        """The call that the receiving side makes: headers (names in lower case) and body."""

    def forged(self, receipt: Receipt, key: UUID) -> tuple[dict[str, str], bytes]:
        """The same call from somebody who does not know the secret."""


class Answers(Harness, Protocol):
    """Of a provider that can be asked."""

    heard_but_silent: str
    """The failure in which a message is taken, and nobody says so."""

    def settle(self, key: UUID, what: CallbackKind) -> None:
        """The receiving side knows now what became of a message."""


def message_for(provider: Provider, **changes: Any) -> OutgoingMessage:
    """A message that every provider of the channel (the first of the provider's, unless said) can carry."""
    channel = changes.get("channel") or sorted(provider.capabilities.channels)[0]
    facts = CHANNELS.get(channel, CHANNELS["email"])
    message = OutgoingMessage(
        channel=channel,
        recipient=ADDRESSES[facts.contact.name],
        locale="ko",
        subject=("(광고) 봄 소식" if channel == "sms" else LONG_SUBJECT) if facts.subject != "none" else "",
        body=SMS_BODY if channel == "sms" else BODY,
        html="<p>안녕하세요 &amp; 🌸</p>" if facts.html and provider.capabilities.html else "",
        sender="",
        message_class="advertising" if "advertising" in facts.classes else "informational",
        at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        tags={"customer": str(UUID(int=7)), "journey": "cart", "step": "nudge"},
        opt_out_number="0801234567",
    )
    if channel == "alimtalk" and "template_code" in provider.capabilities.extras:
        message = replace(message, template_code="welcome", template_variables={"name": "지은"})
    return replace(message, **changes)


def _channels(harness: Harness) -> list[str]:
    return sorted(harness.provider.capabilities.channels)


class ProviderSuite:
    """Shared tests; ``harness`` is the subclass's fixture."""

    async def test_a_message_arrives_as_it_was_written(self, harness: Harness) -> None:
        for channel in _channels(harness):
            message, key = message_for(harness.provider, channel=channel), uuid4()
            before = datetime.now(UTC)
            receipt = await harness.provider.send(message, key)
            assert before <= receipt.accepted_at <= datetime.now(UTC)
            assert receipt.provider_message_id
            arrived = (await harness.arrived())[-1]
            assert arrived["recipient"] == message.recipient, channel
            assert arrived["subject"] == message.subject, channel
            assert arrived["body"] == message.body, channel
            assert arrived["html"] == message.html, channel
            assert arrived["key"] == str(key), channel
        assert len(await harness.arrived()) == len(_channels(harness))

    async def test_the_same_key_again_is_the_same_message(self, harness: Harness) -> None:
        message, key = message_for(harness.provider), uuid4()
        first, second = [await harness.provider.send(message, key) for _ in range(2)]
        arrived = await harness.arrived()
        assert {one["key"] for one in arrived} == {str(key)}
        if harness.provider.capabilities.idempotent_for:
            assert len(arrived) == 1
            assert first.provider_message_id == second.provider_message_id
        assert len(arrived) <= 2

    async def test_many_at_once_all_arrive(self, harness: Harness) -> None:
        keys = [uuid4() for _ in range(8)]
        await asyncio.gather(*(harness.provider.send(message_for(harness.provider), key) for key in keys))
        assert {one["key"] for one in await harness.arrived()} == set(map(str, keys))

    async def test_what_it_cannot_do_it_refuses(self, harness: Harness) -> None:
        capabilities = harness.provider.capabilities
        refused: list[dict[str, Any]] = [{"body": ""}, {"channel": "pigeon"}]
        refused += [{"channel": channel} for channel in CHANNELS if channel not in capabilities.channels]
        refused += [] if capabilities.html else [{"html": "<p>x</p>"}]
        refused += [] if capabilities.sender else [{"sender": "someone"}]
        refused += [{"body": "x" * (capabilities.max_body + 1)}] if capabilities.max_body else []
        refused += [{"subject": ""}] if capabilities.channels == {"email"} else []
        refused += [{extra: USED[extra]} for extra in sorted(EXTRAS - capabilities.extras)]
        for changes in refused:
            with pytest.raises(DefinitionError):
                await harness.provider.send(message_for(harness.provider, **changes), uuid4())
        assert await harness.arrived() == []

    async def test_each_failure_has_its_meaning_and_names_nobody(self, harness: Harness) -> None:
        for name, (recipient, meaning) in harness.failures.items():
            harness.fail(name)
            message = message_for(harness.provider)
            message = replace(message, recipient=recipient or message.recipient)
            with pytest.raises(DeliveryError) as caught:
                await harness.provider.send(message, uuid4())
            assert type(caught.value) is meaning, (name, caught.value)
            digits = message.recipient.lstrip("+82").lstrip("0")
            for said in (str(caught.value), json.dumps(caught.value.raw, default=str)):
                assert message.recipient not in said, name
                assert digits not in said, name
            assert caught.value.__cause__ is None, name

    async def test_each_of_many_gets_its_own_result(self, harness: Batches) -> None:
        provider = harness.provider
        if provider.capabilities.most_at_once == 1:
            return
        assert isinstance(provider, SendsMany)
        good = [ADDRESSES["phone"][:-2] + f"{n:02}" for n in range(10)]
        addresses = [address for pair in zip(good, harness.refused, strict=False) for address in pair] + good[5:]
        for channel in _channels(harness):
            messages = [(message_for(provider, channel=channel, recipient=address), uuid4()) for address in addresses]
            before = len(await harness.arrived())
            results = await provider.send_many(messages)
            assert len(results) == len(messages)
            for (message, _), result in zip(messages, results, strict=True):
                expected = harness.refused.get(message.recipient, Receipt)
                assert type(result) is expected, (channel, result)
            both = zip(messages, results, strict=True)
            taken = {str(key) for (_, key), result in both if isinstance(result, Receipt)}
            arrived = [one["key"] for one in (await harness.arrived())[before:]]
            assert (set(arrived), len(arrived)) == (taken, len(taken))
            ids = [result.provider_message_id for result in results if isinstance(result, Receipt)]
            assert len(set(ids)) == len(ids)

    async def test_what_is_sent_together_travels_together(self, harness: Batches) -> None:
        provider = harness.provider
        if provider.capabilities.most_at_once == 1:
            return
        batching = Batching(provider, gather=0.02)
        addresses = [ADDRESSES["phone"][:-2] + f"{n:02}" for n in range(40)]
        for channel in _channels(harness):
            before = harness.calls
            messages = [message_for(provider, channel=channel, recipient=address) for address in addresses]
            await asyncio.gather(*(batching.send(message, uuid4()) for message in messages))
            assert harness.calls - before == 1, channel

    async def test_a_report_is_understood_once_it_is_proven(self, harness: CallsUs) -> None:
        provider = harness.provider
        if not provider.capabilities.callbacks:
            return
        for channel in _channels(harness):
            for what in ("delivered", "unreachable", "failed"):
                key = uuid4()
                receipt = await provider.send(message_for(provider, channel=channel), key)
                call = harness.report(receipt, key, what)
                first, again = provider.parse_callback(*call), provider.parse_callback(*call)
                [told] = first
                assert told.what == what, channel
                assert told.key == key or told.provider_message_id == receipt.provider_message_id
                assert told.id
                assert [one.id for one in again] == [told.id]
                assert told.at.tzinfo is not None
                assert ADDRESSES["phone"][3:] not in json.dumps(told.raw, default=str) + told.detail
        with pytest.raises(WrongSignature):
            provider.parse_callback(*harness.forged(receipt, key))
        headers, body = harness.report(receipt, key, "delivered")
        with pytest.raises(ValueError, match=r"."):
            provider.parse_callback(headers, body[:-2])

    async def test_it_says_what_became_of_a_message_when_asked(self, harness: Answers) -> None:
        provider = harness.provider
        if not provider.capabilities.asks:
            return
        assert isinstance(provider, SupportsStatusLookup)
        for channel in _channels(harness):
            key, now = uuid4(), datetime.now(UTC)
            message = message_for(provider, channel=channel)
            harness.fail(harness.heard_but_silent)
            with pytest.raises(DeliveryError):
                await provider.send(message, key)
            harness.fail("")
            handed = SubmittedMessage(channel, key, message.recipient, now)
            assert (await _asked(provider, handed)).what == "accepted", channel
            for what in ("delivered", "unreachable", "failed"):
                harness.settle(key, what)
                told = await _asked(provider, handed)
                assert told.what == what, channel
                assert told.key in (None, key)
                known = replace(handed, provider_message_id=told.provider_message_id)
                assert (await _asked(provider, known)).what == what, channel
            unknown = SubmittedMessage(channel, uuid4(), message.recipient, now - timedelta(minutes=1))
            assert await provider.ask(unknown) is None

    async def test_a_call_that_is_not_the_providers_is_refused(self, harness: Harness) -> None:
        with pytest.raises(ValueError, match=r"."):
            harness.provider.parse_callback({"content-type": "application/json"}, b'{"not": "ours"}')

    async def test_it_says_who_it_is(self, harness: Harness) -> None:
        capabilities = harness.provider.capabilities
        assert harness.provider.name
        assert capabilities.channels <= set(CHANNELS)
        assert capabilities.extras <= EXTRAS
        assert (capabilities.most_at_once > 1) <= isinstance(harness.provider, SendsMany)
        assert capabilities.asks <= isinstance(harness.provider, SupportsStatusLookup)


async def _asked(provider: SupportsStatusLookup, handed: SubmittedMessage) -> Callback:
    told = await provider.ask(handed)
    assert told is not None
    return told
