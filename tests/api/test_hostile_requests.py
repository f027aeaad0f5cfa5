"""The hostile corpus over the application in this process: no answer is a server error, none takes a second."""

import time
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI

from tests.examples import some
from tests.hostile_requests import BODIES, BODY_DOORS, Hostile, requests

SLOWEST = 1.0
"""Seconds of this process's own work that one answer may cost."""
GROUPS = 8


async def answer(app: FastAPI, request: Hostile) -> int:
    """The status; what the application raises counts as 599."""
    path, _, query = request.target.partition(b"?")
    headers = [(b"content-length", b"%d" % len(request.body)), *request.headers]
    if not any(name == b"host" for name, _ in headers):
        headers.append((b"host", b"localhost:8000"))
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "http",
        "path": unquote(path.decode("latin-1")), "raw_path": path, "query_string": query, "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    parts = [{"type": "http.request", "body": request.body, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    try:
        await app(scope, receive, send)
    except Exception:
        return 599
    return statuses[0]


@pytest.mark.parametrize("group", some(range(GROUPS), 4))
async def test_no_hostile_request_is_answered_with_a_server_error(app: FastAPI, group: int) -> None:
    wrong, slow = [], []
    await answer(app, Hostile("warm-up", "GET", b"/"))
    for request in list(requests())[group::GROUPS]:
        before = time.process_time()
        status = await answer(app, request)
        if not 100 <= status < 500:
            wrong.append((status, request.name, request.method, request.target[:80]))
        if time.process_time() - before > SLOWEST:
            slow.append((request.name, request.method, request.target[:80]))
    assert not wrong
    assert not slow


@pytest.mark.parametrize("name", [name for name in BODIES if " at " in name or "levels" in name])
async def test_one_bad_call_takes_no_other_with_it(app: FastAPI, rows: Any, name: str) -> None:
    """Whatever one call of a batch holds: the others are stored, and it is named if it is not."""
    good = [f'{{"type":"track","userId":"good","event":"Good","messageId":"good-{n}"}}' for n in range(2)]
    bad = BODIES[name]
    typed = '{"type":"track",' + bad[1:] if bad.startswith("{") else bad
    body = f'{{"batch":[{good[0]},{typed},{good[1]}]}}'.encode()
    request = next(one for one in requests() if one.target == BODY_DOORS[5])
    status = await answer(app, request._replace(body=body))
    stored = await rows("select message_id from events where name = 'Good' order by 1")
    if status == 400 and "100,000" in name:
        return  # this is no JSON document that anybody could read in part
    assert status == 200
    assert [row["message_id"] for row in stored] == ["good-0", "good-1"]
