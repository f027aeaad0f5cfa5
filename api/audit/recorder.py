"""Keeps in the audit log who changed what, for every address that changes something and does not say so itself.

It looks at what was answered: what was refused is no change. A customer is named by our own id, whatever id they were
asked for by (``state.subject``): an entry cannot be taken out of its chain when they are erased. The entry is written
before the answer goes out, so that whoever has the answer finds the entry.
"""

from typing import Any

import structlog
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit.changes import CHANGES
from api.http.access import SAFE, Actor, by_of
from orchestrator.store.audit.chain import By, Change, record_alone

log = structlog.get_logger(__name__)
REFUSED = 400
"""Statuses from here on are refusals."""


class AuditRecorder:
    """Around the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands everything on, and looks at the answers of changes."""
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < REFUSED:
                await _keep(scope)
            await send(message)

        await self._app(scope, receive, noted)


async def _keep(scope: Scope) -> None:
    route = scope.get("route")
    what = CHANGES.get(f"{scope['method']} {route.path}") if isinstance(route, APIRoute) else None
    if what is None:
        return
    named = " ".join(str(value) for value in scope.get("path_params", {}).values())
    subject = scope.get("state", {}).get("subject") or named
    try:
        await record_alone(scope["app"].state.resources.engine, _by(scope.get("state", {})), Change(what, subject))
    except (DBAPIError, OSError) as error:  # the change is made: that it was is in the process's own log at least
        log.error("a change is missing from the audit log", what=what, subject=subject, problem=type(error).__name__)


def _by(state: Any) -> By:
    actor = state.get("actor") or state.get("browsing")
    return by_of(actor) if isinstance(actor, Actor) else By("", "local")
