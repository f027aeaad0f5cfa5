"""The admin API's end of a journey: nobody is let in, and it is put away."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.documents.keys import Key
from api.documents.revisions import ETAG, DraftBody, draft_answer, known_draft
from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem
from orchestrator.store.journeys.ending import NotNow, turn_journey
from orchestrator.store.workspace import load_clock

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("operate"))], responses=REFUSALS)
_TURNED: dict[int | str, dict[str, Any]] = {
    200: {"headers": ETAG},
    409: {"model": ProblemBody, "description": "Its state does not allow it, or customers are inside."},
}


class Turned(BaseModel):
    """What is to become of it."""

    turn: Literal["close", "reopen", "archive", "restore"] = Field(
        description="`close`: nobody enters, those inside go on; `archive`: put away, with nobody inside."
    )
    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")


@router.post("/journeys/{key}/end", summary="End a journey", response_model=DraftBody, responses=_TURNED)
async def end_journey(request: Request, key: Key, wanted: Turned) -> Response:
    """Closes a journey, opens it again, archives or restores it. Who is inside leaves by an operation (`end`)."""
    try:
        async with resources_of(request).sessions.begin() as session:
            now = (await load_clock(session)).now()
            status = await turn_journey(session, key, wanted.turn, by_of(actor_of(request)), now, wanted.why)
            if status is None:
                raise ApiProblem("unknown_journey", "key", key=key)
            draft = await known_draft(session, key)
    except NotNow as refused:
        if refused.inside:
            raise ApiProblem("journey_inside", "turn", count=refused.inside) from None
        raise ApiProblem("journey_not_now", "turn", status=refused.status) from None
    return await draft_answer(request, draft)
