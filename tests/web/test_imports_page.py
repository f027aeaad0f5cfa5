"""A file of customers in the console: its columns are shown, it is tried, begun and watched; who may look, looks."""

from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY
from tests.waiting import until
from tests.web.people import browsing, csrf_of, make_person, sign_in

TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
FILE = "아이디,이메일,문자 수신동의\nu-1,mina@example.com,Y\n,nobody@example.com,N\n".encode("cp949")


async def upload(browser: AsyncClient) -> str:
    answer = await browser.post("/api/imports?name=고객.csv", content=FILE, headers=TOKEN)
    assert answer.status_code == 201, answer.text
    return f"/imports/{answer.json()['id']}"


async def test_a_file_is_looked_at_tried_imported_and_its_rest_fetched(app: FastAPI, browser: AsyncClient) -> None:
    path = await upload(browser)
    page = (await browser.get(path)).text
    assert "CP949(한국어 Excel)" in page
    assert '<option value="consents.sms" selected>' in page
    form = {"csrf": await csrf_of(browser), "c0": "user_id", "c1": "email", "c2": "consents.sms"}
    tried = (await browser.post(path, data={**form, "act": "check"})).text
    assert "2행 중 1행은 문제없고 1행은 거부됩니다" in tried
    assert "행에 고객 ID가 없습니다" in tried
    nobody = await browser.post(path, data={**form, "c0": "-", "act": "start"})
    assert (nobody.status_code, "고객을 알려 주는 열이 없습니다" in nobody.text) == (422, True)
    await browser.post(path, data={**form, "act": "start"})

    async def done() -> bool:
        return "저장 1, 이미 있음 0, 거부 1" in (await browser.get(path)).text

    await until(done)
    assert "nobody@example.com" in (await browser.get(f"{path}/refused.csv")).text
    assert "고객.csv" in (await browser.get("/imports")).text
    log = (await browser.get("/api/audit", headers=TOKEN)).json()["items"]
    assert [one["what"] for one in log] == ["import.begun", "import.read"], "trying it is no change"


async def test_who_may_only_look_changes_imports_exports_and_erases_nothing(app: FastAPI, browser: AsyncClient) -> None:
    path = await upload(browser)
    given = {"userId": "u-1", "traits": {}}
    assert (await browser.post("/v1/identify", json=given, auth=(DEV_WRITE_KEY, ""))).status_code == 200
    await make_person(app, "viewer", "viewer@example.com")
    await make_person(app, "marketer", "marketer@example.com")
    async with browsing(app) as viewer:
        await sign_in(viewer, "viewer@example.com")
        csrf = {"csrf": await csrf_of(viewer)}
        for refused in (path, "/customer-list/export", "/customers/u-1/edit", "/customers/u-1/merge"):
            assert (await viewer.get(refused, follow_redirects=True)).status_code == 403, refused
        for refused in (path, "/customers/u-1/edit", "/customers/u-1/notes", "/customers/u-1/consents"):
            assert (await viewer.post(refused, data=csrf)).status_code == 403, refused
        assert (await viewer.get("/imports")).status_code == 200
    async with browsing(app) as marketer:
        await sign_in(marketer, "marketer@example.com")
        csrf = {"csrf": await csrf_of(marketer)}
        assert (await marketer.get(path)).status_code == 200
        for refused in ("/customer-list/export", "/customers/u-1/erase", "/customers/u-1/everything.json", "/erasures"):
            assert (await marketer.get(refused, follow_redirects=True)).status_code == 403, refused
        assert (await marketer.post("/customers/u-1/erase", data={**csrf, "typed": "erase"})).status_code == 403
