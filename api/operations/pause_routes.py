"""The admin API's pauses: everything, a channel, a journey."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.operations.begin import AWAY
from api.operations.resuming import Forecast, Late, Resumption, foresee, resume
from api.runs.routes import AGAIN, runs_of
from orchestrator.core.run.operations import MOST_PER_SECOND, PER_SECOND
from orchestrator.core.run.pause_reasons import why_paused
from orchestrator.store.operations.pauses import NothingToPause, pause, pauses
from orchestrator.store.runs.parking import group_parked

UTC = ZoneInfo("UTC")
router = APIRouter(prefix="/api", tags=["Operations"], dependencies=[Depends(Require("read"))], responses=REFUSALS)
_OPERATE = [Depends(Require("operate"))]
_AWAY: dict[int | str, dict[str, Any]] = {503: {"model": ProblemBody, "description": "Temporal cannot be reached."}}


class NewPause(BaseModel):
    """What is to be paused, or resumed."""

    what: str = Field(
        max_length=120,
        description="`everything`, `channel:email` (or another), `journey:` and its key, "
        "`step:` and a journey's key, a slash and the id of one of its steps that send.",
    )
    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")


class NewResumption(NewPause):
    """How it is to be resumed."""

    late: Late = Field(
        "now", description="Messages that came due meanwhile: `now` decides them again, `skip` does not."
    )
    enter: bool = Field(True, description="Have entries that the pause refused decided again, in their order.")
    per_second: float = Field(PER_SECOND, ge=0.1, le=MOST_PER_SECOND, description="Runs a second.")


class PauseBody(BaseModel):
    """Something that is paused."""

    what: str
    at: datetime = Field(description="Journey time.")
    by: str
    why: str
    cause: str = Field(description="The code of what went wrong, where nobody asked for it; else empty.")
    words: str = Field(description="The same, Korean or English by Accept-Language.")
    parked: int = Field(description="Runs that came due and stand still.")


class ParkedAt(BaseModel):
    """Runs that stand still at a step."""

    journey: str
    step: str | None
    runs: int
    since: datetime


class ForecastBody(BaseModel):
    """What resuming would do."""

    what: str
    paused: bool
    runs: int
    parked: list[ParkedAt]
    refused: int = Field(description="Entries that the pause refused, which can be decided again.")


class Resumed(BaseModel):
    """What lets those go who stood still."""

    operations: list[UUID]


@router.get("/pauses", summary="List pauses", response_model=list[PauseBody])
async def listed(request: Request) -> Response:
    """What is paused, the widest first."""
    engine = resources_of(request).engine
    parked = await group_parked(engine)
    told = [
        {
            "what": one.what,
            "at": one.at,
            "by": one.by,
            "why": one.why,
            "cause": one.cause,
            "words": why_paused(one.reason, UTC).to(language(request)) if one.reason else "",
            "parked": sum(group.runs for group in parked if group.what == one.what),
        }
        for one in await pauses(engine)
    ]
    return json_response(told)


@router.post("/pauses", summary="Pause", response_model=list[PauseBody], dependencies=_OPERATE)
async def begun(request: Request, new: NewPause) -> Response:
    """Nothing more goes out of what is named, and nobody enters it; waits go on counting, who comes due stands still.

    It costs no run anything. Messages that are on their way already go out.
    """
    try:
        async with resources_of(request).sessions.begin() as session:
            await pause(session, new.what, by_of(actor_of(request)), new.why)
    except NothingToPause:
        raise ApiProblem("nothing_to_pause", "what", what=new.what) from None
    return await listed(request)


@router.post("/pauses/forecast", summary="Forecast resuming", response_model=ForecastBody, dependencies=_OPERATE)
async def foreseen(request: Request, asked: NewPause) -> Response:
    """Who stands still and where, and how many entries were refused. Nothing is done."""
    return json_response(_forecast(await foresee(resources_of(request).engine, asked.what)))


@router.post("/pauses/resume", summary="Resume", response_model=Resumed, dependencies=_OPERATE, responses=_AWAY)
async def resumed(request: Request, new: NewResumption) -> Response:
    """Ends the pause, and lets those go who stand still, at a pace, each message decided again."""
    wanted = Resumption(new.what, new.late, new.enter, new.per_second, new.why)
    try:
        begun = await resume(resources_of(request).engine, runs_of(request), wanted, by_of(actor_of(request)))
    except NothingToPause:
        raise ApiProblem("nothing_to_pause", "what", what=new.what) from None
    except AWAY:
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    return json_response({"operations": begun})


def _forecast(found: Forecast) -> dict[str, Any]:
    parked = [
        {"journey": one.journey_key, "step": one.step, "runs": one.runs, "since": one.since} for one in found.parked
    ]
    return {
        "what": found.what,
        "paused": found.pause is not None,
        "runs": found.runs,
        "parked": parked,
        "refused": found.refused,
    }
