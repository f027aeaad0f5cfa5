"""Pauses: the red button, what is paused, and what resuming would do before it is done."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.console.operations.paused_names import paused_names
from api.operations.begin import AWAY
from api.operations.resuming import Resumption, foresee, resume
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.run.pause_reasons import why_paused
from orchestrator.store.operations.pauses import NothingToPause, pause, pauses
from orchestrator.store.paused import EVERYTHING
from orchestrator.store.runs.parking import group_parked

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
PACES = (1, 5, 20, 100)


@router.get("/pauses")
async def listed(view: Reader, done: str = "", fault: str = "") -> Response:
    """What is paused, and what can be."""
    found, groups = await pauses(view.engine), await group_parked(view.engine)
    standing = {one.what for one in found}
    parked: dict[str, int] = {}
    for group in groups:
        parked[group.what] = parked.get(group.what, 0) + group.runs
    return view.render(
        "pauses.html",
        found=found,
        everything=EVERYTHING in standing,
        parked=parked,
        left=[what for what in parked if what not in standing],
        called=await paused_names(view, {*standing, *parked}),
        said={one.what: why_paused(one.reason, view.words.zone).to(view.locale) for one in found if one.reason},
        channels=[name for name in CHANNELS if f"channel:{name}" not in standing],
        done=done,
        fault=fault,
    )


@router.post("/pauses")
async def begin_pause(view: Operator) -> Response:
    """Pause at once: it can be resumed."""
    try:
        async with view.request.app.state.resources.sessions.begin() as session:
            await pause(session, view.form.get("what", ""), view.by, view.form.get("why", "").strip()[:500])
    except NothingToPause:
        raise NothingHere from None
    return RedirectResponse("/pauses?done=paused", 303)


@router.get("/pauses/resume")
async def look(view: Operator, what: str = "", fault: str = "") -> Response:
    """What resuming would do."""
    found = await foresee(view.engine, what)
    if found.pause is None and not found.parked:
        raise NothingHere
    places = await view.places((one.journey_key, one.step or "") for one in found.parked)
    return view.render(
        "resume.html",
        forecast=found,
        called=(await paused_names(view, [what]))[what],
        steps=[(places[one.journey_key, one.step or ""], one) for one in found.parked],
        paces=PACES,
        fault=fault,
    )


@router.post("/pauses/resume")
async def end(view: Operator, request: Request) -> Response:
    """Resume, and follow those who are let go."""
    what, late = view.form.get("what", ""), view.form.get("late", "now")
    pace = view.form.get("per_second", "")
    wanted = Resumption(
        what,
        "skip" if late == "skip" else "now",
        view.form.get("enter") == "1",
        float(pace) if pace.isdecimal() and len(pace) < 4 else 20.0,
        view.form.get("why", "").strip()[:500],
    )
    try:
        begun = await resume(view.engine, runs_of(request), wanted, view.by)
    except NothingToPause:
        raise NothingHere from None
    except AWAY:
        return RedirectResponse(f"/pauses/resume?{urlencode({'what': what, 'fault': 'operation_away'})}", 303)
    return RedirectResponse(f"/operations/{begun[0]}" if len(begun) == 1 else "/pauses?done=resumed", 303)
