"""A customer is changed in the console and over the API: what was changed, and nothing else; consents with proof."""

from typing import Any

from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY
from tests.web.people import csrf_of

TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


async def identify(browser: AsyncClient, **traits: Any) -> str:
    answer = await browser.post("/v1/identify", json={"userId": "u-1", "traits": traits}, auth=(DEV_WRITE_KEY, ""))
    assert answer.status_code == 200, answer.text
    return str((await browser.get("/api/customers/u-1", headers=TOKEN)).json()["id"])


async def row(app: FastAPI) -> Any:
    async with app.state.resources.engine.connect() as db:
        return (await db.execute(text("select email, phone, attributes, tags, consents from customers"))).one()


async def test_only_what_was_changed_is_saved(app: FastAPI, browser: AsyncClient) -> None:
    identity = await identify(browser, email="mina@example.com", tier="gold", points=3, likes=["tea"])
    page = (await browser.get(f"/customers/{identity}/edit")).text
    for word in ("연락처, 속성, 태그", "수신 동의 기록", 'name="a.tier"', "mina@example.com"):
        assert word in page
    before = '{"email":"mina@example.com","phone":"","a.tier":"gold","a.points":"3","tags":""}'
    await identify(browser, tier="platinum")  # meanwhile
    form = {"csrf": await csrf_of(browser), "before": before, "email": "mina@example.com", "a.tier": "gold"}
    form |= {"a.points": "4", "phone": "010-1234-5678", "tags": "vip, b2b", "new_name": "floor", "new_value": "007"}
    done = await browser.post(f"/customers/{identity}/edit", data=form, follow_redirects=True)
    assert "변경 내용을 저장했습니다" in done.text
    changed = await row(app)
    assert changed.phone == "+821012345678"
    assert changed.attributes == {"tier": "platinum", "points": 4, "likes": ["tea"], "floor": "007"}
    assert changed.tags == ["b2b", "vip"]


async def test_a_value_that_cannot_be_used_changes_nothing_and_stays_in_the_form(
    app: FastAPI, browser: AsyncClient
) -> None:
    identity = await identify(browser, email="mina@example.com")
    form = {"csrf": await csrf_of(browser), "email": "mina at example", "new_name": "tier", "new_value": "gold"}
    answer = await browser.post(f"/customers/{identity}/edit", data=form)
    assert answer.status_code == 422
    assert "mina@example.com과 같은 이메일 주소여야 합니다" in answer.text
    assert "mina at example" in answer.text
    assert (await row(app)).attributes == {}


async def test_an_agreement_needs_proof_and_stands_with_it(app: FastAPI, browser: AsyncClient) -> None:
    identity = await identify(browser, consents={"sms": False})
    path, csrf = f"/customers/{identity}/consents", await csrf_of(browser)
    said = {"csrf": csrf, "name": "sms", "granted": "yes", "way": "phone"}
    answer = await browser.post(path, data=said)
    assert answer.status_code == 422
    assert "증빙을 적으세요" in answer.text
    done = await browser.post(path, data={**said, "note": "call 812"}, follow_redirects=True)
    assert "변경 내용을 저장했습니다" in done.text
    assert "call 812" in done.text
    assert (await row(app)).consents["sms"] is True


async def test_notes_are_written_shown_and_taken_away(app: FastAPI, browser: AsyncClient) -> None:
    identity = await identify(browser)
    data = {"csrf": await csrf_of(browser), "body": "Prefers mornings"}
    page = await browser.post(f"/customers/{identity}/notes", data=data, follow_redirects=True)
    assert page.text.count("Prefers mornings") == 2, "beside the profile, and in the timeline"
    [note] = (await browser.get(f"/api/customers/{identity}/notes", headers=TOKEN)).json()["items"]
    gone = f"/customers/{identity}/notes/{note['id']}/remove"
    page = await browser.post(gone, data={"csrf": await csrf_of(browser)}, follow_redirects=True)
    assert "Prefers mornings" not in page.text


async def test_the_api_changes_and_refuses(app: FastAPI, browser: AsyncClient) -> None:
    await identify(browser, email="mina@example.com")
    path = "/api/customers/u-1/changes"
    given = {"traits": {"tier": "gold"}, "add_tags": ["vip"], "consents": [{"name": "email", "granted": True}]}
    answer = (await browser.post(path, json=given, headers=TOKEN)).json()
    assert answer == {"changed": ["attributes.tier", "tags.vip"], "consents": {"email": True}, "overruled": []}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"traits": {"phone": "12"}}, "unusable_value"),
        ({"traits": {"consents": {}}}, "unusable_value"),
        ({"add_tags": [""]}, "unusable_tag"),
        ({"consents": [{"name": "fax", "granted": True}]}, "unknown_consent"),
        ({"consents": [{"name": "email", "granted": True, "way": "phone"}]}, "consent_unproven"),
        ({"nonsense": 1}, "invalid_parameter"),
    ]
    for body, code in wrong:
        answer = await browser.post(path, json=body, headers=TOKEN)
        assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    log = (await browser.get("/api/customers/u-1/consents", headers=TOKEN)).json()["items"]
    assert [(one["source"], one["act"]) for one in log] == [("console", False)]


async def test_what_else_is_known_is_answered(app: FastAPI, browser: AsyncClient) -> None:
    await identify(browser)
    for order, total in ((1, 10000), (2, "2500.50")):
        call = {"userId": "u-1", "event": "Order Completed"}
        properties = {"order_id": f"o-{order}", "total": total, "currency": "KRW"}
        await browser.post("/v1/track", json={**call, "properties": properties}, auth=(DEV_WRITE_KEY, ""))
    orders = (await browser.get("/api/customers/u-1/orders", headers=TOKEN)).json()
    assert (orders["count"], orders["value"]) == (2, {"KRW": "12500.50"})
    assert (await browser.get("/api/customers/u-1/devices", headers=TOKEN)).json() == []
    only = (await browser.get("/api/customers/u-1/timeline?source=note&source=consent", headers=TOKEN)).json()
    assert only["items"] == []


async def test_columns_are_chosen_and_remembered(app: FastAPI, browser: AsyncClient) -> None:
    await identify(browser, email="mina@example.com", 등급="골드")
    assert "골드</td>" not in (await browser.get("/customers")).text
    chosen = await browser.get("/customer-list/columns?column=tags&column=attributes.등급&column=nonsense&q=u-1")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/customers?q=u-1")
    page = (await browser.get("/customers")).text
    assert "골드</td>" in page
    assert "mina@example.com" not in page
