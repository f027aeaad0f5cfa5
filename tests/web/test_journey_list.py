"""The page of all journeys, and what one does to a journey without opening it."""

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.store.journeys.journey_list import load_listed
from tests.web.people import browsing, csrf_of, make_person, page_after, sign_in

pytestmark = pytest.mark.usefixtures("filled")


def shown(page: str) -> list[str]:
    """Keys of the journeys in the list."""
    return re.findall(r'<td class="name"><a class="strong" href="/journeys/([a-z0-9-]+)"', page)


async def test_search_filters_and_empty_states(admin_page: AsyncClient) -> None:
    everything = (await admin_page.get("/journeys")).text
    assert sorted(shown(everything)) == ["broken", "cart-recovery", "lifecycle"]
    assert shown((await admin_page.get("/journeys", params={"q": "장바구니"})).text) == ["cart-recovery"]
    assert shown((await admin_page.get("/journeys?status=draft")).text) == ["broken"]
    assert shown((await admin_page.get("/journeys?sort=name", headers={"accept-language": "en"})).text)[0] == "broken"
    nothing = (await admin_page.get("/journeys", params={"q": "<b>nowhere"})).text
    assert shown(nothing) == []
    assert 'href="/journeys">' in nothing, "a way back to all of them"
    for odd in ("status=x", "owner=x", "sort=x", "after=x", "tag=%25"):
        assert (await admin_page.get(f"/journeys?{odd}")).status_code == 200, odd


async def test_tags_and_owner_are_kept_and_narrow_the_list(app: FastAPI, admin_page: AsyncClient) -> None:
    jun = await make_person(app, "marketer", "jun@example.com")
    page = await page_after(admin_page, "/journeys/lifecycle/labels", tags="봄, VIP, 봄", owner=str(jun))
    assert "jun" in page
    found = await load_listed(app.state.resources.engine, "lifecycle")
    assert found is not None
    assert (found.tags, found.owner_id) == (["봄", "VIP"], jun)
    assert shown((await admin_page.get("/journeys", params={"tag": "VIP"})).text) == ["lifecycle"]
    assert shown((await admin_page.get("/journeys", params={"owner": str(jun)})).text) == ["lifecycle"]
    await page_after(admin_page, "/journeys/lifecycle/labels", tags="", owner=str(UUID(int=99)))
    found = await load_listed(app.state.resources.engine, "lifecycle")
    assert found is not None
    assert (found.tags, found.owner_id) == ([], jun), "nobody becomes owner who does not exist"


async def test_a_copy_is_a_draft_of_whoever_made_it(app: FastAPI, admin_page: AsyncClient) -> None:
    await page_after(admin_page, "/journeys/cart-recovery/labels", tags="봄")
    answer = await admin_page.post("/journeys/cart-recovery/duplicate", data={"csrf": await csrf_of(admin_page)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/journeys/cart-recovery-2")
    copy = await load_listed(app.state.resources.engine, "cart-recovery-2")
    assert copy is not None
    assert (copy.status, copy.version, copy.tags, copy.owner) == ("draft", None, ["봄"], "Mina")
    assert copy.name["en"] != "Cart recovery"


async def test_paused_resumed_and_deleted(app: FastAPI, admin_page: AsyncClient) -> None:
    await page_after(admin_page, "/journeys/lifecycle/status", status="paused")
    assert shown((await admin_page.get("/journeys?status=paused")).text) == ["lifecycle"]
    await page_after(admin_page, "/journeys/lifecycle/status", status="live")
    assert shown((await admin_page.get("/journeys?status=paused")).text) == []
    await page_after(admin_page, "/journeys/lifecycle/delete")
    await page_after(admin_page, "/journeys/broken/delete")
    assert sorted(shown((await admin_page.get("/journeys")).text)) == ["cart-recovery", "lifecycle"], "drafts alone go"
    for path in ("delete", "duplicate", "status", "labels"):
        answer = await admin_page.post(
            f"/journeys/nowhere/{path}", data={"csrf": await csrf_of(admin_page), "status": "live"}
        )
        assert answer.status_code == 404, path


async def test_a_viewer_sees_no_deeds_and_may_do_none(app: FastAPI) -> None:
    await make_person(app, "viewer", "viewer@example.com")
    async with browsing(app) as reader:
        await sign_in(reader, "viewer@example.com")
        page = (await reader.get("/journeys")).text
        assert "/file?format=yaml" in page
        assert '<form method="post" action="/journeys' not in page
        for path in ("delete", "duplicate", "status", "labels"):
            answer = await reader.post(f"/journeys/broken/{path}", data={"csrf": await csrf_of(reader)})
            assert answer.status_code == 403, path


async def test_thousands_come_by_pages(app: FastAPI, admin_page: AsyncClient) -> None:
    async with app.state.resources.engine.begin() as db:
        await db.execute(
            text("""insert into journeys (key, name, draft, created_at, updated_at, status)
            select 'many-' || n, '{"en": "Many"}', '{}', now(), now(), 'draft' from generate_series(1, 2000) n""")
        )
    page = (await admin_page.get("/journeys")).text
    assert len(shown(page)) == 50
    following = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert following is not None
    assert not set(shown(page)) & set(shown((await admin_page.get(following[1].replace("&amp;", "&"))).text))
