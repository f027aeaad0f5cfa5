"""The admin API's moves: who is under way in which version, what a move would do, beginning it, taking it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.operations.begin import AWAY, MoreThanSeen, NobodyChosen
from api.operations.in_flight import versions_in_flight
from api.operations.move_schemas import ForeseenMove, InFlightVersion, MoveBack, Moved, NewMove
from api.operations.moving import (
    Foreseen,
    ForeseenStep,
    MustBeChosen,
    UnknownStep,
    UnknownVersion,
    foresee,
    move,
    move_back,
)
from api.operations.routes import answer_with
from api.operations.schemas import OperationBody
from api.runs.routes import AGAIN, runs_of
from orchestrator.core.journey.step_mapping import Place
from orchestrator.store.operations.progress import load_operation

router = APIRouter(prefix="/api", tags=["Operations"], dependencies=[Depends(Require("read"))], responses=REFUSALS)
_OPERATE = [Depends(Require("operate"))]
_BEGINS: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemBody, "description": "Nobody is meant, more than were expected, or something is unsaid."},
    503: {"model": ProblemBody, "description": "Temporal cannot be reached."},
}


@router.get("/journeys/{key}/in-flight", summary="Runs in flight by version", response_model=list[InFlightVersion])
async def in_flight(request: Request, key: Key) -> Response:
    """Every version with runs under way, the newest first, with the steps at which they stand."""
    resources = resources_of(request)
    found = await versions_in_flight(resources.engine, resources.plans, key, language(request))
    if found is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    return json_response(found)


@router.post(
    "/journeys/{key}/moves/preview",
    summary="Preview a move",
    response_model=ForeseenMove,
    dependencies=_OPERATE,
)
async def previewed(request: Request, key: Key, wanted: Moved) -> Response:
    """Which step becomes which, for how many, with which deadlines, and what would happen at once. Nothing is done."""
    resources = resources_of(request)
    try:
        found = await foresee(resources.engine, resources.plans, wanted.moving(key))
    except (UnknownVersion, UnknownStep) as fault:
        raise _refusal(key, fault) from None
    locale = language(request)
    steps = [_step(found, one, locale) for one in found.steps]
    return json_response({"count": found.count, "steps": steps, "open": found.open})


@router.post(
    "/journeys/{key}/moves",
    summary="Move runs",
    response_model=OperationBody,
    status_code=201,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def begun(request: Request, key: Key, new: NewMove) -> Response:
    """Begins an operation: each run goes on where its step is mapped to, in the version that is asked for."""
    resources, by = resources_of(request), by_of(actor_of(request))
    try:
        operation = await move(
            resources.engine,
            runs_of(request),
            resources.plans,
            new.moving(key),
            by,
            new.why,
            new.per_second,
            new.expected,
        )
    except _REFUSED as fault:
        raise _refusal(key, fault) from None
    return await answer_with(request, operation)


@router.post(
    "/operations/{operation}/back",
    summary="Move runs back",
    response_model=OperationBody,
    status_code=201,
    dependencies=_OPERATE,
    responses=_BEGINS,
)
async def back(request: Request, operation: UUID, how: Annotated[MoveBack | None, Body()] = None) -> Response:
    """Begins an operation: those whom this one has moved go back to the version, and the step, that they came from."""
    resources, by, how = resources_of(request), by_of(actor_of(request)), how or MoveBack.model_validate({})
    found = await load_operation(resources.engine, operation)
    if found is None:
        raise ApiProblem("unknown_operation", "operation")
    if found.act != "move":
        raise ApiProblem("nothing_to_move_back", "operation")
    steps = {step: Place(one.to, one.timer) for step, one in how.steps.items()}
    try:
        following = await move_back(resources.engine, runs_of(request), resources.plans, found, by, how.why, steps)
    except _REFUSED as fault:
        raise _refusal(str(found.chosen["journey"]), fault) from None
    return await answer_with(request, following)


_REFUSED = (UnknownVersion, UnknownStep, MustBeChosen, NobodyChosen, MoreThanSeen, *AWAY)


def _refusal(key: str, fault: Exception) -> ApiProblem:
    """Why a move does not begin."""
    match fault:
        case UnknownVersion(field=field, version=version):
            return ApiProblem("unknown_version", field, key=key, version=version)
        case UnknownStep(step=step):
            return ApiProblem("move_unknown_step", f"steps.{step}", step=step)
        case MustBeChosen(steps=steps):
            return ApiProblem("move_unsaid", f"steps.{steps[0]}", steps=", ".join(steps))
        case MoreThanSeen(count=count):
            return ApiProblem("operation_grown", "expected", count=count)
        case NobodyChosen():
            return ApiProblem("operation_empty")
    return ApiProblem("temporal_away", seconds=AGAIN)


def _step(found: Foreseen, one: ForeseenStep, locale: str) -> dict[str, Any]:
    to = one.place.to if one.place else None
    return {
        "step": one.step,
        "title": found.before.label(one.step, locale) if one.step in found.before.steps else one.step,
        "runs": one.runs,
        "parked": one.parked,
        "why": one.why,
        "to": to,
        "to_title": None if to is None else found.after.label(to, locale),
        "timer": one.place.timer if one.place else None,
        "before": {"first": one.before[0], "last": one.before[1]},
        "after": {"first": one.after[0], "last": one.after[1]},
        "due": one.due,
        "sends": [found.after.label(step, locale) for step in one.sends],
        "empty_variables": one.empty,
    }
