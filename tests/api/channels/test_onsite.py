"""What the snippet asks for and tells: messages of the right customer only, deeds once, devices of whoever is there."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from api.app import create_app
from orchestrator.settings import DEV_WRITE_KEY, Settings
from tests.api.conftest import Rows

SUBSCRIPTION = {
    "endpoint": "https://push.example/send/1",
    "expirationTime": None,
    "keys": {"p256dh": "BA", "auth": "AA"},
}
WHAT = "Message Seen", "Message Clicked", "Message Closed"


async def known(client: AsyncClient, rows: Rows, anonymous: str, user: str | None = None) -> UUID:
    """A visitor, or a customer who signed in with this browser."""
    said = {"anonymousId": anonymous, "userId": user, "traits": {"first_name": "Mina"}}
    assert (await client.post("/v1/identify", json=said)).status_code == 200
    [found] = await rows("select customer_id from identities where kind = 'anonymous' and value = %s", anonymous)
    customer: UUID = found["customer_id"]
    return customer


async def leave(rows: Rows, customer: UUID, body: str = "hello", **columns: Any) -> UUID:
    key, now = uuid4(), datetime.now(UTC) - timedelta(minutes=1)
    content = {"body": body, "layout": "banner"}
    at, expires = columns.get("at", now), columns.get("expires_at", now + timedelta(days=1))
    await rows(
        "insert into in_app_messages (id, customer_id, content, at, expires_at) values (%s, %s, %s, %s, %s)",
        *(key, customer, json.dumps(content), at, expires),
    )
    await rows(
        """insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, channel,
             reason, inputs, content, attempts, created_at, tags)
           values (%s, %s, 'cart', 'nudge', 1, %s, 'advertising', 'sent', 'in_app', '', '{}', '{}', 1, %s, '[]')""",
        *(key, uuid4(), customer, now),
    )
    return key


async def bodies(client: AsyncClient, **identity: Any) -> list[str]:
    answer = await client.post("/v1/messages", json=identity)
    assert answer.status_code == 200, answer.text
    return [message["body"] for message in answer.json()["messages"]]


class TestMessages:
    async def test_wait_for_the_visitor(self, client: AsyncClient, rows: Rows) -> None:
        customer = await known(client, rows, "a-1")
        now = datetime.now(UTC)
        key = await leave(rows, customer, "first", at=now - timedelta(hours=2))
        await leave(rows, customer, "second")
        await leave(rows, customer, "gone by", expires_at=now - timedelta(seconds=1))
        await leave(rows, customer, "not yet", at=now + timedelta(hours=1))
        assert await bodies(client, anonymousId="a-1") == ["first", "second"]
        await client.post(f"/v1/messages/{key}/closed", json={"anonymousId": "a-1"})
        assert await bodies(client, anonymousId="a-1") == ["second"]

    async def test_are_nobody_elses(self, client: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(client, rows, "a-1"))
        await known(client, rows, "a-2")
        assert await bodies(client, anonymousId="a-2") == []
        assert await bodies(client, anonymousId="never-seen") == []

    async def test_follow_the_customer_through_a_merge(self, client: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(client, rows, "a-1"), "as a visitor")
        await known(client, rows, "a-2", "u-1")
        await known(client, rows, "a-1", "u-1")
        assert await bodies(client, anonymousId="a-2") == ["as a visitor"]

    async def test_a_user_id_alone_opens_nothing(self, client: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(client, rows, "a-1", "u-1"))
        assert (await client.post("/v1/messages", json={"userId": "u-1"})).status_code == 403
        assert await bodies(client, userId="u-1", anonymousId="a-9") == []

    @pytest.mark.parametrize(("deed", "name"), list(zip(("seen", "clicked", "closed"), WHAT, strict=True)))
    async def test_what_was_done_with_one_is_an_event_once(
        self, client: AsyncClient, rows: Rows, deed: str, name: str
    ) -> None:
        customer = await known(client, rows, "a-1")
        key = await leave(rows, customer)
        for _ in range(2):
            said = {"anonymousId": "a-1", "url": "https://shop.example/spring"}
            assert (await client.post(f"/v1/messages/{key}/{deed}", json=said)).status_code == 200
        events = await rows("select name, properties, kind from events where name like 'Message%%'")
        assert [event["name"] for event in events] == [name]
        assert events[0]["kind"] == "system"
        assert events[0]["properties"]["message"] == str(key)

    async def test_a_click_on_a_link_that_counts_by_itself_is_not_counted_twice(
        self, client: AsyncClient, rows: Rows, api_settings: Settings
    ) -> None:
        key = await leave(rows, await known(client, rows, "a-1"))
        said = {"anonymousId": "a-1", "url": f"{api_settings.public_url}/l/token"}
        await client.post(f"/v1/messages/{key}/clicked", json=said)
        assert await rows("select name from events where name = 'Message Clicked'") == []
        [row] = await rows("select clicked_at from in_app_messages")
        assert row["clicked_at"] is not None

    async def test_nobody_closes_anothers(self, client: AsyncClient, rows: Rows) -> None:
        key = await leave(rows, await known(client, rows, "a-1"))
        await known(client, rows, "a-2")
        await client.post(f"/v1/messages/{key}/closed", json={"anonymousId": "a-2"})
        assert await bodies(client, anonymousId="a-1") == ["hello"]

    async def test_nonsense_is_refused(self, client: AsyncClient) -> None:
        answers: list[tuple[Response, int]] = [
            (await client.post("/v1/messages", json=[]), 400),
            (await client.post("/v1/messages", json={}), 400),
            (await client.post("/v1/messages", json={"anonymousId": 3}), 400),
            (await client.post("/v1/messages", json={"anonymousId": "x" * 300}), 400),
            (await client.post("/v1/messages/none/seen", json={"anonymousId": "a"}), 404),
            (await client.post(f"/v1/messages/{uuid4()}/eaten", json={"anonymousId": "a"}), 400),
            (await client.post("/v1/messages", content=b"{", headers={"content-type": "text/plain"}), 400),
        ]
        assert [answer.status_code for answer, _ in answers] == [status for _, status in answers]

    async def test_take_a_write_key(self, app: FastAPI) -> None:
        async with AsyncClient(
            transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost"
        ) as nobody:
            said = {"anonymousId": "a-1"}
            assert (await nobody.post("/v1/messages", json=said)).status_code == 401
            assert (await nobody.post("/v1/messages", json={**said, "writeKey": "wrong"})).status_code == 401
            answer = await nobody.post(
                "/v1/messages",
                content=json.dumps({**said, "writeKey": DEV_WRITE_KEY}),
                headers={"content-type": "text/plain", "origin": "https://shop.example"},
            )
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"


class TestProvenIdentity:
    SECRET = "the shop's own secret"

    @pytest.fixture
    async def strict(self, api_settings: Settings) -> AsyncIterator[AsyncClient]:
        app = create_app(api_settings.model_copy(update={"identity_secret": SecretStr(self.SECRET)}))
        async with app.router.lifespan_context(app):
            transport = ASGITransport(app, client=("10.0.0.5", 50000))
            async with AsyncClient(
                transport=transport, base_url="http://localhost", auth=(DEV_WRITE_KEY, "")
            ) as client:
                yield client

    def signed(self, user: str) -> str:
        return hmac.new(self.SECRET.encode(), user.encode(), hashlib.sha256).hexdigest()

    async def test_opens_the_messages_of_a_known_customer(self, strict: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(strict, rows, "a-1", "u-1"))
        proof = self.signed("u-1")
        assert await bodies(strict, userId="u-1", userHash=proof) == ["hello"]
        assert await bodies(strict, anonymousId="a-1", userHash=proof) == ["hello"]
        assert await bodies(strict, userId="u-1", anonymousId="another-browser", userHash=proof.upper()) == ["hello"]

    @pytest.mark.parametrize("proof", [None, "", "0" * 64, 3])
    async def test_is_asked_of_everybody_who_is_known(self, strict: AsyncClient, rows: Rows, proof: Any) -> None:
        """Whoever has the write key may say that their browser is somebody's; that is no proof."""
        key = await leave(rows, await known(strict, rows, "a-1", "u-1"))
        said = {"anonymousId": "a-1", "userId": "u-1", "userHash": proof}
        answer = await strict.post("/v1/messages", json=said)
        assert (answer.status_code, answer.json()["code"]) == (403, "unproven_identity")
        assert (await strict.post(f"/v1/messages/{key}/closed", json=said)).status_code == 403

    async def test_of_another_opens_nothing(self, strict: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(strict, rows, "a-1", "u-1"))
        await known(strict, rows, "a-2", "u-2")
        said = {"anonymousId": "a-1", "userId": "u-1", "userHash": self.signed("u-2")}
        assert (await strict.post("/v1/messages", json=said)).status_code == 403

    async def test_is_not_asked_of_a_visitor(self, strict: AsyncClient, rows: Rows) -> None:
        await leave(rows, await known(strict, rows, "a-1"))
        assert await bodies(strict, anonymousId="a-1") == ["hello"]


class TestDevices:
    async def test_a_browsers_subscription_becomes_its_visitors_device(self, client: AsyncClient, rows: Rows) -> None:
        customer = await known(client, rows, "a-1")
        said = {"anonymousId": "a-1", "subscription": SUBSCRIPTION}
        assert (await client.post("/v1/devices", json=said)).status_code == 200
        [device] = await rows("select * from devices")
        assert (device["customer_id"], device["kind"], device["dropped_at"]) == (customer, "web_push", None)
        assert json.loads(device["address"]) == {name: SUBSCRIPTION[name] for name in ("endpoint", "keys")}
        [event] = await rows("select * from events where name = 'Push Subscribed'")
        assert event["properties"] == {"kind": "web_push"}
        assert "push.example" not in json.dumps(event, default=str)

    async def test_it_can_be_taken_back_and_given_again(self, client: AsyncClient, rows: Rows) -> None:
        said = {"anonymousId": "a-1", "subscription": SUBSCRIPTION}
        for gone in (False, True, False):
            await client.post("/v1/devices", json={**said, "gone": gone})
            [device] = await rows("select dropped_at from devices")
            assert (device["dropped_at"] is not None) == gone

    async def test_nobody_takes_anothers_back(self, client: AsyncClient, rows: Rows) -> None:
        await client.post("/v1/devices", json={"anonymousId": "a-1", "subscription": SUBSCRIPTION})
        await client.post("/v1/devices", json={"anonymousId": "a-2", "subscription": SUBSCRIPTION, "gone": True})
        [device] = await rows("select dropped_at from devices")
        assert device["dropped_at"] is None

    async def test_it_goes_with_the_browser_to_whoever_uses_it(self, client: AsyncClient, rows: Rows) -> None:
        await client.post("/v1/devices", json={"anonymousId": "a-1", "subscription": SUBSCRIPTION})
        changed = {**SUBSCRIPTION, "keys": {"p256dh": "BB", "auth": "AB"}}
        await client.post("/v1/devices", json={"userId": "u-1", "subscription": changed})
        [device] = await rows("select d.address, c.external_id from devices d join customers c on c.id = d.customer_id")
        assert device["external_id"] == "u-1"
        assert json.loads(device["address"])["keys"]["auth"] == "AB"

    async def test_an_app_tells_its_token_in_the_context_of_any_call(self, client: AsyncClient, rows: Rows) -> None:
        context = {"device": {"token": "token-0123456789", "type": "ios"}}
        for n in range(3):
            call = {"anonymousId": "a-1", "event": f"Opened {n}", "context": context}
            assert (await client.post("/v1/track", json=call)).status_code == 200
        [device] = await rows("select kind, address from devices")
        assert (device["kind"], device["address"]) == ("push_token", "token-0123456789")

    async def test_or_as_a_trait(self, client: AsyncClient, rows: Rows) -> None:
        traits = {"push_token": "token-0123456789"}
        await client.post("/v1/identify", json={"userId": "u-1", "traits": traits})
        assert await rows("select address from devices") == [{"address": "token-0123456789"}]

    async def test_the_oldest_of_very_many_make_room(self, client: AsyncClient, rows: Rows) -> None:
        for n in range(25):
            await client.post("/v1/devices", json={"userId": "u-1", "token": f"token-{n:010}"})
        kept = await rows("select address from devices order by address")
        assert [one["address"] for one in kept] == [f"token-{n:010}" for n in range(5, 25)]

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"token": "short"},
            {"token": 3},
            {"subscription": "x"},
            {"subscription": {}},
            {"subscription": {**SUBSCRIPTION, "endpoint": "file:///etc/passwd"}},
            {"subscription": {**SUBSCRIPTION, "endpoint": 3}},
            {"subscription": {**SUBSCRIPTION, "keys": {"p256dh": "BA"}}},
            {"subscription": {**SUBSCRIPTION, "keys": {"p256dh": "B" * 5_000, "auth": "AA"}}},
        ],
    )
    async def test_what_is_none_is_refused(self, client: AsyncClient, rows: Rows, given: dict[str, Any]) -> None:
        answer = await client.post("/v1/devices", json={"anonymousId": "a-1", **given})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_device")
        assert await rows("select id from devices") == []


class TestTheShop:
    async def test_pages_and_scripts_are_public(self, app: FastAPI) -> None:
        async with AsyncClient(
            transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost"
        ) as nobody:
            for path, kind in (("/sojourn.js", "text/javascript"), ("/sojourn-sw.js", "text/javascript")):
                answer = await nobody.get(path)
                assert answer.status_code == 200
                assert answer.headers["content-type"].startswith(kind)
                assert len(answer.content) < 12 * 1024
                assert b"eval(" not in answer.content
                assert b"innerHTML" not in answer.content
            for lang, word in (("ko", "장바구니"), ("en", "Cart")):
                page = await nobody.get("/shop", params={"lang": lang})
                assert word in page.text
                assert "unsafe" not in page.headers["content-security-policy"]

    async def test_there_is_no_shop_without_a_demo(self, api_settings: Settings) -> None:
        app = create_app(api_settings.model_copy(update={"demo": False}))
        async with (
            app.router.lifespan_context(app),
            AsyncClient(
                transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost"
            ) as nobody,
        ):
            assert (await nobody.get("/shop")).status_code == 404
