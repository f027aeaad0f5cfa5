"""Runs, the outbox and the log of entries."""

from typing import Annotated, cast
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from temporalio.service import RPCError

from api.console.runs.decision import describe_decisions
from api.console.runs.run_details import run_details
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.forms import local_path
from api.pages.view import View
from api.runs.operate import OneAct, operate
from api.runs.routes import runs_of
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.run.routing import REASONS
from orchestrator.store.runs.entry_list import list_entries
from orchestrator.store.runs.run_list import list_runs
from orchestrator.store.sending.outbox_list import list_outbox, load_outbox_item
from orchestrator.store.sending.send_list import load_send

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
"""Whoever frees runs that are stuck."""
STATUSES = ("live", "parked", "finished", "problem")
LETTER = (
    # What was sent is looked at, not opened: of pictures only those of our library are fetched, neither the one that
    # counts nor anybody else's.
    "sandbox; default-src 'none'; img-src data: {own}/media/; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@router.get("/runs")
async def runs(view: Reader, journey: str = "", step: str = "", status: str = "", before: str = "") -> Response:
    """Runs by journey, step and status."""
    page = await list_runs(view.engine, journey=journey or None, step=step or None, status=status, before=before)
    return view.render(
        "runs.html",
        page=page,
        rows=await run_details(view, page.rows),
        names=await view.journey_names(),
        statuses=STATUSES,
    )


@router.post("/runs/{identity}/act")
async def act(view: Operator, request: Request, identity: UUID) -> Response:
    """Try again, skip the message, or end one run; then back to where one was."""
    wanted = view.form.get("act", "")
    if wanted not in ("retry", "skip", "end"):
        raise NothingHere
    try:
        answer: str = await operate(view.engine, runs_of(request), identity, cast(OneAct, wanted), view.by)
    except (RuntimeError, RPCError, OSError):
        answer = "away"
    if answer == "unknown":
        raise NothingHere
    said = f"run_{wanted}" if answer == "asked" else f"run_{answer}"
    back = urlsplit(local_path(view.form.get("next") or "/runs?status=problem"))
    kept = [(name, value) for name, value in parse_qsl(back.query) if name != "done"]
    return RedirectResponse(f"{back.path}?{urlencode([*kept, ('done', said)])}", 303)


@router.get("/outbox")
async def outbox(view: Reader, channel: str = "", journey: str = "", before: str = "") -> Response:
    """What went out, as its receivers see it."""
    page = await list_outbox(view.engine, channel=channel or None, journey=journey or None, before=before)
    names = await view.journey_names()
    places = await view.places((one.journey_key, one.step or "") for one in page.rows)
    return view.render("outbox.html", page=page, places=places, channels=list(CHANNELS), names=names)


@router.get("/outbox/{identity}")
async def letter(view: Reader, identity: UUID) -> Response:
    """One message in full."""
    found = await load_outbox_item(view.engine, identity)
    if found is None:
        raise NothingHere
    send = await load_send(view.engine, identity)
    decision = (await describe_decisions(view, [send]))[send.id] if send else None
    at = (found.journey_key, found.step or "")
    place = (await view.places([at]))[at]
    return view.render("outbox_message.html", letter=found, decision=decision, place=place)


@router.get("/outbox/{identity}/mail")
async def mail(view: Reader, identity: UUID) -> Response:
    """An e-mail as HTML that may do nothing, for the frame on its page; to look at it is not to open it."""
    found = await load_outbox_item(view.engine, identity)
    if found is None or not found.content.get("html"):
        raise NothingHere
    policy = LETTER.replace("{own}", view.settings.public_url)
    headers = {"content-security-policy": policy, "referrer-policy": "no-referrer"}
    return HTMLResponse(found.content["html"], headers=headers)


@router.get("/entries")
async def entries(view: Reader, journey: str = "", reason: str = "", before: str = "") -> Response:
    """Who was let into a journey, who was not, and why."""
    page = await list_entries(view.engine, journey=journey or None, reason=reason or None, before=before)
    names = await view.journey_names()
    return view.render("entries.html", page=page, names=names, reasons=REASONS)
