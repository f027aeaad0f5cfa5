"""A client that goes away in the middle of its request."""

from typing import Any

from api.app import create_app
from orchestrator.settings import Settings


async def test_it_is_no_fault_of_ours() -> None:
    """No error is raised or logged: on a bad network it happens all the time."""
    app = create_app(Settings(database_url="postgresql://nowhere/none", redis_url="redis://127.0.0.1:1"))
    app.state.intake = Intake()
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/track", "raw_path": b"/v1/track", "query_string": b"", "root_path": "", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    assert answers[0]["status"] == 499


class Intake:
    """Reads the body, as the real one does first."""

    async def take(self, request: Any, kind: str) -> None:
        await request.body()
