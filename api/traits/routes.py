"""Computed traits over HTTP: what is computed, and the models that were learned."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from temporalio.service import RPCError

from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from api.runs.routes import AGAIN, runs_of
from api.traits.schemas import Refreshing, TraitsBody
from orchestrator.core.traits.definition import TraitSettings, computed_names
from orchestrator.store.traits.counting import as_settings
from orchestrator.store.traits.nightly import newest_models
from orchestrator.store.workspace import change_settings, load_workspace
from workflows.rounds.refresh_traits import refresh_now

router = APIRouter(
    prefix="/api/traits",
    tags=["Traits"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
_DRAW = [Depends(Require("draw"))]
_AWAY: dict[int | str, dict[str, Any]] = {503: {"model": ProblemBody, "description": "Temporal cannot be reached."}}


@router.get("", summary="What is computed of customers", response_model=TraitsBody)
async def computed(request: Request) -> Response:
    """The settings, the names that conditions and templates know traits by, and the newest models."""
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    settings = as_settings(workspace.settings.get("traits")) if workspace else None
    return await _told(request, settings)


@router.put("", summary="Compute traits", response_model=TraitsBody, dependencies=_DRAW)
async def change(request: Request, settings: TraitSettings) -> Response:
    """From now on traits are counted at each event of their customers; of everybody by the next night, or at once by
    *refresh*."""
    async with resources_of(request).sessions.begin() as session:
        await change_settings(session, {"traits": settings.model_dump(mode="json")})
    return await _told(request, settings)


@router.delete("", summary="Compute no traits", response_model=TraitsBody, dependencies=_DRAW)
async def stop(request: Request) -> Response:
    """Nothing is computed any more. What was computed stays, and grows old."""
    async with resources_of(request).sessions.begin() as session:
        await change_settings(session, {"traits": None})
    return await _told(request, None)


@router.post(
    "/refresh",
    summary="Refresh traits now",
    response_model=Refreshing,
    status_code=202,
    dependencies=[Depends(Require("operate"))],
    responses=_AWAY,
)
async def refresh(request: Request) -> Response:
    """Count everybody and learn the models now; it goes on in the background."""
    try:
        runs = await runs_of(request)()
        await refresh_now(runs.client)
    except (RPCError, RuntimeError):
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
    return json_response({"refreshing": True}, 202)


async def _told(request: Request, settings: TraitSettings | None) -> Response:
    models = await newest_models(resources_of(request).engine)
    return json_response(
        {
            "settings": settings and settings.model_dump(mode="json"),
            "names": {} if settings is None else computed_names(settings),
            "models": [
                {
                    "fitted_at": one.fitted_at,
                    "customers": one.customers,
                    "problem": one.problem,
                    "report": one.report,
                }
                for one in models
            ],
        }
    )
