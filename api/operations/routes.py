"""The admin API's operations on many runs, and the trouble that they are for."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, Listing, OfJourney, Page, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.operations.begin import AWAY, MoreThanSeen, NobodyChosen, begin, go_on, retry_failed, turn
from api.operations.schemas import Chosen, ItemBody, NewOperation, OperationBody, Previewed, Trouble
from api.operations.temporal_links import trouble_link, workflow_link
from api.runs.routes import AGAIN, runs_of
from orchestrator.core.run.trouble import OVERDUE, acts_on, advise, describe_problem
from orchestrator.store.operations.choice import ChosenRun, preview
from orchestrator.store.operations.progress import (
    OperationRow,
    count_items,
    count_items_of,
    list_items,
    list_operations,
    load_operation,
    settle,
)
from orchestrator.store.runs.trouble_groups import TroubleGroup, group_trouble

router = APIRouter(prefix="/api", tags=["Operations"], dependencies=[Depends(Require("read"))], responses=REFUSALS)
_OPERATE = [Depends(Require("operate"))]
_BEGINS: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemBody, "description": "Nobody is meant, or more than were expected."},
    503: {"model": ProblemBody, "description": "Temporal cannot be reached."},
}
ItemStatus = Annotated[Literal["waiting", "asked", "done", "passed", "failed"] | None, Query()]


@router.get("/trouble", summary="List trouble", response_model=list[Trouble])
async def trouble(request: Request, journey: OfJourney = None) -> Response:
    """Runs in trouble, by journey, step and cause, the most frequent first."""
    groups = await group_trouble(resources_of(request).engine, journey)
    return json_response([_group(request, one) for one in groups])


@router.post("/operations/preview", summary="Preview an operation", response_model=Previewed, dependencies=_OPERATE)
async def previewed(request: Request, chosen: Chosen) -> Response:
    """Whom it would be for: how many, at which steps, and ten of them. Nothing is done."""
    found = await preview(resources_of(request).engine, chosen.act, chosen.choice())
    steps = [{"journey": one.journey_key, "step": one.step, "runs": one.runs} for one in found.steps]
    sample = [_sample(request, one) for one in found.sample]
    return json_response({"act": chosen.act, "count": found.count, "steps": steps, "sample": sample})


@router.post(
    "/operations",
    summary="Begin an operation",
    response_model=OperationBody,
    status_code=201,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def begun(request: Request, new: NewOperation) -> Response:
    """Freezes the list of those who are meant now, and walks through it at the pace that is asked for.

    It survives the death of any process, can be cancelled and gone on with, and keeps what became of each.
    """
    engine, by = resources_of(request).engine, by_of(actor_of(request))
    try:
        operation = await begin(engine, runs_of(request), new.order(), by)
    except NobodyChosen:
        raise ApiProblem("operation_empty") from None
    except MoreThanSeen as grown:
        raise ApiProblem("operation_grown", "expected", count=grown.count) from None
    except AWAY:
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    return await _told(request, await _known(request, operation), 201)


@router.get("/operations", summary="List operations", response_model=Listing[OperationBody])
async def listed(
    request: Request,
    page: Page,
    status: Annotated[Literal["running", "cancelled", "done"] | None, Query()] = None,
) -> Response:
    """Operations, the newest first."""
    engine = resources_of(request).engine
    found = await list_operations(engine, status, page.before, page.limit)
    counts = await count_items_of(engine, [one.id for one in found.rows])
    return page.answer([_body(one, counts[one.id]) for one in found.rows], found.next)


@router.get("/operations/{operation}", summary="Get an operation", response_model=OperationBody)
async def one(request: Request, operation: UUID) -> Response:
    """How far it is."""
    return await _told(request, await _known(request, operation))


@router.get("/operations/{operation}/items", summary="List an operation's items", response_model=list[ItemBody])
async def items(
    request: Request,
    operation: UUID,
    status: ItemStatus = None,
    after: Annotated[int, Query(ge=0, description="`position` of the last one before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What became of each, in the order of the list."""
    found, engine = await _known(request, operation), resources_of(request).engine
    await settle(engine, found.id)
    rows = await list_items(engine, found.id, status, after, limit)
    told = ("position", "step", "status", "outcome", "at")
    return json_response(
        [
            {
                **{name: getattr(row, name) for name in told},
                "run": row.id,
                "journey": row.journey_key,
                "customer": row.customer_id,
            }
            for row in rows
        ]
    )


@router.post(
    "/operations/{operation}/cancel",
    summary="Cancel an operation",
    response_model=OperationBody,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def cancel(request: Request, operation: UUID) -> Response:
    """It goes no further; what was done is done. It can be gone on with."""
    found = await _known(request, operation)
    if not await turn(resources_of(request).engine, found, "cancelled", by_of(actor_of(request))):
        raise ApiProblem("operation_not_running")
    return await _told(request, await _known(request, operation))


@router.post(
    "/operations/{operation}/resume",
    summary="Go on with an operation",
    response_model=OperationBody,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def resume(request: Request, operation: UUID) -> Response:
    """One that was cancelled does the rest of its list."""
    found = await _known(request, operation)
    try:
        done = await go_on(resources_of(request).engine, runs_of(request), found, by_of(actor_of(request)))
    except AWAY:
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    if not done:
        raise ApiProblem("operation_not_cancelled")
    return await _told(request, await _known(request, operation))


@router.post(
    "/operations/{operation}/retry-failed",
    summary="Try again what failed",
    response_model=OperationBody,
    status_code=201,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def again(request: Request, operation: UUID) -> Response:
    """A new operation for those only for whom it failed."""
    found, engine = await _known(request, operation), resources_of(request).engine
    try:
        following = await retry_failed(engine, runs_of(request), found, by_of(actor_of(request)))
    except NobodyChosen:
        raise ApiProblem("operation_empty") from None
    except AWAY:
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    return await _told(request, await _known(request, following), 201)


async def answer_with(request: Request, operation: UUID) -> Response:
    """An operation that has just begun."""
    return await _told(request, await _known(request, operation), 201)


async def _known(request: Request, operation: UUID) -> OperationRow:
    found = await load_operation(resources_of(request).engine, operation)
    if found is None:
        raise ApiProblem("unknown_operation", "operation")
    return found


async def _told(request: Request, operation: OperationRow, status: int = 200) -> Response:
    engine = resources_of(request).engine
    await settle(engine, operation.id)
    return json_response(_body(operation, await count_items(engine, operation.id)), status)


def _body(operation: OperationRow, items: dict[str, int]) -> dict[str, Any]:
    told = {**vars(operation), "after": operation.after_id, "items": items}
    return {name: told[name] for name in OperationBody.model_fields}


def _group(request: Request, group: TroubleGroup) -> dict[str, Any]:
    locale, settings = language(request), resources_of(request).settings
    named = ("step", "cause", "runs", "first_seen", "last_seen", "sample")
    shown = group.cause != OVERDUE
    return {
        **{name: getattr(group, name) for name in named},
        "journey": group.journey_key,
        "words": describe_problem(group.problem).to(locale),
        "what_to_do": advise(group.problem).to(locale),
        "acts": acts_on(group.problem, group.paused_for is not None),
        "paused_for": group.paused_for,
        "temporal": trouble_link(settings, group.journey_key, group.problem) if shown else None,
    }


def _sample(request: Request, run: ChosenRun) -> dict[str, Any]:
    return {
        "run": run.id,
        "journey": run.journey_key,
        "version": run.version,
        "step": run.step,
        "customer": run.customer_id,
        "external_id": run.external_id,
        "problem": describe_problem(run.problem).to(language(request)) if run.problem else None,
        "since": run.since,
        "temporal": workflow_link(resources_of(request).settings, run.workflow_id),
    }
