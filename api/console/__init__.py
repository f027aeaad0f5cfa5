"""The console: pages for people, rendered on the server. Included in the application as one router."""

from fastapi import APIRouter

from api.console import canvas, customers, journeys, lists, sign_in, static

router = APIRouter(include_in_schema=False)
for _part in (static, sign_in, journeys, customers, lists, canvas):  # the canvas last: any word is a key
    router.include_router(_part.router)

__all__ = ["router"]
