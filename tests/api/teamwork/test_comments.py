"""Comments at steps: threads, who is named in them, and whose they are."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.api.teamwork.test_approvals import KEY, PATH, draw, people

__all__ = ["people"]
COMMENTS = f"{PATH}/comments"


async def say(browser: AsyncClient, body: str, **more: Any) -> list[dict[str, Any]]:
    answer = await browser.post(COMMENTS, json={"body": body, **more})
    assert answer.status_code == 201, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_thread_is_begun_answered_settled_and_opened_by_an_answer(people: dict[str, AsyncClient]) -> None:
    jun, vera = people["jun"], people["vera"]
    await draw(jun, "delay", "exit")
    [thread] = await say(jun, "  Why three days?\n", step="delay")
    assert (thread["step"], thread["first"]["body"], thread["first"]["mine"]) == ("delay", "Why three days?", True)
    identity = thread["first"]["id"]
    [thread] = await say(vera, "As last time.", thread=identity, step="elsewhere")
    assert (thread["step"], [one["author"] for one in thread["answers"]]) == ("delay", ["vera"])
    [thread] = (await jun.post(f"{COMMENTS}/{identity}/resolve", json={"resolved": True})).json()["items"]
    assert (thread["resolved_by"], thread["first"]["mine"]) == ("jun", True)
    [thread] = await say(vera, "One more thing", thread=identity)
    assert thread["resolved_at"] is None
    assert len(thread["answers"]) == 2


async def test_who_is_named_finds_it_on_the_first_page_until_they_looked(people: dict[str, AsyncClient]) -> None:
    jun, sora = people["jun"], people["sora"]
    await draw(jun, "delay", "exit")
    members = {one["name"]: one["id"] for one in (await jun.get("/api/members")).json()["items"]}
    assert set(members) == {"Mina", "jun", "sora", "vera"}
    [thread] = await say(jun, "@sora please look", step="delay", mentions=[members["sora"], str(uuid4())])
    assert thread["first"]["mentions"] == ["sora"]
    page = (await sora.get("/")).text
    assert "@sora please look" in page
    assert f"/journeys/{KEY}#comments-delay" in page
    assert "@sora please look" not in (await jun.get("/")).text
    assert (await sora.post(f"{COMMENTS}/read")).status_code == 204
    assert "@sora please look" not in (await sora.get("/")).text


async def test_nobody_is_told_of_their_own_words(people: dict[str, AsyncClient]) -> None:
    jun = people["jun"]
    await draw(jun, "delay", "exit")
    members = {one["name"]: one["id"] for one in (await jun.get("/api/members")).json()["items"]}
    await say(jun, "@jun remember this", mentions=[members["jun"]])
    assert "remember this" not in (await jun.get("/")).text


async def test_one_deletes_ones_own_words_only(people: dict[str, AsyncClient]) -> None:
    jun, sora = people["jun"], people["sora"]
    await draw(jun, "delay", "exit")
    [thread] = await say(jun, "mine", step="delay")
    identity = thread["first"]["id"]
    await say(sora, "an answer", thread=identity)
    refused = await sora.delete(f"{COMMENTS}/{identity}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_comment")
    assert (await jun.delete(f"{COMMENTS}/{identity}")).status_code == 204
    assert (await jun.get(COMMENTS)).json()["items"] == []
    assert (await jun.delete(f"{COMMENTS}/{identity}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"body": "   "}, 400),
        ({"body": "x" * 4_001}, 400),
        ({"body": "x", "step": "s" * 65}, 400),
        ({"body": "x", "mentions": ["nobody"]}, 400),
        ({"body": "x", "more": 1}, 400),
        ({"body": "x", "thread": str(uuid4())}, 404),
    ],
)
async def test_what_cannot_be_said_is_refused(
    people: dict[str, AsyncClient], body: dict[str, Any], status: int
) -> None:
    await draw(people["jun"], "delay", "exit")
    answer = await people["jun"].post(COMMENTS, json=body)
    assert answer.status_code == status
    assert answer.json()["code"]


async def test_what_was_said_goes_with_a_draft_that_is_deleted(app: FastAPI, people: dict[str, AsyncClient]) -> None:
    jun = people["jun"]
    await draw(jun, "delay", "exit")
    await say(jun, "soon gone", step="delay")
    assert (await jun.delete(PATH)).status_code == 204
    assert (await jun.get(COMMENTS)).status_code == 404
    await draw(jun, "delay", "exit")
    assert (await jun.get(COMMENTS)).json()["items"] == []
