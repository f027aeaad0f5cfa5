"""Who asks, what they may do, and by which language, zone and clock the workspace runs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.accounts.schemas import Me
from api.http.access import Actor, Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Access"], responses=REFUSALS)


@router.get("/me", summary="Who asks", response_model=Me)
async def me(request: Request, actor: Annotated[Actor, Depends(Require("read"))]) -> Response:
    """The person or token that asks, and what they may do."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    clock = clock_of(workspace)
    return json_response(
        {
            "name": actor.name,
            "email": actor.email,
            "role": actor.role,
            "can": sorted(actor.can),
            "via": actor.via,
            "locale": actor.locale or language(request),
            "time_zone": zone_of(workspace, resources.settings),
            "clock": {"now": clock.now(), "speed": clock.speed},
        }
    )
