"""Routes that answer people: with a page whatever goes wrong, and with the headers that keep pages safe."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.http.faults import Fault, note_fault


class PageRoute(APIRoute):
    """A route whose faults become pages: console and customers' pages each say what theirs look like."""

    security: ClassVar[Mapping[str, str]] = {}
    """Headers of every answer, unless the page set its own."""

    @staticmethod
    async def refuse(request: Request, error: Exception) -> Response | None:
        """The page for an error that these pages raise on purpose; None: it is unforeseen. May raise it again."""
        raise NotImplementedError

    @staticmethod
    def error_page(request: Request, fault: Fault) -> Response:
        """The page for everything else, made without the database."""
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
