"""The end of a journey, in steps: nobody enters, those inside go on or leave, it is put away."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.pages.access import NothingHere, PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.journeys.ending import FROM, NotNow, Turn, count_inside, turn_journey
from orchestrator.store.journeys.journey_list import load_listed
from orchestrator.store.workspace import load_clock

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
Either = Annotated[View, Depends(PageAccess("operate", "draw"))]


@router.get("/journeys/{key}/end")
async def end(view: Operator, key: str, fault: str = "") -> Response:
    """Who is inside, and what can be done."""
    found = await load_listed(view.engine, key)
    if found is None or found.version is None:
        raise NothingHere
    async with view.request.app.state.resources.sessions() as session:
        inside = await count_inside(session, key)
    return view.render("end_journey.html", journey=found, inside=inside, fault=fault)


@router.post("/journeys/{key}/turn")
async def turn(view: Either, key: str) -> Response:
    """Close, reopen, archive or restore it. Drafts are also put away by who draws them."""
    wanted = view.form.get("turn", "")
    found = await load_listed(view.engine, key)
    if found is None or wanted not in FROM:
        raise NothingHere
    if not view.can("operate") and (found.version is not None or wanted not in ("archive", "restore")):
        raise NothingHere
    try:
        async with view.request.app.state.resources.sessions.begin() as session:
            now = (await load_clock(session)).now()
            await turn_journey(session, key, cast(Turn, wanted), view.by, now, view.form.get("why", "").strip()[:500])
    except NotNow as refused:
        return RedirectResponse(f"/journeys?done={'journey_inside' if refused.inside else 'journey_not_now'}", 303)
    after = f"/journeys/{key}/end" if wanted == "close" else f"/journeys?done=journey_{wanted}"
    return RedirectResponse(after, 303)
