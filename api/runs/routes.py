"""The admin API's acts on one run."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response
from temporalio.service import RPCError

from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from api.runs.connection import RunsConnection
from api.runs.operate import OneAct, operate
from api.runs.schemas import Acted, End

router = APIRouter(prefix="/api/runs", tags=["Runs"], dependencies=[Depends(Require("operate"))], responses=REFUSALS)
AGAIN = 5
"""Seconds after which to ask again while Temporal is away."""
_GONE: dict[int | str, dict[str, Any]] = {
    404: {"model": ProblemBody, "description": "There is no such run."},
    409: {"model": ProblemBody, "description": "It is over, is known to Temporal no more, or has nothing to skip."},
    503: {"model": ProblemBody, "description": "Temporal cannot be reached."},
}


def runs_of(request: Request) -> RunsConnection:
    """The connection of this process."""
    state = request.app.state
    if not hasattr(state, "runs_connection"):
        state.runs_connection = RunsConnection(resources_of(request))
    connection: RunsConnection = state.runs_connection
    return connection


@router.post("/{run}/retry", summary="Try again", response_model=Acted, responses=_GONE)
async def retry(request: Request, run: UUID) -> Response:
    """What failed is tried again now; a run that has not started is started."""
    return await _act(request, run, "retry")


@router.post("/{run}/skip", summary="Skip this message", response_model=Acted, responses=_GONE)
async def skip(request: Request, run: UUID) -> Response:
    """The message, or call, that keeps failing is given up, and the run goes on by “Not sent” or “Failed”."""
    return await _act(request, run, "skip")


@router.post("/{run}/end", summary="End a run", response_model=Acted, responses=_GONE)
async def end(request: Request, run: UUID, how: Annotated[End | None, Body()] = None) -> Response:
    """The customer leaves the journey now, with the reason `operator`."""
    return await _act(request, run, "end", force=how is not None and how.force)


async def _act(request: Request, run: UUID, act: OneAct, *, force: bool = False) -> Response:
    engine, by = resources_of(request).engine, by_of(actor_of(request))
    try:
        answer = await operate(engine, runs_of(request), run, act, by, force=force)
    except (RuntimeError, RPCError, OSError):
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    problems = {"unknown": "unknown_run", "finished": "run_finished", "gone": "run_gone"}
    if answer in ("asked", "ended"):
        return json_response({"answer": answer})
    raise ApiProblem(problems.get(answer, "nothing_to_skip"), "run")
