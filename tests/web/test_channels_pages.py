"""The channels page: who carries what, providers' forms, secrets that nobody reads again, a test to one address."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import SecretStr

from activities.channels.registry import provider_kinds
from api.app import create_app
from orchestrator.core.roles import Role
from orchestrator.settings import Settings
from orchestrator.store.channels.providers import read_choices, read_setups
from orchestrator.store.secret_box import Seal
from orchestrator.store.workspace import prepare_workspace
from tests.protocol_servers.solapi import API_KEY, API_SECRET, PF_ID, SENDER, SolapiServer
from tests.web.people import browsing, csrf_of, make_person, sign_in

SECRET = "x" * 40


@pytest.fixture
async def app(console_settings: Settings) -> AsyncIterator[FastAPI]:
    settings = console_settings.model_copy(update={"secret_key": SecretStr(SECRET)})
    await prepare_workspace(settings)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def solapi() -> AsyncIterator[SolapiServer]:
    server = SolapiServer()
    await server.start()
    yield server
    await server.stop()


async def sent(browser: AsyncClient, path: str, **data: str) -> Response:
    return await browser.post(path, data={"csrf": await csrf_of(browser), **data})


async def set_up(browser: AsyncClient, server: SolapiServer, **changes: str) -> Response:
    given = {"api_key": API_KEY, "api_secret": API_SECRET, "sender": SENDER, "pf_id": PF_ID, "targeting": "I"}
    return await sent(browser, "/channels/solapi", **{**given, "address": server.url, **changes})


async def test_every_channel_and_every_provider_is_there(browser: AsyncClient) -> None:
    page = await browser.get("/channels")
    assert page.status_code == 200
    for kind in provider_kinds().values():
        assert kind.title.to("ko") in page.text
        found = await browser.get(f"/channels/{kind.name}")
        assert found.status_code == 200, kind.name
        assert kind.title.to("ko") in found.text
    for name in ("pigeon", "contract", "batching"):
        assert (await browser.get(f"/channels/{name}")).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "marketer", "operator"])
async def test_only_an_admin_sees_them(app: FastAPI, role: Role) -> None:
    await make_person(app)
    await make_person(app, role, "yuna@example.com")
    async with browsing(app) as browser:
        await sign_in(browser, "yuna@example.com")
        for path in ("/channels", "/channels/smtp"):
            assert (await browser.get(path)).status_code == 403
            assert (await sent(browser, path)).status_code == 403
        assert (await sent(browser, "/channels/smtp/test")).status_code == 403


async def test_a_provider_is_set_up_and_its_secret_never_shown(
    app: FastAPI, browser: AsyncClient, solapi: SolapiServer
) -> None:
    answer = await set_up(browser, solapi, webhook_secret="a secret of ours")
    assert (answer.status_code, answer.headers["location"]) == (303, "/channels/solapi?done=provider_saved")
    page = (await browser.get("/channels/solapi")).text
    assert API_KEY in page
    assert SENDER in page
    assert API_SECRET not in page
    assert "a secret of ours" not in page
    assert "저장됨" in page
    assert "http://localhost:8000/callbacks/solapi" in page
    async with app.state.resources.engine.connect() as db:
        setup = (await read_setups(db))["solapi"]
    assert "api_secret" not in setup.values
    assert setup.secrets(Seal(SECRET)) == {"api_secret": API_SECRET, "webhook_secret": "a secret of ours"}


async def test_a_secret_left_empty_stays(app: FastAPI, browser: AsyncClient, solapi: SolapiServer) -> None:
    await set_up(browser, solapi)
    await set_up(browser, solapi, api_secret="", sender="0299998888")
    async with app.state.resources.engine.connect() as db:
        setup = (await read_setups(db))["solapi"]
    assert setup.values["sender"] == "0299998888"
    assert setup.secrets(Seal(SECRET)) == {"api_secret": API_SECRET}
    assert setup.revision == 2


async def test_what_is_wrong_stands_next_to_its_field(browser: AsyncClient, solapi: SolapiServer) -> None:
    answer = await set_up(browser, solapi, api_key="", sender="전화번호")
    assert answer.status_code == 400
    assert "입력해 주세요." in answer.text
    assert "형식이 맞지 않습니다." in answer.text
    assert "전화번호" in answer.text
    whole = await set_up(browser, solapi, sender="", pf_id="")
    assert "발신번호나 카카오 채널 중 하나는 필요합니다." in whole.text
    assert "설정 필요" in (await browser.get("/channels/solapi")).text


async def test_another_provider_is_chosen_for_a_channel(
    app: FastAPI, browser: AsyncClient, solapi: SolapiServer
) -> None:
    assert (await sent(browser, "/channels", channel="sms", provider="solapi")).status_code == 303
    page = (await browser.get("/channels?done=provider_chosen")).text
    assert '<option value="solapi" selected>' in page
    assert '<a class="badge trouble" href="/channels/solapi">' in page
    await set_up(browser, solapi)
    assert '<a class="badge trouble"' not in (await browser.get("/channels")).text
    async with app.state.resources.engine.connect() as db:
        assert await read_choices(db) == {"sms": "solapi"}
    assert (await sent(browser, "/channels", channel="email", provider="solapi")).status_code == 404
    assert (await sent(browser, "/channels", channel="pigeon", provider="outbox")).status_code == 404


async def test_a_test_is_sent_to_one_address(browser: AsyncClient, solapi: SolapiServer) -> None:
    await set_up(browser, solapi)
    page = await sent(browser, "/channels/solapi/test", channel="sms", address="+821012345678")
    [message] = solapi.messages.values()
    assert message["messageId"] in page.text
    assert (message["to"], message["text"]) == ("01012345678", "채널 테스트 메시지입니다.")
    page = await sent(browser, "/channels/solapi/test", channel="alimtalk", address="+821012345678", template_code="T1")
    assert len(solapi.messages) == 2
    page = await sent(browser, "/channels/solapi/test", channel="kakao_brand", address="+821012345678")
    assert list(solapi.messages.values())[-1]["text"].startswith("(광고)")

    refused = await sent(browser, "/channels/solapi/test", channel="sms", address="not a number")
    assert refused.status_code == 400
    solapi.refused = {"01012345678": "3104"}
    page = await sent(browser, "/channels/solapi/test", channel="sms", address="+821012345678")
    assert "도달할 수 없는 주소: Solapi 3104" in page.text
    assert len(solapi.messages) == 3


async def test_secrets_of_another_key_are_asked_for_again(
    app: FastAPI, browser: AsyncClient, solapi: SolapiServer, console_settings: Settings
) -> None:
    await set_up(browser, solapi)
    other = create_app(console_settings.model_copy(update={"secret_key": SecretStr("y" * 40)}))
    async with other.router.lifespan_context(other):
        browser._transport.app = other  # type: ignore[attr-defined]
        page = (await browser.get("/channels/solapi")).text
    assert "다른 설치 키로 저장된 비밀 값입니다" in page
    assert "저장됨" not in page


async def test_the_page_is_in_english_too(browser: AsyncClient) -> None:
    headers = {"accept-language": "en"}
    assert "Which provider sends each channel." in (await browser.get("/channels", headers=headers)).text
    page = (await browser.get("/channels/nhn", headers=headers)).text
    assert "Sender key of the Kakao channel" in page
    assert "An app key of KakaoTalk Bizmessage or of SMS is needed." in page
