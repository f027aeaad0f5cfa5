"""What a canvas must know of each kind of step: its words in both languages, its form, its ways out."""

from functools import cache

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.http.access import Require
from api.http.lists import REFUSALS
from api.journeys.schemas.step_types import StepTypes
from orchestrator.core.channels.registry import channels_as_json
from orchestrator.core.journey.step_types import condition_words, journey_forms, step_types

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("read"))], responses=REFUSALS)


@cache
def _body() -> bytes:
    found = {
        "items": step_types(),
        "journey": journey_forms(),
        "conditions": condition_words(),
        "channels": channels_as_json(),
    }
    return orjson.dumps(found)


@router.get("/step-types", summary="List the kinds of step", response_model=StepTypes)
async def kinds() -> Response:
    """What each kind is called, how its form looks, which ways lead out of it: all in both languages."""
    return Response(_body(), media_type="application/json")
