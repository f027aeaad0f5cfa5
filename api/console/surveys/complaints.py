"""Complaints: who waits for an answer of ours, since when and why; resolved here, by an event or by the API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from api.pages.access import Admin, NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.forms import local_path
from api.pages.view import View
from orchestrator.store.customers.record import find_customer, load_customer
from orchestrator.store.surveys.complaints import (
    OPENED_BY,
    RESOLVED_BY,
    count_open,
    event_names,
    list_complaints,
    open_complaint,
    resolve_complaints,
    set_event_names,
)
from orchestrator.store.surveys.documents import all_surveys

router = APIRouter(route_class=ConsoleRoute)
Caring = Annotated[View, Depends(PageAccess("draw", "operate"))]
"""Whoever works with customers."""
_LONGEST = 1_000


@router.get("/complaints")
async def complaints(view: Reader, show: str = "", before: str = "", done: str = "") -> Response:
    """Those that are open, or those that were."""
    still_open = show != "resolved"
    found = await list_complaints(view.engine, still_open=still_open, before=before or None)
    async with view.engine.connect() as db:
        names = {key: view.name(row.document.name, key) for key, row in (await all_surveys(db)).items()}
    own = view.workspace.settings if view.workspace else {}
    return view.render(
        "complaints.html",
        page=found,
        still_open=still_open,
        open_count=await count_open(view.engine),
        surveys=names,
        done=done,
        events={name: "\n".join(event_names(own, name)) for name in (OPENED_BY, RESOLVED_BY)},
    )


@router.post("/complaints/{identity}/resolve")
async def resolve(view: Caring, identity: UUID) -> Response:
    """From now on they get advertising and requests for reviews again."""
    async with view.engine.begin() as db:
        await resolve_complaints(db, None, view.now, view.who, complaint=identity)
    return RedirectResponse(local_path(view.form.get("next") or "/complaints?done=complaint_resolved"), 303)


@router.post("/customers/{identity:id}/complaints")
async def open_by_hand(view: Caring, identity: str) -> Response:
    """Somebody called, or wrote."""
    words = view.form.get("reason", "").strip()[:_LONGEST]
    known = await find_customer(view.engine, identity)
    found = None if known is None else await load_customer(view.engine, known)
    if found is None:
        raise NothingHere
    view.request.state.subject = str(found.id)
    if words:
        detail = {"reason": words, "by": view.who}
        async with view.engine.begin() as db:
            await open_complaint(db, found.id, "console", str(uuid7()), detail, view.now)
    return RedirectResponse(f"/customers/{found.id}", 303)


@router.post("/complaints/events")
async def change_events(view: Admin) -> Response:
    """The names of the events that open and resolve complaints."""
    given = {name: view.form.get(name, "").splitlines() for name in (OPENED_BY, RESOLVED_BY)}
    async with view.engine.begin() as db:
        await set_event_names(db, given)
    return RedirectResponse("/complaints?done=complaint_events", 303)
