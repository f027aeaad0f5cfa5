"""What nobody else has approved does not go live, whoever publishes it and however."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.core.roles import Role
from orchestrator.store.accounts.api_tokens import create_token
from orchestrator.store.workspace import change_settings, prepare_workspace
from tests.browser.journeys import straight
from tests.web.people import browsing, csrf_of, make_person, sign_in

KEY = "practice"
PATH = f"/api/journeys/{KEY}"
OVER = {"override": True}


@pytest.fixture
async def people(app: FastAPI) -> AsyncIterator[dict[str, AsyncClient]]:
    """Three people in browsers of their own: Mina (admin), Jun and Sora (marketers), and Vera, who only looks."""
    await prepare_workspace(app.state.resources.settings)
    async with AsyncExitStack() as stack:
        found: dict[str, AsyncClient] = {}
        roles: dict[str, Role] = {"mina": "admin", "jun": "marketer", "sora": "marketer", "vera": "viewer"}
        for name, role in roles.items():
            await make_person(app, role, f"{name}@example.com")
            browser = await stack.enter_async_context(browsing(app))
            assert await sign_in(browser, f"{name}@example.com") == 303
            browser.headers["x-csrf-token"] = await csrf_of(browser)
            found[name] = browser
        yield found


async def want_approval(app: FastAPI) -> None:
    async with app.state.resources.sessions.begin() as session:
        await change_settings(session, {"publishing": {"approval": True}})


async def draw(browser: AsyncClient, *kinds: str, **more: Any) -> None:
    answer = await browser.put(PATH, json={**straight(*kinds), "key": KEY, **more})
    assert answer.status_code == 200, answer.text


async def publish(browser: AsyncClient) -> tuple[int, str | None]:
    answer = await browser.post(f"{PATH}/publish", json=OVER)
    return answer.status_code, answer.json().get("code")


async def decide(browser: AsyncClient, *, approve: bool = True, reason: str = "") -> tuple[int, str | None]:
    answer = await browser.post(f"{PATH}/approval/decision", json={"approve": approve, "reason": reason})
    return answer.status_code, answer.json().get("code")


async def test_where_the_workspace_does_not_want_it_nobody_is_asked(people: dict[str, AsyncClient]) -> None:
    await draw(people["jun"], "delay", "exit")
    assert await publish(people["jun"]) == (200, None)
    found = (await people["jun"].get(f"{PATH}/approval")).json()
    assert (found["wanted"], found["request"]) == (False, None)


async def test_another_person_approves_what_goes_live(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    await want_approval(app)
    jun, sora = people["jun"], people["sora"]
    await draw(jun, "delay", "exit")
    assert await publish(jun) == (409, "approval_missing")
    asked = (await jun.post(f"{PATH}/approval", json={"note": "for Friday"})).json()
    assert (asked["wanted"], asked["approved"], asked["request"]["may_decide"]) == (True, False, False)
    assert await decide(jun) == (403, "approval_own")
    assert (await sora.get(f"{PATH}/approval")).json()["request"]["may_decide"]
    assert await decide(sora) == (200, None)
    assert await decide(people["mina"]) == (409, "approval_decided")
    assert await publish(jun) == (200, None)
    [version] = (await jun.get(f"{PATH}/versions")).json()["items"]
    assert (version["published_by"], version["approved_by"]) == ("jun", "sora")


async def test_a_change_voids_it_but_moving_cards_and_saving_again_do_not(
    app: FastAPI, people: dict[str, AsyncClient]
) -> None:
    await want_approval(app)
    jun, sora = people["jun"], people["sora"]
    await draw(jun, "delay", "exit")
    await jun.post(f"{PATH}/approval", json={})
    await decide(sora)
    await draw(jun, "delay", "message", "exit")
    assert await publish(jun) == (409, "approval_missing")
    assert (await sora.get(f"{PATH}/approval")).json()["request"]["current"] is False
    assert await decide(sora) == (409, "approval_decided")
    await draw(jun, "delay", "exit", layout={"positions": {"delay": {"x": 8, "y": 8}}})
    assert await publish(jun) == (200, None)


async def test_who_changed_it_last_cannot_approve_what_another_asked_for(
    app: FastAPI, people: dict[str, AsyncClient]
) -> None:
    await want_approval(app)
    await draw(people["sora"], "delay", "exit")
    await people["jun"].post(f"{PATH}/approval", json={})
    assert await decide(people["sora"]) == (403, "approval_own")
    assert await decide(people["mina"]) == (200, None)


async def test_what_was_declined_stays_a_draft_with_the_reason(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    await want_approval(app)
    await draw(people["jun"], "delay", "exit")
    await people["jun"].post(f"{PATH}/approval", json={})
    assert await decide(people["sora"], approve=False, reason="the wait is too short") == (200, None)
    request = (await people["jun"].get(f"{PATH}/approval")).json()["request"]
    assert (request["decision"], request["decided_by"], request["reason"]) == (
        "declined",
        "sora",
        "the wait is too short",
    )
    assert await publish(people["jun"]) == (409, "approval_missing")


async def test_what_was_said_last_of_the_same_draft_counts(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    await want_approval(app)
    await draw(people["jun"], "delay", "exit")
    for approve in (True, False):
        await people["jun"].post(f"{PATH}/approval", json={})
        assert await decide(people["sora"], approve=approve, reason="on second thoughts") == (200, None)
    assert await publish(people["jun"]) == (409, "approval_missing")
    await people["jun"].post(f"{PATH}/approval", json={})
    assert await decide(people["mina"]) == (200, None)
    assert await publish(people["jun"]) == (200, None)


async def test_a_deployment_is_held_to_it_and_cannot_approve_itself(
    app: FastAPI, people: dict[str, AsyncClient]
) -> None:
    await want_approval(app)
    engine = app.state.resources.engine
    token = await create_token(engine, name="ci", role="admin", by="Mina")
    async with browsing(app) as program:
        program.headers["authorization"] = f"Bearer {token}"
        await draw(program, "delay", "exit")
        assert await publish(program) == (409, "approval_missing")
        assert (await program.post(f"{PATH}/approval", json={})).status_code == 200
        assert await decide(program) == (403, "approval_own")
        assert await decide(people["sora"]) == (200, None)
        await draw(program, "delay", "exit")
        assert await publish(program) == (200, None)


async def test_what_is_live_already_needs_no_leave(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    await draw(people["jun"], "delay", "exit")
    assert await publish(people["jun"]) == (200, None)
    await want_approval(app)
    assert await publish(people["jun"]) == (200, None)


async def test_who_only_looks_neither_asks_nor_approves(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    await want_approval(app)
    await draw(people["jun"], "delay", "exit")
    assert (await people["vera"].post(f"{PATH}/approval", json={})).status_code == 403
    await people["jun"].post(f"{PATH}/approval", json={})
    assert await decide(people["vera"]) == (403, "not_allowed")


async def test_another_revision_than_the_one_that_was_looked_at_is_refused(
    app: FastAPI, people: dict[str, AsyncClient]
) -> None:
    await draw(people["jun"], "delay", "exit")
    await draw(people["jun"], "delay", "message", "exit")
    old = {"if-match": '"1"'}
    assert (await people["jun"].post(f"{PATH}/approval", json={}, headers=old)).status_code == 412
    await people["jun"].post(f"{PATH}/approval", json={})
    answer = await people["sora"].post(f"{PATH}/approval/decision", json={"approve": True}, headers=old)
    assert answer.status_code == 412


async def test_the_setting_needs_two_who_may_publish(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    mina = people["mina"]
    form = {"csrf": mina.headers["x-csrf-token"], "approval": "on"}
    answer = await mina.post("/settings/workspace/team", data=form)
    assert answer.headers["location"].endswith("done=workspace")
    assert "checked" in (await mina.get("/settings/workspace")).text
    await draw(people["jun"], "delay", "exit")
    assert await publish(people["jun"]) == (409, "approval_missing")


async def test_one_person_alone_cannot_lock_everything(app: FastAPI) -> None:
    await prepare_workspace(app.state.resources.settings)
    await make_person(app)
    async with browsing(app) as mina:
        await sign_in(mina)
        form = {"csrf": await csrf_of(mina), "approval": "on"}
        answer = await mina.post("/settings/workspace/team", data=form)
        assert answer.headers["location"].endswith("done=too_few")
        assert "두 명" in (await mina.get(answer.headers["location"], headers={"accept-language": "ko"})).text
