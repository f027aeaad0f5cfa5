"""What publishing a draft would do: to be read before it is done."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.keys import Key
from api.documents.problems import problem_responses
from api.documents.revisions import known_draft
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from api.journeys.schemas.review import Review
from api.journeys.versions import difference_body, document_of, shown_difference
from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.customers.sample import count_in_journey
from orchestrator.store.journeys.publish import load_vocabulary

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)


@router.get("/journeys/{key}/review", summary="Review a draft", response_model=Review)
async def review(request: Request, key: Key) -> Response:
    """What publishing the draft would do: its problems, what changes, how many are in the journey now. Whom it would
    concern and what they would get is forecast by a back-test."""
    async with resources_of(request).sessions() as session:
        draft = await known_draft(session, key)
        live = None if draft.version is None else await document_of(session, key, "live", "version")
        vocabulary = await load_vocabulary(session)
    result = await bounded(request, compile_journey, draft.draft, vocabulary)
    changed = None
    if live is not None:
        changed = await shown_difference(request, live, draft.draft)
    answer = {
        "problems": problem_responses(result.problems, language(request)),
        "in_journey_now": await count_in_journey(resources_of(request).engine, key),
        "difference": None if changed is None else difference_body(changed, vocabulary.names),
    }
    return json_response(answer)
