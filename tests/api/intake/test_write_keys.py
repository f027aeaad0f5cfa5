"""Two kinds of write key: what a page may say, and what it may not; keys made, rotated, limited and revoked."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from api.app import create_app
from api.intake import write_keys as keys
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.settings import Settings
from orchestrator.store.intake.write_keys import create_key, list_keys, live_keys, revoke_key, rotate_key

SERVER, BROWSER = "the-servers-key", "the-browsers-key"
SECRET = "a secret between the shop and us, of length"
VISITOR, MINA, JUN = "v-77f3", "mina", "jun"


def signed(user: str) -> str:
    return hmac.new(SECRET.encode(), user.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def shop_settings(api_settings: Settings) -> Settings:
    """Beyond this machine, where a page has to prove of whom it speaks."""
    own: dict[str, Any] = {
        "admin_token": SecretStr("t" * 40),
        "secret_key": SecretStr("s" * 40),
        "write_keys": (SERVER,),
        "browser_keys": (BROWSER,),
        "identity_secret": SecretStr(SECRET),
        "public_url": "https://journeys.example",
    }
    return api_settings.model_copy(update=own)


@pytest.fixture
async def shop(shop_settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(shop_settings)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def using(app: FastAPI, key: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="https://journeys.example", auth=(key, "")) as client:
        yield client


@pytest.fixture
async def server(shop: FastAPI) -> AsyncIterator[AsyncClient]:
    async with using(shop, SERVER) as client:
        yield client


@pytest.fixture
async def page(shop: FastAPI) -> AsyncIterator[AsyncClient]:
    async with using(shop, BROWSER) as client:
        yield client


async def of(client: AsyncClient, kind: str, **call: Any) -> tuple[int, str]:
    """The status, and the code of the problem or of the first warning."""
    answer = await client.post(f"/v1/{kind}", json=call)
    told = answer.json()
    return answer.status_code, told.get("code") or (told.get("warnings") or [{"code": ""}])[0]["code"]


# --- what a page may not say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SYSTEM_EVENTS))
async def test_a_page_may_not_say_what_decides_something(page: AsyncClient, server: AsyncClient, name: str) -> None:
    for written in (name, name.upper(), f" {name} ", name.replace(" ", "  ")):
        assert await of(page, "track", anonymousId=VISITOR, event=written) == (403, "server_key_needed")
    batch = {"batch": [{"type": "track", "anonymousId": VISITOR, "event": one} for one in (name, "Viewed")]}
    told = (await page.post("/v1/batch", json=batch)).json()
    assert [(one["index"], one["code"]) for one in told["rejected"]] == [(0, "server_key_needed")]
    assert (await of(server, "track", userId=MINA, event=name))[0] == 200


@pytest.mark.parametrize("name", ["sojourn.entered", "Sojourn.X", " sojourn.a"])
async def test_names_of_ours_are_reserved_for_everybody(server: AsyncClient, page: AsyncClient, name: str) -> None:
    for client in (server, page):
        assert await of(client, "track", anonymousId=VISITOR, event=name) == (400, "reserved_name")
    assert (await of(server, "track", anonymousId=VISITOR, event="Sojourn"))[0] == 200


async def test_a_page_withdraws_consents_and_gives_none(page: AsyncClient, server: AsyncClient, rows: Any) -> None:
    await of(server, "identify", userId=MINA, anonymousId=VISITOR, traits={"consents": {"email": True, "push": True}})
    given = {"consents": {"email": False, "sms": True, "sms:night": True}, "city": "Seoul"}
    proof = {"userId": MINA, "userHash": signed(MINA)}
    answer = await page.post("/v1/identify", json={**proof, "traits": given})
    assert [one["field"] for one in answer.json()["warnings"]] == ["traits.consents.sms", "traits.consents.sms:night"]
    passing = {**proof, "event": "Viewed", "context": {"traits": {"consents": {"sms": True}}}}
    assert await of(page, "track", **passing) == (200, "consent_needs_evidence")
    [customer] = await rows("select consents, attributes from customers where external_id = %s", MINA)
    assert customer["consents"] == {"email": False, "push": True}
    assert customer["attributes"]["city"] == "Seoul"


# --- of whom a page may speak -----------------------------------------------------------------------------------------


async def test_a_page_speaks_of_a_known_customer_with_the_shops_proof_only(
    page: AsyncClient, server: AsyncClient, rows: Any
) -> None:
    await of(server, "identify", userId=MINA, traits={"email": "mina@example.com"})
    evil = {"email": "evil@example.com"}
    unproven: list[dict[str, Any]] = [
        {},
        {"userHash": ""},
        {"userHash": signed(JUN)},
        {"userHash": 1},
        {"context": {"userHash": "x"}},
    ]
    for proof in unproven:
        call = {"userId": MINA, "anonymousId": VISITOR, "traits": evil, **proof}
        assert await of(page, "identify", **call) == (403, "unproven_identity")
        assert await of(page, "alias", userId=MINA, previousId=VISITOR, **proof) == (403, "unproven_identity")
        assert await of(page, "group", **call, groupId="g") == (403, "unproven_identity")
        assert await of(page, "track", userId=MINA, event="Viewed", **proof) == (403, "unproven_identity")
        # What is left of it is the visitor's.
        both = {"userId": MINA, "anonymousId": VISITOR, "event": "Viewed"}
        assert await of(page, "track", **both, **proof) == (200, "unproven_identity")
        passing = {**both, "context": {**proof.get("context", {}), "traits": evil}}
        assert (await of(page, "track", **passing))[0] == 200
    [mina] = await rows("select id, email from customers where external_id = %s", MINA)
    assert mina["email"] == "mina@example.com"
    [events] = await rows("select count(*) as n from events where customer_id = %s and name = 'Viewed'", mina["id"])
    assert events["n"] == 0


async def test_the_proof_is_read_where_libraries_can_put_it_and_is_not_stored(page: AsyncClient, rows: Any) -> None:
    proofs: list[dict[str, Any]] = [{"userHash": signed(MINA)}, {"context": {"userHash": signed(MINA).upper()}}]
    for n, proof in enumerate(proofs):
        assert await of(page, "identify", userId=MINA, messageId=f"m{n}", traits={"n": n}, **proof) == (200, "")
    stored = await rows("select context, properties from events")
    assert len(stored) == 2
    assert signed(MINA) not in str(stored).lower()


async def test_no_page_makes_two_known_customers_one(page: AsyncClient, server: AsyncClient, rows: Any) -> None:
    for user, visitor in ((MINA, VISITOR), (JUN, "v-jun")):
        await of(server, "identify", userId=user, anonymousId=visitor)
    proof = {"userId": MINA, "userHash": signed(MINA)}
    for previous in (JUN, "v-jun"):
        assert await of(page, "alias", **proof, previousId=previous) == (403, "server_key_needed")
        batch = {"batch": [{"type": "alias", **proof, "previousId": one} for one in (previous, "v-new")]}
        told = (await page.post("/v1/batch", json=batch)).json()
        assert [(one["index"], one["code"]) for one in told["rejected"]] == [(0, "server_key_needed")]
    assert await of(page, "alias", **proof, previousId=VISITOR) == (200, "")
    assert len(await rows("select 1 from customers where merged_into is null")) == 2
    assert await of(server, "alias", userId=MINA, previousId=JUN) == (200, "")
    assert len(await rows("select 1 from customers where merged_into is null")) == 1


async def test_no_page_reads_or_receives_what_is_anothers(page: AsyncClient, server: AsyncClient, rows: Any) -> None:
    await of(server, "identify", userId=MINA, anonymousId="v-mina")
    assert await of(page, "messages", userId=MINA) == (403, "unproven_identity")
    assert await of(page, "messages", anonymousId="v-mina") == (403, "unproven_identity")
    await of(page, "identify", anonymousId=VISITOR, traits={"user": MINA})
    assert (await page.post("/v1/messages", json={"userId": MINA, "anonymousId": VISITOR})).json()["messages"] == []
    assert (await of(page, "messages", userId=MINA, userHash=signed(MINA)))[0] == 200
    token = {"token": "t" * 40}
    assert await of(page, "devices", userId=MINA, **token) == (403, "unproven_identity")
    assert await of(page, "devices", userId=MINA, anonymousId=VISITOR, **token) == (200, "")
    [device] = await rows("select external_id from devices join customers on customers.id = customer_id")
    assert device["external_id"] is None, "the device is the visitor's"


async def test_on_this_machine_no_proof_is_asked_for(api_settings: Settings) -> None:
    app = create_app(api_settings.model_copy(update={"browser_keys": ("local_browser_x",)}))
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, client=("10.0.0.5", 50000))
        async with AsyncClient(transport=transport, base_url="http://localhost", auth=("local_browser_x", "")) as page:
            assert await of(page, "identify", userId=MINA, traits={"email": "mina@example.com"}) == (200, "")
            assert await of(page, "track", userId=MINA, event="Journey Requested") == (403, "server_key_needed")


# --- keys made in the console -----------------------------------------------------------------------------------------


async def test_a_key_is_made_rotated_and_revoked(shop: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "FRESH", 0.0)
    monkeypatch.setattr(keys, "AGAIN", 0.0)
    engine = shop.state.resources.engine
    made = await create_key(engine, name="App", kind="browser", per_minute=None, by="Mina")
    call = {"anonymousId": VISITOR, "event": "Viewed"}

    async def opens(key: str) -> int:
        async with using(shop, key) as client:
            basic = (await client.post("/v1/track", json=call)).status_code
        async with AsyncClient(transport=ASGITransport(shop), base_url="https://journeys.example") as client:
            assert (await client.post("/v1/track", json={**call, "writeKey": key})).status_code == basic
        return basic

    assert await opens(made) == 200
    [row] = await list_keys(engine)
    assert (row.shown, row.state, row.kind) == (made, "live", "browser")
    rotated = await rotate_key(engine, row.id, "Mina")
    assert rotated is not None
    assert await rotate_key(engine, row.id, "Mina") is None, "it ends already"
    assert [await opens(made), await opens(rotated[1])] == [200, 200], "the old one goes on for a day"
    await revoke_key(engine, row.id)
    assert [await opens(made), await opens(rotated[1])] == [401, 200]
    assert len(await live_keys(engine)) == 1


async def test_a_server_key_is_stored_as_a_hash_alone(shop: FastAPI, rows: Any) -> None:
    made = await create_key(shop.state.resources.engine, name="Shop", kind="server", per_minute=None, by="Mina")
    assert made not in str(await rows("select * from write_keys"))


async def test_a_key_admits_its_number_and_no_other_pays_for_it(shop: FastAPI) -> None:
    made = await create_key(shop.state.resources.engine, name="App", kind="browser", per_minute=3, by="Mina")
    call = {"anonymousId": VISITOR, "event": "Viewed"}
    async with using(shop, made) as client:
        answers = [await client.post("/v1/track", json=call) for _ in range(5)]
    assert [one.status_code for one in answers].count(200) in (3, 4, 5)  # a minute may begin in between
    assert {one.status_code for one in answers} <= {200, 429}
    async with using(shop, SERVER) as client:
        assert (await client.post("/v1/track", json=call)).status_code == 200


async def test_while_the_database_is_away_no_key_is_called_wrong(shop_settings: Settings) -> None:
    """A library that is told 401 throws its events away; told 503, it comes again."""
    app = create_app(shop_settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/none"}))
    async with app.router.lifespan_context(app), using(app, "sjb_made-in-the-console") as client:
        answer = await client.post("/v1/track", json={"anonymousId": VISITOR, "event": "Viewed"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
