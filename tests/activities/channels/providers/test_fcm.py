"""FCM fulfils the provider contract, against a server that checks the account's signature and every field."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import (
    Ambiguous,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    Temporary,
    Unreachable,
)
from activities.channels.providers.fcm import Config, Fcm
from orchestrator.store.database import create_engine
from orchestrator.store.intake.devices import Devices, device_id
from orchestrator.store.tables.customers import Device
from tests.activities.channels.providers.provider_suite import ADDRESSES, ProviderSuite, message_for
from tests.protocol_servers import fcm as server
from tests.protocol_servers.http import Fault, Response

TOKEN = ADDRESSES["push_token"]


class FcmHarness:
    """The provider, Google, and the database that knows the device."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "unregistered": ("", Unreachable),
        "no token at all": ("nonsense-0123", Unreachable),
        "another app's token": ("other-0123456789", Unreachable),
        "over quota": ("", Temporary),
        "unavailable": ("", Temporary),
        "internal": ("", Ambiguous),
        "no certificate of Apple's": ("", DefinitionError),
        "not allowed": ("", DefinitionError),
        "a wrong field": ("", DefinitionError),
        "dies": ("", Ambiguous),
        "silent": ("", Ambiguous),
        "no token for us": ("", Misconfigured),
        "tokens later": ("", Temporary),
        "nobody listens": ("", Temporary),
    }

    def __init__(self, google: server.Fcm, engine: AsyncEngine) -> None:
        self.google = google
        self.engine = engine
        self.made: list[Fcm] = []
        self.provider = self.another()

    def another(self, seconds: float = 20.0, address: str = "", **account: Any) -> Fcm:
        config = Config(service_account=SecretStr(self.google.account(**account)), address=address or self.google.url)
        self.made.append(Fcm(config, Devices(self.engine), httpx2.Timeout(seconds)))
        return self.made[-1]

    async def arrived(self) -> list[dict[str, Any]]:
        return [
            {
                "key": one["data"]["sojourn_id"],
                "recipient": one["token"],
                "subject": one["notification"].get("title", ""),
                "body": one["notification"]["body"],
                "html": "",
            }
            for one in self.google.sent
        ]

    def fail(self, name: str) -> None:
        answers = {
            "over quota": server.error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", retry="30"),
            "unavailable": server.error(503, "UNAVAILABLE", "UNAVAILABLE", retry="10"),
            "internal": server.error(500, "INTERNAL", "INTERNAL"),
            "no certificate of Apple's": server.error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
            "not allowed": server.error(403, "PERMISSION_DENIED"),
            "a wrong field": server.error(400, "INVALID_ARGUMENT", fields=("message.data[0].value",)),
        }
        faults: dict[str, Fault] = {"dies": "reset after accept", "silent": "silent"}
        token_answers = {
            "no token for us": Response({"error": "invalid_grant"}, 400),
            "tokens later": Response({"error": "temporarily_unavailable"}, 503),
        }
        google = self.google
        google.gone = {TOKEN} if name == "unregistered" else set()
        google.token_answer = token_answers.get(name)
        self.provider = self.another(
            seconds=0.3 if name == "silent" else 20.0, address="http://127.0.0.1:1" if name == "nobody listens" else ""
        )
        google.answer, google.fault = answers.get(name), faults.get(name, "")
        if name in answers or name in faults:  # these are of messages; a token had been given before
            self.provider._tokens._credentials.token = "ya29.given"

    async def dropped(self) -> bool:
        async with self.engine.connect() as db:
            return (await db.execute(select(Device.dropped_at))).scalar_one() is not None  # type: ignore[call-overload]


@pytest.fixture
async def harness(database_url: str) -> AsyncIterator[FcmHarness]:
    google, engine = server.Fcm(), create_engine(database_url, pool_size=5)
    await google.start()
    made = FcmHarness(google, engine)
    at = message_for(made.provider).at
    async with engine.begin() as db:
        row = {"id": device_id("push_token", TOKEN), "customer_id": UUID(int=7), "kind": "push_token"}
        await db.execute(insert(Device).values(**row, address=TOKEN, created_at=at, seen_at=at))
    yield made
    for provider in made.made:
        await provider.close()
    await google.stop()
    await engine.dispose()


class TestFcm(ProviderSuite):
    """The shared suite."""


class TestTheMessage:
    async def test_says_everything_that_can_be_said(self, harness: FcmHarness) -> None:
        message = message_for(
            harness.provider,
            link="https://shop.example/l/1",
            image="https://shop.example/a.png",
            data={"screen": "cart"},
        )
        key = uuid4()
        receipt = await harness.provider.send(message, key)
        assert receipt.provider_message_id == "projects/shop-1/messages/0:1"
        [sent] = harness.google.sent
        assert sent["notification"]["image"] == "https://shop.example/a.png"
        assert sent["data"] == {"sojourn_id": str(key), "url": "https://shop.example/l/1", "screen": "cart"}
        assert sent["android"]["ttl"] == "86400s"
        assert sent["android"]["priority"] == "NORMAL"
        assert sent["android"]["notification"]["tag"] == sent["apns"]["headers"]["apns-collapse-id"] == str(key)

    async def test_waits_no_longer_than_it_is_worth(self, harness: FcmHarness) -> None:
        message = message_for(harness.provider, message_class="informational")
        await harness.provider.send(replace(message, expires_at=message.at + timedelta(minutes=5)), uuid4())
        await harness.provider.send(replace(message, expires_at=message.at - timedelta(minutes=5)), uuid4())
        assert [sent["android"]["ttl"] for sent in harness.google.sent] == ["300s", "0s"]
        assert harness.google.sent[1]["apns"]["headers"]["apns-expiration"] == "0"
        assert {sent["android"]["priority"] for sent in harness.google.sent} == {"HIGH"}

    async def test_of_more_than_fits_is_refused_before_it_is_sent(self, harness: FcmHarness) -> None:
        message, key = message_for(harness.provider, subject="", body="x"), uuid4()
        used = len("bodysojourn_id") + 36
        await harness.provider.send(replace(message, body="x" * (4_096 - used)), key)
        with pytest.raises(DefinitionError):
            await harness.provider.send(replace(message, body="x" * (4_097 - used)), key)
        with pytest.raises(DefinitionError):
            await harness.provider.send(replace(message, body="가" * 1_400), key)

    @pytest.mark.parametrize("name", ["from", "message_type", "google.c", "gcm.x"])
    async def test_with_names_that_are_googles_is_refused(self, harness: FcmHarness, name: str) -> None:
        with pytest.raises(DefinitionError):
            await harness.provider.send(message_for(harness.provider, data={name: "x"}), uuid4())


class TestDevices:
    @pytest.mark.parametrize("name", ["unregistered"])
    async def test_one_that_is_gone_is_dropped(self, harness: FcmHarness, name: str) -> None:
        harness.fail(name)
        with pytest.raises(Unreachable):
            await harness.provider.send(message_for(harness.provider), uuid4())
        assert await harness.dropped()

    @pytest.mark.parametrize("name", ["over quota", "unavailable", "internal", "not allowed", "a wrong field"])
    async def test_one_that_is_not_to_blame_stays(self, harness: FcmHarness, name: str) -> None:
        harness.fail(name)
        with pytest.raises(DeliveryError):
            await harness.provider.send(message_for(harness.provider), uuid4())
        assert not await harness.dropped()

    async def test_google_is_left_alone_as_long_as_it_asks(self, harness: FcmHarness) -> None:
        harness.fail("over quota")
        with pytest.raises(Temporary) as caught:
            await harness.provider.send(message_for(harness.provider), uuid4())
        assert caught.value.after == timedelta(seconds=30)


class TestTheAccount:
    async def test_gets_one_token_for_many_messages(self, harness: FcmHarness) -> None:
        await asyncio.gather(*(harness.provider.send(message_for(harness.provider), uuid4()) for _ in range(10)))
        assert len(harness.google.tokens) == 1

    async def test_gets_another_when_the_first_is_no_longer_taken(self, harness: FcmHarness) -> None:
        await harness.provider.send(message_for(harness.provider), uuid4())
        harness.google.tokens["ya29.1"] = 0
        await harness.provider.send(message_for(harness.provider), uuid4())
        assert list(harness.google.tokens) == ["ya29.1", "ya29.2"]

    async def test_is_refused_where_google_does_not_know_it(self, harness: FcmHarness) -> None:
        with pytest.raises(DefinitionError):
            await harness.another(client_email="other@shop-1.iam.gserviceaccount.com").send(
                message_for(harness.provider), uuid4()
            )
        assert harness.google.sent == []

    @pytest.mark.parametrize("account", ["{}", "no json", "[]", '{"type": "service_account"}', '"x"', "null"])
    def test_that_is_none_is_refused_when_it_is_entered(self, account: str) -> None:
        with pytest.raises(ValidationError):
            Config(service_account=SecretStr(account))
