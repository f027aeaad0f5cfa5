"""Who asks, what they may do, and by which language, zone and clock the workspace runs."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.http.access import Actor, Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from orchestrator.core.roles import Permission, Role
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Access"], responses=REFUSALS)


class JourneyClock(BaseModel):
    """The clock by which journeys run."""

    now: datetime
    speed: float = Field(description="Seconds of journey time in a real second; 1 unless the workspace is a demo.")


class Me(BaseModel):
    """Who asks."""

    name: str
    email: str | None
    role: Role
    can: list[Permission]
    via: Literal["session", "token", "setting", "local"] = Field(
        description="How we know: signed in, an API token, the admin token of the settings, or being on this machine."
    )
    locale: str = Field(description="Of the person; else as Accept-Language wishes.")
    time_zone: str = Field(description="Of the workspace.")
    clock: JourneyClock


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
