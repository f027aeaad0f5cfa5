"""Merges that look wrong: two customers side by side, and whether they are one person."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.intake.held_merges import count_held, list_held
from orchestrator.store.intake.merge_decisions import Decision, decide_merge

router = APIRouter(route_class=ConsoleRoute)
Caring = Annotated[View, Depends(PageAccess("draw", "operate"))]
"""Whoever works with customers."""


@router.get("/merges")
async def merges(view: Reader, show: str = "", before: str = "", done: str = "") -> Response:
    """Those that wait for a decision, or those that were decided."""
    still_open = show != "decided"
    page = await list_held(view.engine, still_open=still_open, before=before or None)
    waiting = await count_held(view.engine)
    return view.render("merges.html", page=page, still_open=still_open, waiting=waiting, done=done)


@router.post("/merges/{merge}")
async def decide(view: Caring, merge: UUID) -> Response:
    """One person, or two."""
    decision: Decision = "merged" if view.form.get("decision") == "merged" else "apart"
    if await decide_merge(view.settings.database_url, merge, decision, view.who, view.now) is None:
        raise NothingHere
    return RedirectResponse(f"/merges?done=merge_{decision}", 303)
