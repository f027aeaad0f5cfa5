"""Reads a journey file, JSON or YAML, without storing it: for whoever wants to see what is in it before taking it."""

import asyncio

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.body import read_journey
from api.documents.hidden_secrets import hidden, revealed
from api.documents.problems import problem_responses, too_large
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from api.journeys.schemas.drawing import ReadJourney
from orchestrator.core.journey.drawing import draw
from orchestrator.store.journeys.publish import load_vocabulary

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)


@router.post(
    "/journeys/read",
    summary="Read a journey file",
    response_model=ReadJourney,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def read(request: Request) -> Response:
    """The journey in a file (YAML by Content-Type) as JSON, and all that is wrong with it. Nothing is stored."""
    document = await read_journey(request)
    async with resources_of(request).sessions() as session:
        vocabulary = await load_vocabulary(session)
    document = await asyncio.to_thread(revealed, request, document)
    drawn = await bounded(request, draw, document, vocabulary)
    if not drawn.looked_at:
        raise too_large(drawn.problems[0])
    problems = problem_responses(drawn.problems, language(request))
    document = await asyncio.to_thread(hidden, request, document)
    return json_response({"document": document, "problems": problems})
