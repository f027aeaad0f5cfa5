"""Intake's own way past the framework: most requests of all are calls of intake, and need nothing of it.

Routes, middleware, background tasks and the reading of parameters cost more than an event does. Here a call is taken
from the server's hands and answered into them; the same addresses stand in ``routes.py`` as routes, for what is not a
call (another method) and for ``/docs``.
"""

from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.faults import problem_of_fault
from api.http.problems import ApiProblem, language
from api.intake.calls import KINDS

CALLS = {f"/v1/{address}": kind for kind in (*KINDS, "batch") for address in (kind, kind[0])}
"""What is called by an address."""
AWAY = (DBAPIError, PoolTimeout, psycopg.Error)
STORED: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", b"16"), (b"content-type", b"application/json"), (b"vary", b"Origin")],
    },
    {"type": "http.response.body", "body": b'{"success":true}'},
)
"""The commonest answer, as it goes to the server."""
ANY_ORIGIN = (b"access-control-allow-origin", b"*")
"""Browsers of every origin may send events."""


def problem_response(request: Request, problem: ApiProblem) -> Response:
    """A problem as intake answers it: tracking libraries read what was wrong from ``code`` and ``message``."""
    locale = language(request)
    problem.more.setdefault("message", problem.rendered(locale)["message"])
    return problem.response(locale)


class IntakeDoor:
    """Takes calls of intake; hands everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        kind = CALLS.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await scope["app"].state.intake.take(request, kind)
        except ApiProblem as problem:
            response = problem_response(request, problem)
        except ClientDisconnect:
            response = Response(status_code=499)  # nobody reads it
        except AWAY as error:
            response = problem_of_fault(request, error).response(language(request))
        from_a_page = any(name == b"origin" for name, _ in scope["headers"])
        if response is None:
            start, body = STORED
            await send({**start, "headers": [*start["headers"], ANY_ORIGIN]} if from_a_page else start)
            await send(body)
            return
        response.raw_headers += [(b"vary", b"Origin"), *([ANY_ORIGIN] if from_a_page else [])]
        await response(scope, receive, send)
