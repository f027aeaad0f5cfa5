"""The admin API's erasures, and everything that is known of one person."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response, StreamingResponse

from api.customers.routes import Id
from api.erasures.erasing import Erasing
from api.erasures.schemas import Erase, ReceiptAnswer
from api.http.access import Require, actor_of, by_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, Listing, Page, ProblemBody, known_customer, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.core.characters import storable_text
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.erasures.everything import everything_about
from orchestrator.store.erasures.receipts import Receipt, list_receipts

router = APIRouter(
    prefix="/api",
    tags=["Erasures"],
    dependencies=[Depends(Require("administer"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
_AWAY: dict[int | str, dict[str, Any]] = {503: {"model": ProblemBody, "description": "Temporal cannot be reached."}}
Identity = Annotated[UUID, Path(description="A receipt's id.")]


@router.get(
    "/customers/{customer:id}/everything", summary="Everything about a customer", response_class=StreamingResponse
)
async def everything(request: Request, customer: Id) -> StreamingResponse:
    """All rows of all tables that know of them, as one JSON object by table: what the right of access asks for."""
    who = await known_customer(request, customer)
    engine = resources_of(request).engine
    await record_alone(engine, by_of(actor_of(request)), Change("customer.handed_out", str(who)))
    headers = {"content-disposition": f'attachment; filename="{who}.json"'}
    return StreamingResponse(everything_as_json(engine, who), media_type="application/json", headers=headers)


async def everything_as_json(engine: AsyncEngine, customer: UUID) -> AsyncIterator[bytes]:
    """One object, table by table."""
    before = b"{"
    async for table, rows in everything_about(engine, customer):
        yield before + orjson.dumps(table) + b":" + orjson.dumps(rows)
        before = b",\n"
    yield b"}\n"


@router.post(
    "/customers/{customer:id}/erase", summary="Erase a customer", response_model=ReceiptAnswer, responses=_AWAY
)
async def erase(request: Request, customer: Id, given: Erase) -> Response:
    """Profile, events, messages, consents, devices, notes, runs with their histories in Temporal, counts in Redis. What
    statistics count stays, as nobody's. It cannot be taken back. Answers with the receipt."""
    who = await known_customer(request, customer)
    if given.confirm != str(who):
        raise ApiProblem("erase_unconfirmed", "confirm")
    why = storable_text(given.why).strip()
    return json_response(receipt_as_json(await erasing_of(request).erase(who, why, by_of(actor_of(request)))))


@router.get("/erasures", summary="List receipts of erasures", response_model=Listing[ReceiptAnswer])
async def erasures(request: Request, page: Page) -> Response:
    """The newest first."""
    found = await list_receipts(resources_of(request).engine, before=page.before, limit=page.limit)
    return page.answer([receipt_as_json(one) for one in found.rows], found.next)


@router.post(
    "/erasures/{identity}/continue", summary="Finish an erasure", response_model=ReceiptAnswer, responses=_AWAY
)
async def go_on(request: Request, identity: Identity) -> Response:
    """Of one that could not be finished: its histories, or its counts."""
    return json_response(receipt_as_json(await erasing_of(request).go_on(identity)))


def erasing_of(request: Request) -> Erasing:
    """The erasures of this process."""
    erasing: Erasing = request.app.state.erasing
    return erasing


def receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt as it is answered."""
    return {name: getattr(receipt, name) for name in ReceiptAnswer.model_fields}
