"""Customers: to be searched, and each with all that happened to them and why."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.console.page import ConsoleRoute, NothingHere, Reader
from api.console.standing import standings
from api.console.timeline import tell
from orchestrator.core.channels import CHANNELS
from orchestrator.core.conditions import STAGES
from orchestrator.store.customer_record import (
    Source,
    count_customers,
    list_customers,
    load_customer,
    load_identities,
    load_timeline,
)
from orchestrator.store.run_list import list_runs

router = APIRouter(route_class=ConsoleRoute)
SHOWN: dict[str, tuple[Source, ...]] = {
    "": ("event", "entry", "step", "send"),
    "events": ("event",),
    "journeys": ("entry", "step"),
    "messages": ("send",),
}
"""Parts of the timeline by the name of their filter."""


@router.get("/customers")
async def customers(view: Reader, q: str = "", stage: str = "", before: str = "") -> Response:
    """The list; ``stage`` ``none``: those in no stage yet."""
    wanted = {"": None, "none": ""}.get(stage, stage)
    page = await list_customers(view.engine, search=q.strip()[:200], stage=wanted, before=before)
    return view.render("customers.html", page=page, counts=await count_customers(view.engine), stages=STAGES)


@router.get("/customers/{identity}")
async def customer(view: Reader, identity: UUID, show: str = "", before: str = "") -> Response:
    """One customer: profile, consents, where each run stands, and the timeline."""
    found = await load_customer(view.engine, identity)
    if found is None:
        raise NothingHere
    live = await list_runs(view.engine, customer=found.id, status="live", limit=20)
    items, more = await load_timeline(
        view.engine, found.id, sources=SHOWN.get(show, SHOWN[""]), before=_instant(before), limit=100
    )
    return view.render(
        "customer.html",
        customer=found,
        identities=await load_identities(view.engine, found.id),
        channels=list(CHANNELS),
        live=await standings(view, live.rows),
        days=await tell(view, items),
        more=more.isoformat() if more else None,
        shown=list(SHOWN),
    )


def _instant(given: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
