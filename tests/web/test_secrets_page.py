"""Settings › Secrets: made, given hosts, rotated, revoked, by admins, in both languages; values are not shown again."""

import re

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.store.secrets.named import list_secrets
from tests.web.people import browsing, csrf_of, make_person, page_after, sign_in

PAGE = "/settings/secrets"
VALUE = "the-key-of-the-points-service"


@pytest.fixture
def console_settings(console_settings: Settings) -> Settings:
    return console_settings.model_copy(update={"secret_key": SecretStr("only-for-tests-only-for-tests-32")})


async def test_a_secret_through_its_life(app: FastAPI, admin_page: AsyncClient) -> None:
    made = await page_after(admin_page, PAGE, name="signing")
    [value] = set(re.findall(r"whsec_[\w+/]{43}=", made))
    page = await page_after(admin_page, PAGE, name="points", value=VALUE, hosts="Points.example, api.example.com")
    assert value not in page
    assert VALUE not in page
    assert "points.example, api.example.com" in page
    await page_after(admin_page, f"{PAGE}/points/hosts", hosts="points.example")
    rotated = await page_after(admin_page, f"{PAGE}/signing/rotate")
    assert len(set(re.findall(r"whsec_[\w+/]{43}=", rotated)) - {value}) == 1
    await page_after(admin_page, f"{PAGE}/points/revoke")
    found = {one.name: one for one in await list_secrets(app.state.resources.engine)}
    assert (found["signing"].rotating, found["points"].hosts) == (True, ["points.example"])
    assert found["points"].revoked_at
    for language, words in {"en": ("rotated", "revoked"), "ko": ("교체", "폐기")}.items():
        shown = await admin_page.get(PAGE, headers={"accept-language": language})
        assert all(word in shown.text for word in words)


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Not A Name", "value": VALUE},
        {"name": "", "value": VALUE},
        {"name": "points", "value": "short"},
        {"name": "points", "value": VALUE, "hosts": "https://points.example/"},
    ],
)
async def test_what_is_wrong_is_said(app: FastAPI, admin_page: AsyncClient, given: dict[str, str]) -> None:
    page = await page_after(admin_page, PAGE, **given)
    assert 'role="alert"' in page
    assert VALUE not in page
    assert await list_secrets(app.state.resources.engine) == []


async def test_only_an_admin_sees_them(app: FastAPI, admin_page: AsyncClient) -> None:
    await make_person(app, "operator", "yuna@example.com")
    async with browsing(app) as browser:
        await sign_in(browser, "yuna@example.com")
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, data={"csrf": await csrf_of(browser), "name": "x"})).status_code == 403
