"""A journey file is looked at before it is taken."""

from typing import Any

import pytest
from httpx2 import AsyncClient

CART = """
key: cart
name: {ko: 장바구니}
entry: {triggers: [{kind: event, event: Cart Updated}]}
steps:
  - {id: wait, kind: delay, stage: intake, settings: {mode: duration, duration: 1h}}
edges:
  - {from: entry, to: wait}
"""
YAML = {"Content-Type": "application/yaml"}


async def test_a_yaml_file_is_read_as_json_with_its_problems(admin: AsyncClient, rows: Any) -> None:
    answer = (await admin.post("/api/journeys/read", content=CART.encode(), headers=YAML)).json()
    assert answer["document"]["steps"][0]["settings"] == {"mode": "duration", "duration": "1h"}
    assert {problem["code"] for problem in answer["problems"]} >= {"unknown_event", "missing_edge"}
    assert await rows("select 1 from journeys") == []


async def test_a_json_file_is_read_however_unfinished(admin: AsyncClient) -> None:
    answer = await admin.post("/api/journeys/read", json={"key": "cart", "steps": [{"id": "x", "kind": "no-such"}]})
    assert answer.status_code == 200
    assert "unknown_kind" in {problem["code"] for problem in answer.json()["problems"]}


async def test_a_file_that_cannot_be_read_is_refused_with_the_line(admin: AsyncClient) -> None:
    answer = await admin.post("/api/journeys/read", content=b"key: cart\nsteps: [", headers=YAML)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_yaml")
    assert answer.json()["parameters"]["line"] == 2


@pytest.mark.parametrize(
    ("content", "en", "ko"),
    [
        (b"[1, 2]", "a list", "목록"),
        (b'"cart"', "plain text", "일반 텍스트"),
        (b"null", "nothing", "없음"),
        (b"7", "a single", "값 하나"),
    ],
)
async def test_what_is_no_journey_is_told_in_plain_words(admin: AsyncClient, content: bytes, en: str, ko: str) -> None:
    for locale, words in (("en", en), ("ko", ko)):
        answer = await admin.post("/api/journeys/read", content=content, headers={"accept-language": locale})
        assert (answer.status_code, answer.json()["code"]) == (400, "not_a_journey")
        assert words in answer.json()["detail"]
