"""Customers enter a journey by a list: the page that sends it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.journeys.entering.list_file import MOST_LINES
from api.pages.access import NothingHere, PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.store.journeys.journey_list import load_listed
from orchestrator.store.runs.live_plans import of_this_process

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
PACES = (1, 5, 20, 100)
"""Customers a second that the page offers."""


@router.get("/journeys/{key}/list")
async def enter_list(view: Operator, key: str) -> Response:
    """A file, a pace, and what would be refused before anything begins."""
    found = await load_listed(view.engine, key)
    if found is None or found.version is None:
        raise NothingHere
    async with view.request.app.state.resources.sessions() as session:
        plans, _ = await of_this_process.load(session)
    live = next((one.plan for one in plans if one.plan.key == key), None)
    fault = "closed" if live is None else "" if live.journey.entry.takes_requests else "no_request"
    return view.render("enter_list.html", journey=found, fault=fault, most=MOST_LINES, paces=PACES, pace=PER_SECOND)
