"""A person is erased, after a look at what goes and what stays; receipts; everything about one person as a file."""

import contextlib
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.console.customers.pages import known_customer, profile_of
from api.erasures.routes import erasing_of, everything_as_json
from api.http.problems import ApiProblem
from api.pages.access import Admin, NothingHere
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.customers.record import CustomerRow
from orchestrator.store.erasures.everything import count_of_person
from orchestrator.store.erasures.receipts import list_receipts, load_receipt

router = APIRouter(route_class=ConsoleRoute)
_LONGEST_WHY = 500


@router.get("/customers/{identity:id}/erase")
async def look(view: Admin, identity: str) -> Response:
    """What would go, and what stays without them."""
    return await _page(view, await known_customer(view, identity))


@router.post("/customers/{identity:id}/erase")
async def erase(view: Admin, identity: str) -> Response:
    """It is done, for who typed what is asked for."""
    found = await known_customer(view, identity)
    if view.form.get("typed", "").strip().casefold() != view.words("erase.word").casefold():
        return await _page(view, found, problem=view.words("erase.wrong"), status=422)
    try:
        why = view.form.get("why", "").strip()[:_LONGEST_WHY]
        receipt = await erasing_of(view.request).erase(found.id, why, view.by)
    except ApiProblem as problem:
        return await _page(view, found, problem=problem.rendered(view.locale)["message"], status=503)
    return RedirectResponse(f"/erasures/{receipt.id}", 303)


@router.get("/customers/{identity:id}/everything.json")
async def everything(view: Admin, identity: str) -> Response:
    """All that is known of them, for themselves."""
    found = await known_customer(view, identity)
    await record_alone(view.engine, view.by, Change("customer.handed_out", str(found.id)))
    headers = {"content-disposition": f'attachment; filename="{found.id}.json"'}
    return StreamingResponse(everything_as_json(view.engine, found.id), media_type="application/json", headers=headers)


@router.get("/erasures")
async def receipts(view: Admin, before: str = "") -> Response:
    """All receipts."""
    return view.render("erasures.html", page=await list_receipts(view.engine, before=before or None))


@router.get("/erasures/{identity}")
async def receipt(view: Admin, identity: UUID) -> Response:
    """One receipt, to be printed or kept."""
    found = await load_receipt(view.engine, identity)
    if found is None:
        raise NothingHere
    return view.render("erasure.html", receipt=found)


@router.post("/erasures/{identity}")
async def go_on(view: Admin, identity: UUID) -> Response:
    """Once more, of one that could not be finished."""
    with contextlib.suppress(ApiProblem):  # the page says that it is not finished
        await erasing_of(view.request).go_on(identity)
    return RedirectResponse(f"/erasures/{identity}", 303)


async def _page(view: View, found: CustomerRow, *, problem: str = "", status: int = 200) -> Response:
    counts = await count_of_person(view.engine, found.id)
    return view.render("customer_erase.html", status, **await profile_of(view, found), counts=counts, problem=problem)
