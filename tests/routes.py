"""Every route of an application, for tests that ask all of them."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute


def found_in(routes: Any) -> Iterator[APIRoute]:
    """The routes below, also those of routers that are included."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):  # how FastAPI holds a router that is included
            yield from found_in(route.original_router.routes)
