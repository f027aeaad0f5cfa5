"""Broadcasts over HTTP: an audience enters a journey at a pace; paused, resumed, taken back, made up for."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from api.broadcasts import changes, schemas
from api.broadcasts.answers import as_json, as_table, tell
from api.http.access import Require, actor_of, by_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, Listing, Page, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.operations.broadcasts.outcomes import list_became
from orchestrator.store.operations.progress import list_operations, settle


class LargeBody(BoundedBody):
    """A hundred thousand customers by name are more than most bodies have."""

    most = 8 * 1024 * 1024
    sender = Require("operate")


router = APIRouter(
    prefix="/api",
    tags=["Broadcasts"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
)
named = APIRouter(
    prefix="/api",
    tags=["Broadcasts"],
    dependencies=[Depends(Require("operate"))],
    responses=REFUSALS,
    route_class=LargeBody,
)
_OPERATE = [Depends(Require("operate"))]
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemBody, "description": "Not as things stand."},
    503: {"model": ProblemBody, "description": "Temporal cannot be reached."},
}
MOST_TOLD = 100


@named.post("/broadcasts/preview", summary="Preview a broadcast", response_model=schemas.AudienceBody)
async def previewed(request: Request, meant: schemas.Meant) -> Response:
    """Who is meant now: how many, how many of them the journey can reach, and some of them. Nothing is done."""
    broadcast, people, unknown = await _meant(request, meant)
    found = await changes.preview(request, broadcast, people)
    sample = [{"customer": customer, "called": called} for customer, called in found.sample]
    told = {"customers": found.customers, "reachable": found.reachable, "anyhow": found.anyhow, "sample": sample}
    return json_response({**told, "unknown": len(unknown), "unknown_ids": unknown[:MOST_TOLD]})


@named.post(
    "/broadcasts",
    summary="Launch a broadcast",
    response_model=schemas.BroadcastBody,
    status_code=201,
    responses=_REFUSED,
)
async def launched(request: Request, new: schemas.NewBroadcastBody) -> Response:
    """The audience is written down when it starts, as it is at that moment; then each enters in their turn, once.

    It survives the death of any process, and can be paused, resumed and recalled.
    """
    broadcast, people, _ = await _meant(request, new)
    wanted = changes.NewBroadcast(broadcast, new.why.strip(), new.per_minute, people)
    return await _told(request, await changes.launch(request, wanted, by_of(actor_of(request))), 201)


@router.get("/broadcasts", summary="List broadcasts", response_model=Listing[schemas.BroadcastBody])
async def listed(
    request: Request,
    page: Page,
    status: Annotated[Literal["running", "cancelled", "done", "recalled"] | None, Query()] = None,
) -> Response:
    """Broadcasts, the newest first."""
    engine = resources_of(request).engine
    found = await list_operations(engine, status, page.before, page.limit, act="broadcast")
    return page.answer([as_json(await tell(engine, one)) for one in found.rows], found.next)


@router.get("/broadcasts/{broadcast}", summary="Get a broadcast", response_model=schemas.BroadcastBody)
async def one(request: Request, broadcast: UUID) -> Response:
    """How far it is, and what became of its customers."""
    return await _told(request, broadcast)


@router.get(
    "/broadcasts/{broadcast}/customers",
    summary="List a broadcast's customers",
    response_model=list[schemas.BroadcastCustomerBody],
)
async def customers(
    request: Request,
    broadcast: UUID,
    became: Annotated[schemas.Became | None, Query(description="Of this outcome only.")] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`position` of the last one before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What became of each, in the order of their turns."""
    found, engine = await changes.known_broadcast(request, broadcast), resources_of(request).engine
    await settle(engine, found.id)
    rows = await list_became(engine, found.id, became, after, limit)
    names = schemas.BroadcastCustomerBody.model_fields
    return json_response([{name: getattr(row, name) for name in names} for row in rows])


@router.get(
    "/broadcasts/{broadcast}/export",
    summary="Export a broadcast's customers",
    response_class=StreamingResponse,
    dependencies=_OPERATE,
)
async def export(request: Request, broadcast: UUID) -> StreamingResponse:
    """Each customer and what became of them, as CSV for a spreadsheet. Kept in the audit log."""
    found, engine = await changes.known_broadcast(request, broadcast), resources_of(request).engine
    await settle(engine, found.id)
    await record_alone(engine, by_of(actor_of(request)), Change("broadcast.exported", str(found.id), {}, {}))
    headers = {"content-disposition": f'attachment; filename="broadcast-{found.id}.csv"'}
    return StreamingResponse(as_table(engine, found.id), media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/broadcasts/{broadcast}/pause",
    summary="Pause a broadcast",
    response_model=schemas.BroadcastBody,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def pause(request: Request, broadcast: UUID) -> Response:
    """Nobody further enters until it is resumed; whoever has entered goes on."""
    await changes.pause(request, await changes.known_broadcast(request, broadcast), by_of(actor_of(request)))
    return await _told(request, broadcast)


@router.post(
    "/broadcasts/{broadcast}/resume",
    summary="Resume a broadcast",
    response_model=schemas.BroadcastBody,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def resume(request: Request, broadcast: UUID) -> Response:
    """It goes on where it stood. Whose hour has passed meanwhile enters now."""
    await changes.resume(request, await changes.known_broadcast(request, broadcast), by_of(actor_of(request)))
    return await _told(request, broadcast)


@router.post(
    "/broadcasts/{broadcast}/rest",
    summary="Go on with the rest",
    response_model=schemas.BroadcastBody,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def rest(request: Request, broadcast: UUID) -> Response:
    """After the first share, everybody else."""
    await changes.go_on(request, await changes.known_broadcast(request, broadcast), by_of(actor_of(request)))
    return await _told(request, broadcast)


@router.post(
    "/broadcasts/{broadcast}/retry",
    summary="Retry what failed",
    response_model=schemas.BroadcastBody,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def retry(request: Request, broadcast: UUID) -> Response:
    """Those whom nobody has decided are asked once more, under the same ids: nobody enters twice."""
    await changes.retry(request, await changes.known_broadcast(request, broadcast), by_of(actor_of(request)))
    return await _told(request, broadcast)


@router.post(
    "/broadcasts/{broadcast}/recall",
    summary="Recall a broadcast",
    response_model=schemas.RecalledBody,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def recalled(request: Request, broadcast: UUID, given: schemas.Why) -> Response:
    """Nobody further enters, and runs that have sent nothing yet are ended. What was sent cannot be taken back, and a
    recall neither: those whom it has reached can be written to by `POST …/compensate`."""
    found = await changes.known_broadcast(request, broadcast)
    ending = await changes.take_back(request, found, given.why.strip(), by_of(actor_of(request)))
    told = {name: getattr(ending, name) for name in ("runs", "dropped", "refused")}
    after = await changes.known_broadcast(request, broadcast)
    body = as_json(await tell(resources_of(request).engine, after))
    return json_response({"broadcast": body, "ending": ending.operation, **told})


@router.post(
    "/broadcasts/{broadcast}/compensate",
    summary="Make up for a broadcast",
    response_model=schemas.BroadcastBody,
    status_code=201,
    dependencies=_OPERATE,
    responses=_REFUSED,
)
async def compensate(request: Request, broadcast: UUID, given: schemas.Compensation) -> Response:
    """Another journey for exactly those whom it has reached, each once however often this is asked for."""
    found = await changes.known_broadcast(request, broadcast)
    wanted = Broadcast(journey=given.journey, properties=given.properties)
    new = changes.NewBroadcast(wanted, given.why.strip(), given.per_minute)
    return await _told(request, await changes.make_up_for(request, found, new, by_of(actor_of(request))), 201)


async def _meant(request: Request, meant: schemas.Meant) -> tuple[Broadcast, list[UUID], list[str]]:
    if not meant.is_clear():
        raise ApiProblem("broadcast_audience", "segment")
    people, unknown = await changes.known_people(request, meant.customers or [])
    return meant.broadcast(), people, unknown


async def _told(request: Request, identity: UUID, status: int = 200) -> Response:
    found = await changes.known_broadcast(request, identity)
    return json_response(as_json(await tell(resources_of(request).engine, found)), status)
