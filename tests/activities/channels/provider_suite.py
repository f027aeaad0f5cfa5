"""What every provider must do. A provider's test file subclasses :class:`ProviderSuite` and gives it a ``harness``."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from activities.channels.contract import DefinitionError, DeliveryError, OutgoingMessage, Provider
from orchestrator.core.channels import CHANNELS

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


class Harness(Protocol):
    """A provider against something that receives."""

    provider: Provider
    failures: dict[str, tuple[str, type[DeliveryError]]]
    """By name: an address (or empty for the usual one) and the error that sending then gives. See :meth:`fail`."""

    async def arrived(self) -> list[dict[str, Any]]:
        """What has come through, in order: ``key``, ``recipient``, ``subject``, ``body``, ``html``."""

    def fail(self, name: str) -> None:
        """From now on the receiving side fails in this way."""


def message_for(provider: Provider, **changes: Any) -> OutgoingMessage:
    """A message that uses everything the provider can do."""
    channel = sorted(provider.capabilities.channels)[0]
    facts = CHANNELS[channel]
    message = OutgoingMessage(
        channel=channel,
        recipient=ADDRESSES[facts.contact],
        locale="ko",
        subject="(광고) 지은님께 드리는 아주 긴 제목의 봄 소식, 한 줄에 다 들어가지 않을 만큼 긴"
        if facts.subject
        else "",
        body=BODY,
        html="<p>안녕하세요 &amp; 🌸</p>" if facts.html and provider.capabilities.html else "",
        sender="",
        message_class="advertising",
        at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        tags={"customer": str(UUID(int=7)), "journey": "cart", "step": "nudge"},
    )
    return replace(message, **changes)


class ProviderSuite:
    """Shared tests; ``harness`` is the subclass's fixture."""

    async def test_a_message_arrives_as_it_was_written(self, harness: Harness) -> None:
        message, key = message_for(harness.provider), uuid4()
        before = datetime.now(UTC)
        receipt = await harness.provider.send(message, key)
        assert before <= receipt.accepted_at <= datetime.now(UTC)
        assert receipt.provider_message_id
        [arrived] = await harness.arrived()
        assert arrived["recipient"] == message.recipient
        assert arrived["subject"] == message.subject
        assert arrived["body"] == message.body
        assert arrived["html"] == message.html
        assert arrived["key"] == str(key)

    async def test_the_same_key_again_is_the_same_message(self, harness: Harness) -> None:
        message, key = message_for(harness.provider), uuid4()
        first, second = [await harness.provider.send(message, key) for _ in range(2)]
        assert first.provider_message_id == second.provider_message_id
        arrived = await harness.arrived()
        assert len(arrived) == (1 if harness.provider.capabilities.idempotent_for else 2)
        assert {one["key"] for one in arrived} == {str(key)}

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
            assert message.recipient not in str(caught.value), name
            assert caught.value.__cause__ is None, name

    async def test_a_call_that_is_not_the_providers_is_refused(self, harness: Harness) -> None:
        with pytest.raises(ValueError, match=r"."):
            harness.provider.parse_callback({"content-type": "application/json"}, b'{"not": "ours"}')

    async def test_it_says_who_it_is(self, harness: Harness) -> None:
        assert harness.provider.name
        assert harness.provider.capabilities.channels <= set(CHANNELS)
