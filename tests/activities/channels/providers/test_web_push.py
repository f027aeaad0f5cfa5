"""Web push fulfils the provider contract, against a push service that reads each message as the browser would."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.contract import (
    Ambiguous,
    Button,
    DefinitionError,
    DeliveryError,
    Services,
    Temporary,
    Unreachable,
)
from activities.channels.providers.web_push import MOST_BYTES, Config, WebPush, build, defaults, public_key, vapid_key
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.intake.devices import device_id
from orchestrator.store.tables.customers import Device
from tests.activities.channels.providers import provider_suite
from tests.activities.channels.providers.provider_suite import ProviderSuite, message_for
from tests.protocol_servers.http import Fault, Response
from tests.protocol_servers.web_push import PushService
from tests.rfc8291 import decoded, encoded, private_key

SETTINGS = Settings(secret_key=SecretStr("s" * 32), outgoing_allow=("127.0.0.1",))
CONFIG = Config(contact="mailto:push@shop.example")


class WebPushHarness:
    """The provider, a push service, and the database that knows the browser."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "unsubscribed": ("", Unreachable),
        "never there": ("", Unreachable),
        "too many": ("", Temporary),
        "down": ("", Temporary),
        "broken": ("", Ambiguous),
        "not our key": ("", DefinitionError),
        "too large for it": ("", DefinitionError),
        "dies": ("", Ambiguous),
        "silent": ("", Ambiguous),
        "nobody listens": ("", Temporary),
        "a subscription that is none": ('{"endpoint": 3}', Unreachable),
        "keys that are none": ('{"endpoint": "https://x", "keys": {"p256dh": "AAAA", "auth": "AA"}}', Unreachable),
        "an internal address": ("", Unreachable),
    }

    def __init__(self, service: PushService, engine: AsyncEngine, subscription: str) -> None:
        self.service = service
        self.engine = engine
        self.subscription = subscription
        self.made: list[WebPush] = []
        self.provider = self.another()

    def another(self, config: Config = CONFIG, settings: Settings = SETTINGS, seconds: float = 20.0) -> WebPush:
        made = build(config, Services(settings, self.engine))
        made._client.timeout = seconds
        self.made.append(made)
        return made

    async def arrived(self) -> list[dict[str, Any]]:
        return [
            {
                "key": one.json["id"],
                "recipient": self.service.subscriptions[one.subscription].receiver.subscription(
                    f"{self.service.url}/send/{one.subscription}"
                ),
                "subject": one.json["title"],
                "body": one.json["body"],
                "html": "",
            }
            for one in self.service.delivered
        ]

    def fail(self, name: str) -> None:
        service, phone = self.service, self.service.subscriptions["phone"]
        answers = {
            "too many": Response({}, 429, {"retry-after": "7"}),
            "down": Response({}, 503),
            "broken": Response({}, 500),
            "too large for it": Response({}, 413),
            "never there": Response({}, 404),
        }
        faults: dict[str, Fault] = {"dies": "reset after accept", "silent": "silent"}
        service.answer, service.fault = answers.get(name), faults.get(name, "")
        phone.gone = name == "unsubscribed"
        phone.key = "another's" if name == "not our key" else ""
        self.provider = self.another(
            settings=SETTINGS.model_copy(update={"outgoing_allow": ()}) if name == "an internal address" else SETTINGS,
            seconds=0.3 if name == "silent" else 20.0,
        )
        if name == "nobody listens":
            receiver = service.subscriptions["phone"].receiver
            provider_suite.ADDRESSES["web_push"] = receiver.subscription("http://127.0.0.1:1/send/phone")
        else:
            provider_suite.ADDRESSES["web_push"] = self.subscription

    async def device(self) -> Device:
        async with self.engine.connect() as db:
            return Device(**(await db.execute(select(Device))).mappings().one())


@pytest.fixture
async def harness(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebPushHarness]:
    service, engine = PushService(), create_engine(database_url, pool_size=5)
    await service.start()
    subscription = service.subscribe("phone")
    monkeypatch.setitem(provider_suite.ADDRESSES, "web_push", subscription)
    async with engine.begin() as db:
        at = message_for(WebPush(CONFIG, vapid_key(CONFIG, SETTINGS), None)).at  # type: ignore[arg-type]
        row = {"id": device_id("web_push", subscription), "customer_id": UUID(int=7), "kind": "web_push"}
        await db.execute(insert(Device).values(**row, address=subscription, created_at=at, seen_at=at))
    made = WebPushHarness(service, engine, subscription)
    yield made
    for provider in made.made:
        await provider.close()
    await service.stop()
    await engine.dispose()


class TestWebPush(ProviderSuite):
    """The shared suite."""


class TestWhatTheBrowserGets:
    async def test_everything_that_can_be_said(self, harness: WebPushHarness) -> None:
        message = message_for(
            harness.provider,
            link="https://shop.example/l/1",
            image="https://shop.example/a.png",
            data={"screen": "cart"},
            buttons=(Button("보기", url="https://shop.example/l/2"), Button("채널", kind="AC")),
        )
        key = uuid4()
        await harness.provider.send(message, key)
        [delivered] = harness.service.delivered
        assert delivered.json == {
            "id": str(key),
            "title": message.subject,
            "body": message.body,
            "lang": "ko",
            "url": "https://shop.example/l/1",
            "image": "https://shop.example/a.png",
            "actions": [{"action": "0", "title": "보기", "url": "https://shop.example/l/2"}],
            "data": {"screen": "cart"},
        }

    async def test_nobody_but_the_browser_reads_it(self, harness: WebPushHarness) -> None:
        message = message_for(harness.provider)
        await harness.provider.send(message, uuid4())
        [request] = harness.service.requests
        assert message.body.encode() not in request.body
        again = [one.body for one in harness.service.requests]
        await harness.provider.send(message, uuid4())
        assert harness.service.requests[1].body[:86] != again[0][:86]  # another salt, another key pair

    async def test_as_much_as_fits(self, harness: WebPushHarness) -> None:
        message = message_for(harness.provider, subject="", body="x")
        key = uuid4()
        await harness.provider.send(message, key)
        room = MOST_BYTES - len(harness.service.delivered[0].text)
        await harness.provider.send(replace(message, body="x" * (room + 1)), key)
        assert len(harness.service.requests[1].body) == 4_096
        with pytest.raises(DefinitionError):
            await harness.provider.send(replace(message, body="x" * (room + 2)), key)

    async def test_how_long_and_how_urgently_it_waits(self, harness: WebPushHarness) -> None:
        message, key = message_for(harness.provider), uuid4()
        await harness.provider.send(message, key)
        soon = replace(message, message_class="informational", expires_at=message.at + timedelta(minutes=5))
        await harness.provider.send(soon, key)
        await harness.provider.send(replace(message, expires_at=message.at - timedelta(minutes=5)), key)
        said = [(one.headers["ttl"], one.headers["urgency"]) for one in harness.service.delivered]
        assert said == [("86400", "normal"), ("300", "high"), ("0", "normal")]

    async def test_a_second_copy_takes_the_place_of_the_first(self, harness: WebPushHarness) -> None:
        key = uuid4()
        for _ in range(2):
            await harness.provider.send(message_for(harness.provider), key)
        topics = {one.headers["topic"] for one in harness.service.delivered}
        assert topics == {encoded(key.bytes)}


class TestDevices:
    async def test_one_that_is_gone_is_dropped(self, harness: WebPushHarness) -> None:
        harness.fail("unsubscribed")
        message = message_for(harness.provider)
        with pytest.raises(Unreachable):
            await harness.provider.send(message, uuid4())
        assert (await harness.device()).dropped_at == message.at

    @pytest.mark.parametrize("name", ["too many", "down", "broken", "not our key", "nobody listens"])
    async def test_one_that_only_cannot_be_reached_now_stays(self, harness: WebPushHarness, name: str) -> None:
        harness.fail(name)
        with pytest.raises(DeliveryError):
            await harness.provider.send(message_for(harness.provider), uuid4())
        assert (await harness.device()).dropped_at is None

    async def test_a_push_service_is_left_alone_as_long_as_it_asks(self, harness: WebPushHarness) -> None:
        harness.fail("too many")
        with pytest.raises(Temporary) as caught:
            await harness.provider.send(message_for(harness.provider), uuid4())
        assert caught.value.after == timedelta(seconds=7)


class TestKeys:
    def test_follow_from_the_secret_key_the_same_in_every_process(self) -> None:
        key, again = (public_key(vapid_key(CONFIG, SETTINGS)) for _ in range(2))
        other = public_key(vapid_key(CONFIG, Settings(secret_key=SecretStr("t" * 32))))
        assert key == again != other
        assert len(decoded(key)) == 65

    def test_may_be_brought_along(self) -> None:
        number = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
        config = Config(contact="https://shop.example", private_key=SecretStr(number))
        assert public_key(vapid_key(config, SETTINGS)) == public_key(private_key(decoded(number)))

    @pytest.mark.parametrize("key", ["no key!", "AA==", "f" * 60, encoded(b"\xff" * 32)])
    def test_that_are_none_are_refused(self, key: str) -> None:
        with pytest.raises(ValidationError):
            Config(contact="https://shop.example", private_key=SecretStr(key))

    @pytest.mark.parametrize("contact", ["", "push@shop.example", "http://shop.example", "mailto:push"])
    def test_a_contact_is_an_address(self, contact: str) -> None:
        with pytest.raises(ValidationError):
            Config(contact=contact)

    @pytest.mark.parametrize("url", ["", "https://shop.example", "http://10.0.0.1:8000"])
    def test_there_is_always_one(self, url: str) -> None:
        keys = {"write_keys": ("w",), "admin_token": SecretStr("t"), "secret_key": SecretStr("s" * 32)}
        settings = Settings(public_url=url, **keys)  # type: ignore[arg-type]
        assert Config(**defaults(settings)).contact
