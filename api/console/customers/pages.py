"""One customer, with all that happened to them and why."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.console.customers.consents import consents_of_customer
from api.console.customers.messages import describe_messages
from api.console.customers.timeline import describe_items
from api.console.runs.run_details import run_details
from api.http.access import SAFE
from api.pages.access import ElsewhereNow, NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.customers.editing import LONGEST_NOTE
from orchestrator.store.customers.facts_of_one import load_devices, load_orders
from orchestrator.store.customers.notes import list_notes
from orchestrator.store.customers.record import (
    SOURCES,
    CustomerRow,
    Source,
    find_customer,
    load_customer,
    load_identities,
    load_timeline,
)
from orchestrator.store.runs.run_list import list_runs
from orchestrator.store.sending.send_list import list_sends
from orchestrator.store.surveys.complaints import list_complaints
from orchestrator.store.surveys.documents import all_surveys
from orchestrator.store.surveys.reports import answers_of_customer

router = APIRouter(route_class=ConsoleRoute)
SHOWN: dict[str, tuple[Source, ...]] = {
    "": SOURCES,
    "events": ("event",),
    "journeys": ("entry", "step"),
    "messages": ("send",),
    "consents": ("consent",),
    "notes": ("note",),
}
"""Parts of the timeline by the name of their filter."""
PARTS = ("journeys", "messages", "edit", "merge", "erase")
"""Pages of one customer, by the last part of their address."""


@router.get("/customers/{identity:id}")
async def customer(view: Reader, identity: str, show: str = "", before: str = "", done: str = "") -> Response:
    """One customer: where each run stands, and the timeline of everything."""
    found = await known_customer(view, identity)
    live = await list_runs(view.engine, customer=found.id, status="live", limit=20)
    items, more = await load_timeline(
        view.engine, found.id, sources=SHOWN.get(show, SHOWN[""]), before=_instant(before), limit=100
    )
    return view.render(
        "customer_timeline.html",
        **await profile_of(view, found),
        live=await run_details(view, live.rows),
        days=await describe_items(view, items),
        more=more.isoformat() if more else None,
        shown=list(SHOWN),
        done=done,
    )


@router.get("/customers/{identity:id}/journeys")
async def journeys_of_customer(view: Reader, identity: str, before: str = "") -> Response:
    """Every passage through a journey: under way, and over."""
    found = await known_customer(view, identity)
    page = await list_runs(view.engine, customer=found.id, before=before)
    rows = await run_details(view, page.rows)
    return view.render("customer_journeys.html", **await profile_of(view, found), page=page, rows=rows)


@router.get("/customers/{identity:id}/messages")
async def messages_of_customer(view: Reader, identity: str, before: str = "") -> Response:
    """Every message that was decided about, with the reason and what the decision saw."""
    found = await known_customer(view, identity)
    page = await list_sends(view.engine, customer=found.id, before=before)
    told = await describe_messages(view, page.rows)
    return view.render("customer_messages.html", **await profile_of(view, found), page=page, messages=told)


async def known_customer(view: View, identity: str) -> CustomerRow:
    """Whoever an id means, ours or the shop's own, is shown as they are now, at the address that stays."""
    known = await find_customer(view.engine, identity)
    found = None if known is None else await load_customer(view.engine, known)
    if found is None:
        raise NothingHere
    view.request.state.subject = str(found.id)
    if str(found.id) != identity and view.request.method in SAFE:
        raise ElsewhereNow(f"/customers/{found.id}{_part(view.request.url.path)}")
    return found


def _part(path: str) -> str:
    last = path.rsplit("/", 1)[-1]
    return f"/{last}" if last in PARTS and path.count("/") > 2 else ""


async def profile_of(view: View, found: CustomerRow) -> dict[str, Any]:
    """What stands beside every page of one customer."""
    identities = await load_identities(view.engine, found.id)
    complaints = await list_complaints(view.engine, customer=found.id, limit=10)
    async with view.engine.connect() as db:
        surveys = {key: view.name(row.document.name, key) for key, row in (await all_surveys(db)).items()}
    return {
        "customer": found,
        "identities": identities,
        "channels": list(CHANNELS),
        "complaints": complaints.rows,
        "answers": await answers_of_customer(view.engine, found.id),
        "surveys": surveys,
        "devices": await load_devices(view.engine, found.id),
        "orders": await load_orders(view.engine, found.id, 5),
        "notes": (await list_notes(view.engine, found.id, limit=5)).rows,
        "longest_note": LONGEST_NOTE,
        **await consents_of_customer(view, found.id),
    }


def _instant(given: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
