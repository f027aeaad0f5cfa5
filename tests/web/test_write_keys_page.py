"""Settings › Write keys: made, looked up, limited, rotated, revoked, by admins, in both languages."""

import re

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.store.intake.write_keys import list_keys
from tests.web.people import browsing, csrf_of, make_person, page_after, sign_in

PAGE = "/settings/keys"


async def test_keys_of_both_kinds_through_their_life(app: FastAPI, admin_page: AsyncClient) -> None:
    made = await page_after(admin_page, PAGE, name="Shop", kind="server")
    [server] = set(re.findall(r"sjs_[\w-]{40,}", made))
    assert server not in (await admin_page.get(PAGE)).text, "a server key is shown once"
    made = await page_after(admin_page, PAGE, name="<b>Pages</b>", kind="browser", per_minute="1,200")
    [browser] = set(re.findall(r"sjb_[\w-]{40,}", made))
    page = (await admin_page.get(PAGE)).text
    assert browser in page, "a browser key can be looked up again"
    assert "<b>Pages</b>" not in page
    keys = {one.kind: one for one in await list_keys(app.state.resources.engine)}
    assert (keys["browser"].per_minute, keys["server"].per_minute) == (1_200, None)
    await page_after(admin_page, f"{PAGE}/{keys['server'].id}/limit", per_minute="50")
    rotated = await page_after(admin_page, f"{PAGE}/{keys['browser'].id}/rotate")
    assert set(re.findall(r"sjb_[\w-]{40,}", rotated)) > {browser}
    await page_after(admin_page, f"{PAGE}/{keys['server'].id}/revoke")
    states = sorted((one.kind, one.state, one.per_minute) for one in await list_keys(app.state.resources.engine))
    assert states == [("browser", "ending", 1_200), ("browser", "live", 1_200), ("server", "revoked", 50)]
    for language in ("en", "ko"):
        assert (await admin_page.get(PAGE, headers={"accept-language": language})).status_code == 200


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"name": "x", "per_minute": "many"}, {"name": "x", "per_minute": "-1"}]
)
async def test_what_is_wrong_is_said(app: FastAPI, admin_page: AsyncClient, given: dict[str, str]) -> None:
    assert 'role="alert"' in await page_after(admin_page, PAGE, kind="browser", **given)
    assert await list_keys(app.state.resources.engine) == []


async def test_only_an_admin_sees_them(app: FastAPI, admin_page: AsyncClient) -> None:
    await make_person(app, "operator", "yuna@example.com")
    async with browsing(app) as browser:
        await sign_in(browser, "yuna@example.com")
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, data={"csrf": await csrf_of(browser), "name": "x"})).status_code == 403
