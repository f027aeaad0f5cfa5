"""The console: pages for people, rendered on the server. Included in the application as one router."""

from fastapi import APIRouter, Request

from api.console import (
    account,
    canvas,
    channels,
    complaints,
    consents,
    coupons,
    customers,
    events,
    journeys,
    lists,
    message_templates,
    people,
    policies,
    sign_in,
    static,
    survey_report,
    surveys,
)
from api.console.page import nothing_here

router = APIRouter(include_in_schema=False)
_PARTS = (
    static,
    sign_in,
    journeys,
    customers,
    consents,
    events,
    lists,
    message_templates,
    coupons,
    surveys,
    survey_report,
    complaints,
    channels,
    policies,
    account,
    people,
    canvas,
)
# The canvas comes last: any word is a key of a journey.
for _part in _PARTS:
    router.include_router(_part.router)


def asks_for_a_page(request: Request) -> bool:
    """Whether a person looks for something in the console, and no program for something in the API."""
    programs = request.url.path.startswith(("/api/", "/v1/", "/static/"))
    return not programs and "text/html" in request.headers.get("accept", "")


__all__ = ["asks_for_a_page", "nothing_here", "router"]
