"""A test of a step's e-mail: previewed with its blocks, sent to somebody of the team, and counted nowhere."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.api.conftest import Rows
from tests.web.people import ADMIN, make_person

SETTINGS: dict[str, Any] = {
    "channel": "email",
    "class": "informational",
    "content": {
        "ko": {
            "subject": "봄이 왔어요",
            "body": "봄",
            "blocks": [
                {"kind": "heading", "text": "{{ customer.first_name }}님, 봄이에요"},
                {"kind": "button", "label": "보기", "url": "https://shop.example/new"},
                {"kind": "button", "label": 7},
            ],
            "theme": {"accent": "#AA0000"},
        }
    },
}
FINISHED = {
    **SETTINGS,
    "content": {"ko": {**SETTINGS["content"]["ko"], "blocks": SETTINGS["content"]["ko"]["blocks"][:2]}},
}


async def test_a_step_shows_its_blocks_however_unfinished(admin: AsyncClient) -> None:
    shown = (await admin.post("/api/previews/message", json={"settings": SETTINGS, "locale": "ko"})).json()
    assert "지우님, 봄이에요" in shown["html"]
    assert "#AA0000" in shown["html"]
    assert "봄이에요" in shown["body"]


async def test_it_goes_to_the_team_and_is_counted_nowhere(app: FastAPI, admin: AsyncClient, rows: Rows) -> None:
    await make_person(app)
    assert (await admin.get("/api/previews/test-addresses")).json() == {"items": [ADMIN]}
    sent = await admin.post("/api/previews/message/test", json={"settings": FINISHED, "locale": "ko", "to": ADMIN})
    assert (sent.status_code, sent.json()["outcome"]) == (200, "sent")
    [kept] = await rows("select recipient, content from outbox")
    assert (kept["recipient"], kept["content"]["subject"]) == (ADMIN, "[테스트] 봄이 왔어요")
    assert 'href="https://shop.example/new"' in kept["content"]["html"]  # no link of it is counted
    assert "/o/" not in kept["content"]["html"]
    assert await rows("select 1 from sends") == []


@pytest.mark.parametrize("to", ["stranger@example.com", "not an address"])
async def test_it_goes_to_nobody_else(app: FastAPI, admin: AsyncClient, rows: Rows, to: str) -> None:
    await make_person(app)
    refused = await admin.post("/api/previews/message/test", json={"settings": FINISHED, "locale": "ko", "to": to})
    assert (refused.status_code, refused.json()["code"]) == (400, "test_to_team")
    assert await rows("select 1 from outbox") == []


async def test_what_is_not_finished_is_not_sent(app: FastAPI, admin: AsyncClient, rows: Rows) -> None:
    await make_person(app)
    refused = await admin.post("/api/previews/message/test", json={"settings": SETTINGS, "locale": "ko", "to": ADMIN})
    assert (refused.status_code, refused.json()["code"]) == (409, "test_not_sent")
    assert await rows("select 1 from outbox") == []
