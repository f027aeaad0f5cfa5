"""Hostile, huge and broken journey files: refused with the place, or kept and harmless. Nothing ever fails on them."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from orchestrator.core.problems import PROBLEMS
from tests.examples import some
from tests.hostile import BEYOND, HOSTILE, OVERRIDE, SCRIPT, SOUND


def body(document: Any) -> bytes:
    """JSON as a careless program writes it: with NaN and half characters."""
    return json.dumps(document).encode()


async def send(admin: AsyncClient, method: str, path: str, document: Any) -> Response:
    return await admin.request(method, path, content=body(document), headers={"Content-Type": "application/json"})


def told_properly(problem: dict[str, Any]) -> bool:
    return (
        problem["code"] in PROBLEMS
        and bool(problem["message"])
        and set(problem["text"]) == {"en", "ko"}
        and len(problem["message"]) < 5_000
    )


@pytest.mark.parametrize("name", some(HOSTILE, 8))
async def test_a_hostile_file_is_kept_as_a_draft_and_every_address_answers(admin: AsyncClient, name: str) -> None:
    document = HOSTILE[name]
    kept = await send(admin, "PUT", "/api/journeys/victim", document)
    assert kept.status_code == 200, kept.text
    drawn = await send(admin, "POST", "/api/journeys/describe", {"document": document})
    assert drawn.status_code == 200, drawn.text
    assert all(told_properly(problem) for problem in drawn.json()["problems"])
    assert (await send(admin, "POST", "/api/journeys", {"name": "Copy", "document": document})).status_code == 201
    assert (await send(admin, "POST", "/api/journeys/read", document)).status_code == 200
    checked = await admin.post("/api/journeys/victim/check")
    assert checked.status_code == 200
    errors = [problem for problem in checked.json()["problems"] if problem["severity"] == "error"]
    for path, expected in (
        ("", 200),
        ("/review", 200),
        ("/file", 200),
        ("/file?format=json", 200),
        ("/versions", 200),
        ("/difference", 404),
        ("/live", 200),
    ):
        assert (await admin.get(f"/api/journeys/victim{path}")).status_code == expected, path
    published = await admin.post("/api/journeys/victim/publish", json={"override": True})
    assert published.status_code == (409 if errors else 200)
    tested = await send(admin, "POST", "/api/journeys/test-run", {"document": document})
    assert tested.status_code < 500
    assert (await admin.get("/api/journeys")).json()["items"][0]["key"] == "victim"


@pytest.mark.parametrize("name", some(HOSTILE, 24))  # all of them are compared in tests/core
async def test_a_version_can_be_compared_with_a_hostile_draft(admin: AsyncClient, name: str) -> None:
    await send(admin, "PUT", "/api/journeys/victim", SOUND)
    (await admin.post("/api/journeys/victim/publish", json={"override": True})).raise_for_status()
    await send(admin, "PUT", "/api/journeys/victim", HOSTILE[name])
    for ends in ("", "?from=draft&to=live"):
        assert (await admin.get(f"/api/journeys/victim/difference{ends}")).status_code == 200
    assert (await admin.get("/api/journeys/victim/review")).status_code == 200
    restored = await admin.post("/api/journeys/victim/versions/1/restore")
    assert (restored.status_code, restored.json()["has_changes"]) == (200, False)


@pytest.mark.parametrize("name", some(BEYOND, 2))
async def test_a_file_beyond_all_reason_is_refused_with_the_place(admin: AsyncClient, name: str, rows: Any) -> None:
    document, place = BEYOND[name]
    for method, path, sent in (
        ("PUT", "/api/journeys/victim", document),
        ("POST", "/api/journeys", {"name": "Copy", "document": document}),
        ("POST", "/api/journeys/describe", {"document": document}),
        ("POST", "/api/journeys/read", document),
    ):
        answer = await send(admin, method, path, sent)
        assert (answer.status_code, answer.json()["code"]) == (400, "journey_too_large"), answer.text[:300]
        assert answer.json()["field"].startswith(place)
        assert len(answer.content) < 2_000
    assert await rows("select 1 from journeys") == []


async def test_what_cannot_be_a_file_is_refused(admin: AsyncClient) -> None:
    for content, code in (
        (b"[" * 5_000 + b"]" * 5_000, "too_deep"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too_deep"),
        (b"\x00\xff", "invalid_json"),
        (b'{"name": "' + b"x" * (9 * 1024 * 1024) + b'"}', "body_too_large"),
    ):
        for path in ("/api/journeys/victim", "/api/journeys/describe", "/api/journeys", "/api/journeys/read"):
            answer = await admin.request("PUT" if path.endswith("victim") else "POST", path, content=content)
            assert (answer.status_code, answer.json()["code"]) == (400, code), path


async def test_words_are_carried_as_they_are_and_never_as_markup(admin: AsyncClient) -> None:
    await send(admin, "PUT", "/api/journeys/victim", HOSTILE["scripts in names"])
    answer = await admin.get("/api/journeys/victim")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["draft"]["name"] == SCRIPT
    file = await admin.get("/api/journeys/victim/file")
    assert file.headers["content-disposition"].startswith("attachment")
    listed = await admin.get("/api/journeys")
    assert listed.json()["items"][0]["name"]["ko"] == SCRIPT


@pytest.mark.parametrize("name", ["scripts in ids", "bidi in ids", "NUL in ids", "names of a prototype"])
async def test_a_step_id_that_could_deceive_is_refused_by_the_compiler(admin: AsyncClient, name: str) -> None:
    drawn = (await send(admin, "POST", "/api/journeys/describe", {"document": HOSTILE[name]})).json()
    if name == "NUL in ids":
        assert "wait" in drawn["steps"]  # the NUL is gone before anybody sees it
    else:
        fields = {(problem["code"], problem["field"]) for problem in drawn["problems"]}
        assert ("invalid_value", "id") in fields
        assert all(OVERRIDE not in problem["message"] for problem in drawn["problems"])
