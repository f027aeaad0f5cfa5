"""Two customers are made one by hand: the other is looked for, both stand side by side, and then it is done."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.console.customers.pages import known_customer, profile_of
from api.customers.merging import look_at_merge
from api.pages.access import PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.customers.consents import title
from orchestrator.store.customers.customer_list import CustomerFilter, list_customers
from orchestrator.store.customers.record import CustomerRow, load_customer
from orchestrator.store.intake.merge_by_hand import merge_by_hand

router = APIRouter(route_class=ConsoleRoute)
Caring = Annotated[View, Depends(PageAccess("draw", "operate"))]
"""Whoever works with customers."""
_OFFERED = 8


@router.get("/customers/{identity:id}/merge")
async def choose(view: Caring, identity: str, q: str = "", other: str = "", keep: str = "") -> Response:
    """Look for the other one; then what would stay. ``keep`` ``other``: the other remains."""
    found = await known_customer(view, identity)
    second = await _customer(view, other)
    if second is None or second.id == found.id:
        page = await list_customers(view.engine, CustomerFilter(q.strip()[:200]), limit=_OFFERED + 1) if q else None
        offered = [row for row in page.rows if row.id != found.id][:_OFFERED] if page else []
        return await _page(view, found, offered=offered, q=q)
    source, target = (found, second) if keep == "other" else (second, found)
    preview = await look_at_merge(view.request, source.id, target.id)
    return await _page(view, found, second=second, source=source, target=target, preview=preview, q=q)


@router.post("/customers/{identity:id}/merge")
async def merge(view: Caring, identity: str) -> Response:
    """It is done, and cannot be taken back."""
    found = await known_customer(view, identity)
    second = await _customer(view, view.form.get("other", ""))
    if second is None or "sure" not in view.form:
        return RedirectResponse(f"/customers/{found.id}/merge?other={view.form.get('other', '')[:36]}", 303)
    source, target = (found, second) if view.form.get("keep") == "other" else (second, found)
    async with view.engine.begin() as db:
        remains = await merge_by_hand(db, source.id, target.id, view.by, view.now)
    return RedirectResponse(f"/customers/{remains or found.id}?done=customers_merged", 303)


async def _customer(view: View, given: str) -> CustomerRow | None:
    try:
        return await load_customer(view.engine, UUID(given))
    except ValueError:
        return None


async def _page(view: View, found: CustomerRow, **given: Any) -> Response:
    defaults: dict[str, Any] = {"offered": [], "second": None, "preview": None, "journeys": await view.journey_names()}
    return view.render(
        "customer_merge.html",
        **await profile_of(view, found),
        **{**defaults, **given},
        consent_name=lambda name: title(name).to(view.locale),
    )
