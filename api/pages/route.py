"""Routes that answer people: with a page whatever goes wrong, and with the headers that keep pages safe."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import ClientDisconnect
from starlette.responses import Response

log = structlog.get_logger(__name__)


class PageRoute(APIRoute):
    """A route whose faults become pages: console and customers' pages each say what theirs look like."""

    security: ClassVar[Mapping[str, str]] = {}
    """Headers of every answer, unless the page set its own."""

    @staticmethod
    async def refuse(request: Request, error: Exception) -> Response | None:
        """The page for an error that these pages raise on purpose; None: it is unforeseen. May raise it again."""
        raise NotImplementedError

    @staticmethod
    def error_page(request: Request, away: bool) -> Response:
        """The page for everything else, made without the database. ``away``: the database does not answer."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its faults turned into pages."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except ClientDisconnect:
                raise
            except Exception as error:
                response = await self._explain(request, error)
            for name, value in self.security.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    async def _explain(self, request: Request, error: Exception) -> Response:
        response = await self.refuse(request, error)
        return self.error_page(request, note_fault(request, error)) if response is None else response


def note_fault(request: Request, error: Exception) -> bool:
    """Logs what went wrong, without what the address says of a customer; whether it is that the database is away."""
    away = isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)
    if away:
        log.warning("the database is away", problem=type(error).__name__)
    else:
        path = getattr(request.scope.get("route"), "path", "")
        log.error("unforeseen", path=path, problem=type(error).__name__, exc_info=error)
    return away
