"""Two customers are made one by hand: looked for, looked at, confirmed, kept in the audit log."""

from typing import Any

from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY
from tests.web.people import csrf_of

TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


async def identify(browser: AsyncClient, user: str, **traits: Any) -> str:
    call = {"userId": user, "traits": traits}
    assert (await browser.post("/v1/identify", json=call, auth=(DEV_WRITE_KEY, ""))).status_code == 200
    return str((await browser.get(f"/api/customers/{user}", headers=TOKEN)).json()["id"])


async def two(browser: AsyncClient) -> tuple[str, str]:
    mina = await identify(browser, "mina", name="Mina", email="mina@example.com", consents={"email": True}, tier="gold")
    other = await identify(browser, "mina-2", name="Mina K", phone="010-1234-5678", consents={"email": False})
    return mina, other


async def test_the_other_is_found_compared_and_merged(app: FastAPI, browser: AsyncClient) -> None:
    mina, other = await two(browser)
    page = (await browser.get(f"/customers/{mina}/merge?q=mina")).text
    assert f"/customers/{mina}/merge?other={other}" in page
    page = (await browser.get(f"/customers/{mina}/merge?other={other}")).text
    for word in ("Mina K(병합될 고객)", "Mina(남는 고객)", "+821012345678", "mina-2", "이벤트 2개"):
        assert word in page
    assert "Mina(병합될 고객)" in (await browser.get(f"/customers/{mina}/merge?other={other}&keep=other")).text
    form = {"csrf": await csrf_of(browser), "other": other, "keep": "this"}
    await browser.post(f"/customers/{mina}/merge", data=form)
    assert str((await browser.get("/api/customers/mina-2", headers=TOKEN)).json()["id"]) == other, "nobody was sure"
    done = await browser.post(f"/customers/{mina}/merge", data={**form, "sure": "1"}, follow_redirects=True)
    assert "두 고객을 병합했습니다" in done.text
    answer = (await browser.get("/api/customers/mina-2", headers=TOKEN)).json()
    assert (answer["id"], answer["phone"], answer["attributes"]["tier"]) == (mina, "+821012345678", "gold")
    assert answer["consents"] == {"email": False}, "the stricter word holds"
    async with app.state.resources.engine.connect() as db:
        found = (await db.execute(text("select what, subject, after from audit_log"))).one()
    assert tuple(found) == ("customer.merged", mina, {"merged": other})


async def test_the_api_looks_and_merges_and_refuses_oneself(app: FastAPI, browser: AsyncClient) -> None:
    mina, other = await two(browser)
    seen = (await browser.get("/api/customers/mina-2/merge?into=mina", headers=TOKEN)).json()
    assert (seen["source"], seen["target"], seen["identities"]) == (other, mina, [["user", "mina-2"]])
    assert {one["name"]: one["stays"] for one in seen["values"]} == {
        "email": "mina@example.com",
        "phone": "+821012345678",
        "attributes.name": "Mina",
        "attributes.tier": "gold",
    }
    assert [(one["source"], one["target"], one["stays"]) for one in seen["consents"]] == [(False, True, False)]
    own = await browser.post("/api/customers/mina/merge", json={"into": mina}, headers=TOKEN)
    assert (own.status_code, own.json()["code"]) == (400, "same_customer")
    done = await browser.post("/api/customers/mina-2/merge", json={"into": "mina"}, headers=TOKEN)
    assert done.json() == {"id": mina}
    gone = await browser.get("/api/customers/mina-2/merge?into=mina", headers=TOKEN)
    assert gone.json()["code"] == "same_customer"
