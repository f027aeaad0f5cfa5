"""Reads a journey file, JSON or YAML, without storing it: for whoever wants to see what is in it before taking it."""

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.documents.body import MOST_BYTES, parse_journey
from api.documents.hidden_secrets import hidden, revealed
from api.documents.problems import JourneyProblem, problem_responses, too_large
from api.http.access import Require
from api.http.body import read_body
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from orchestrator.core.journey.drawing import DrawnJourney, draw
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.store.journeys.publish import load_vocabulary

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)


class ReadJourney(BaseModel):
    """What is in a file."""

    document: dict[str, Any]
    problems: list[JourneyProblem]


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
    content_type = request.headers.get("content-type", "")
    document = await asyncio.to_thread(parse_journey, await read_body(request, MOST_BYTES), content_type)
    async with resources_of(request).sessions() as session:
        vocabulary = await load_vocabulary(session)
    drawn = await asyncio.to_thread(_drawn, request, document, vocabulary)
    document = await asyncio.to_thread(lambda: hidden(request, revealed(request, document)))
    return json_response({"document": document, "problems": problem_responses(drawn.problems, language(request))})


def _drawn(request: Request, document: dict[str, Any], vocabulary: Vocabulary) -> DrawnJourney:
    unreasonable = exceeds_limits(document)
    if unreasonable is not None:
        raise too_large(unreasonable)
    return draw(revealed(request, document), vocabulary)
