"""Where the steps of a draft stand on the canvas, kept for one that came without: from a file, the gallery, the API."""

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.documents.keys import Key
from api.documents.revisions import IF_MATCH, revision_of
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem
from orchestrator.core.journey.graph import MOST_STEPS, Point
from orchestrator.store.journeys.drafts import keep_places

router = APIRouter(prefix="/api", tags=["Journeys"], responses=REFUSALS)


class Places(BaseModel):
    """Where a canvas arranged the steps."""

    positions: dict[str, Point] = Field(max_length=2 * MOST_STEPS, description="By step id; the entry's is `entry`.")


@router.put(
    "/journeys/{key}/layout",
    summary="Keep where the steps of a draft stand",
    status_code=204,
    dependencies=[Depends(Require("draw"))],
    openapi_extra=IF_MATCH,
)
async def keep_layout(request: Request, key: Key, places: Places) -> Response:
    """Gives places to the steps that have none, so that the draft opens at once and looks the same for everybody.

    It is no change of the draft: its revision and who edited it last stay. What has a place keeps it, and a draft that
    is not the revision of `If-Match` any more is left as it is.
    """
    positions = {step: at.model_dump() for step, at in places.positions.items()}
    async with resources_of(request).sessions.begin() as session:
        if not await keep_places(session, key, positions, revision_of(request)):
            raise ApiProblem("unknown_journey", "key", key=key)
    return Response(status_code=204)
