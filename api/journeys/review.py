"""What publishing a draft would do: to be read before it is done."""

from typing import Any

import structlog
from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from api.bounded_work.pool import Pieces, bounded, bounded_walk
from api.documents.keys import Key
from api.documents.problems import problem_responses
from api.documents.revisions import known_draft
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from api.journeys.schemas.review import Review
from api.journeys.versions import difference_body, document_of, shown_difference
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.simulation.forecast import Forecast, events_of, forecast_within
from orchestrator.store.customers.sample import count_in_journey, load_sample
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)
log = structlog.get_logger(__name__)

SAMPLE = 1_000
"""Customers who are walked through the draft, about."""
LONGEST = 3.0
"""Seconds for it."""


@router.get("/journeys/{key}/review", summary="Review a draft", response_model=Review)
async def review(request: Request, key: Key) -> Response:
    """What publishing the draft would do: its problems, what changes, whom it concerns, what they would get.

    A sample of customers, always the same, is walked with the real events of the last 30 days through the draft.
    """
    async with resources_of(request).sessions() as session:
        draft = await known_draft(session, key)
        live = None if draft.version is None else await document_of(session, key, "live", "version")
        vocabulary = await load_vocabulary(session)
        workspace = await load_workspace(session)
    result = await bounded(request, compile_journey, draft.draft, vocabulary)
    changed = None
    if live is not None:
        changed = await shown_difference(request, live, draft.draft)
    audience, messages = await _audience(request, key, result.plan, workspace)
    answer = {
        "problems": problem_responses(result.problems, language(request)),
        "audience": audience,
        "messages": messages,
        "difference": None if changed is None else difference_body(changed, vocabulary.names),
    }
    return json_response(answer)


async def _audience(
    request: Request, key: str, plan: Plan | None, workspace: Workspace | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Whom a plan concerns, and what they would get; without one, only who is in the journey now."""
    resources = resources_of(request)
    engine = resources.engine
    found, of, known = Forecast(), 0, False
    if plan is not None:
        now = clock_of(workspace).now()
        rules = rules_of(workspace.settings.get("sending") if workspace else None)
        try:
            sample = await load_sample(engine, events_of(plan), now, SAMPLE, zone_of(workspace, resources.settings))
        except DBAPIError as error:
            log.warning("audience unknown", journey=key, problem=type(error.orig).__name__)
        else:
            found = await bounded_walk(request, forecast_within, plan, Pieces(sample.customers), now, rules, LONGEST)
            of, known = sample.of, not found.endless
    audience = {
        "triggered_last_30_days": _scaled(found.triggered, found.walked, of) if known else None,
        "would_enter_last_30_days": _scaled(found.entered, found.walked, of) if known else None,
        "in_journey_now": await count_in_journey(engine, key),
        "sampled": found.walked,
        "of": of,
    }
    messages = [
        {"channel": channel, "message_class": kind, "expected_per_month": _scaled(number, found.walked, of)}
        for (channel, kind), number in sorted(found.messages.items())
        if known
    ]
    return audience, messages


def _scaled(number: int, walked: int, of: int) -> int:
    return number if walked in (0, of) else round(number * of / walked)
