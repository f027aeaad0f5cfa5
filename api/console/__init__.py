"""The console: pages for people, rendered on the server. Included in the application as one router."""

from fastapi import APIRouter

from api.console import account, canvas, customers, events, journeys, lists, people, sign_in, static

router = APIRouter(include_in_schema=False)
_PARTS = (static, sign_in, journeys, customers, events, lists, account, people, canvas)
# The canvas comes last: any word is a key of a journey.
for _part in _PARTS:
    router.include_router(_part.router)

__all__ = ["router"]
