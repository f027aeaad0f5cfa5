"""Who has a journey open now."""

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response
from api.teamwork.schemas import HereNow, PeopleHere
from orchestrator.store.teamwork.presence import Present, say_gone, say_present


class _Window(BoundedBody):
    """A window says little."""

    most = 4 * 1024
    sender = Require("read")


router = APIRouter(
    prefix="/api", tags=["Team"], dependencies=[Depends(Require("read"))], responses=REFUSALS, route_class=_Window
)


@router.post("/journeys/{key}/presence", summary="Say that one is here", response_model=PeopleHere)
async def here(request: Request, key: Key, given: HereNow) -> Response:
    """Said again every fifteen seconds; a window that is silent for 45 is forgotten. Answers with everybody else,
    once each. Where Redis is away, nobody is seen."""
    actor = actor_of(request)
    person = str(actor.id or f"{actor.via}:{given.window if actor.via == 'local' else actor.name}")
    found = await say_present(resources_of(request).redis, key, Present(given.window, person, actor.name, given.step))
    return json_response({"items": [{"id": one.person, "name": one.name, "step": one.step} for one in found]})


@router.delete("/journeys/{key}/presence/{window}", summary="Say that one has gone", status_code=204)
async def gone(request: Request, key: Key, window: str = Path(pattern=r"^[A-Za-z0-9-]{8,64}$")) -> Response:
    """The window was closed."""
    await say_gone(resources_of(request).redis, key, window)
    return Response(status_code=204)
