"""Back-tests of a journey's draft: started, watched while their figures narrow, cancelled."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.backtests.asked import backtest_of
from api.backtests.kept import Record
from api.backtests.runner import BacktestRunner
from api.backtests.schemas import BacktestBody, BacktestCustomers, NewBacktest
from api.bounded_work.pool import bounded
from api.documents.keys import Key
from api.documents.problems import refusal
from api.documents.revisions import known_draft
from api.http.access import Require, actor_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from orchestrator.core.journey.plan import compile_journey

router = APIRouter(prefix="/api", tags=["Back-tests"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)
Id = Annotated[UUID, Path(description="A back-test's id.")]


def _runner(request: Request) -> BacktestRunner:
    runner: BacktestRunner = request.app.state.backtests
    return runner


async def _known(request: Request, key: str, identity: UUID) -> Record:
    record = await _runner(request).kept.find(identity)
    if record is None or record["journey"] != key:
        raise ApiProblem("unknown_backtest", "backtest")
    return record


def _answer(record: Record, status: int = 200) -> Response:
    return json_response({name: record[name] for name in BacktestBody.model_fields}, status)


@router.post(
    "/journeys/{key}/backtest",
    summary="Start a back-test",
    status_code=202,
    response_model=BacktestBody,
    responses={409: {"model": ProblemBody, "description": "The draft has errors; they are in `problems`."}},
)
async def start(request: Request, key: Key, given: NewBacktest) -> Response:
    """Walks the real events of the last days through the draft and through the live version, in the background. One
    that you have under way for this journey ends. Nothing is sent or stored."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        draft = await known_draft(session, key)
    result = await bounded(request, compile_journey, draft.draft)
    if result.plan is None:
        raise refusal(result.problems, language(request))
    asked, version = await backtest_of(resources.engine, resources.settings, result.plan, given.days)
    return _answer(await _runner(request).start(asked, version, given.sample, actor_of(request).name), 202)


@router.get("/journeys/{key}/backtest/{backtest}", summary="Get a back-test", response_model=BacktestBody)
async def progress(request: Request, key: Key, backtest: Id) -> Response:
    """How far it is and what it has come to. Kept for a day."""
    return _answer(await _known(request, key, backtest))


@router.get(
    "/journeys/{key}/backtest/{backtest}/customers",
    summary="List customers whose ways differ",
    response_model=BacktestCustomers,
)
async def customers(request: Request, key: Key, backtest: Id) -> Response:
    """Ids of customers whose way through the draft differs from that through the live version, by kind."""
    await _known(request, key, backtest)
    return json_response({"items": await _runner(request).kept.differing(backtest)})


@router.delete("/journeys/{key}/backtest/{backtest}", summary="Cancel a back-test", status_code=204)
async def cancel(request: Request, key: Key, backtest: Id) -> Response:
    """It ends at once; what it has come to stays. One that is over stays as it is."""
    await _known(request, key, backtest)
    await _runner(request).cancel(backtest)
    return Response(status_code=204)
