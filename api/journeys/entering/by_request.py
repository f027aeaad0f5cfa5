"""Customers enter a journey because somebody asks: one or a thousand, an answer for each."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.journeys.schemas.entering import Entered, Entering, Entrant
from orchestrator.core.run.routing import REASONS
from orchestrator.core.text import Text
from orchestrator.store.journeys.drafts import load_draft
from orchestrator.store.runs.live_plans import LivePlan, of_this_process
from orchestrator.store.runs.requests import Decided, add_requests, decided, find_customers, request_id
from orchestrator.store.runs.requests import Request as EntryRequest
from orchestrator.store.workspace import load_clock

BETWEEN_LOOKS = 0.05
OUTCOMES: dict[str, Text] = {
    "entered": REASONS["admitted"],
    "unknown": Text("Nobody has this id"),
    "pending": Text("Stored, and not decided yet. Ask again with the same key."),
}
"""What became of somebody who was not refused, in words."""


class EnteringBody(BoundedBody):
    """A thousand customers with some properties each are more than most bodies have."""

    most = 2 * 1024 * 1024
    sender = Require("operate")


router = APIRouter(prefix="/api", tags=["Journeys"], responses=REFUSALS, route_class=EnteringBody)


@router.post(
    "/journeys/{key}/enter",
    summary="Have customers enter",
    response_model=Entered,
    dependencies=[Depends(Require("operate"))],
    responses={409: {"model": ProblemBody, "description": "Nobody can enter this journey by request now."}},
)
async def enter(
    request: Request,
    key: Key,
    given: Entering,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Customers enter as if another journey had asked: the trigger *When another journey or the API asks* is needed,
    and filter, re-entry and holdout hold. Each is answered for: entered, refused with the reason, or unknown."""
    entrants = given.entrants()
    if not entrants or (given.customer is not None and given.customers):
        raise ApiProblem("who_enters", "customers")
    live, now = await open_journey(request, key)
    said = given.idempotency_key or idempotency_key or str(uuid4())
    known = await find_customers(resources_of(request).engine, [one.customer for one in entrants])
    wanted = {place: _request(key, said, known[one.customer], one, given) for place, one in enumerate(entrants)
              if one.customer in known}  # fmt: skip
    async with resources_of(request).engine.begin() as db:
        await add_requests(db, list(wanted.values()), now)
    found = await _await_decisions(request, live.plan.key, list(wanted.values()), given.wait)
    locale = language(request)
    told = [_told(one, wanted.get(place), key, found, locale) for place, one in enumerate(entrants)]
    counts = Counter(one["outcome"] for one in told)
    totals = {outcome: counts[outcome] for outcome in ("entered", "refused", "unknown", "pending")}
    return json_response({"idempotency_key": said, **totals, "customers": told})


async def open_journey(request: Request, key: str) -> tuple[LivePlan, datetime]:
    """The journey that is live or paused, and the journey's time. Raises the problems that say why nobody can enter."""
    async with resources_of(request).sessions() as session:
        plans, _ = await of_this_process.load(session)
        now = (await load_clock(session)).now()
        live = next((one for one in plans if one.plan.key == key), None)
        if live is None and await load_draft(session, key) is None:
            raise ApiProblem("unknown_journey", "key", key=key)
    if live is None:
        raise ApiProblem("journey_not_open", "key", key=key)
    if not live.plan.journey.entry.takes_requests:
        raise ApiProblem("no_request_trigger", "key", key=key)
    return live, now


def _request(journey: str, key: str, customer: UUID, one: Entrant, given: Entering) -> EntryRequest:
    properties = {**given.properties, **one.properties, "journey": journey}
    return EntryRequest(request_id(journey, key, customer, one.id), customer, properties)


async def _await_decisions(
    request: Request, journey: str, wanted: Sequence[EntryRequest], seconds: float
) -> Mapping[UUID, Decided]:
    """What is decided within so many seconds: the router decides within moments, while it runs."""
    decisions, until = [one.decision(journey) for one in wanted], monotonic() + seconds
    while True:
        found = await decided(resources_of(request).engine, decisions)
        if len(found) == len(set(decisions)) or monotonic() >= until:
            return found
        await asyncio.sleep(BETWEEN_LOOKS)


def _told(
    one: Entrant, wanted: EntryRequest | None, journey: str, found: Mapping[UUID, Decided], locale: str
) -> dict[str, Any]:
    answer: dict[str, Any] = {"customer": one.customer, "id": one.id, "customer_id": None, "reason": None, "run": None}
    if wanted is None:
        return {**answer, "outcome": "unknown", "words": OUTCOMES["unknown"].to(locale)}
    answer["customer_id"] = wanted.customer
    decision = found.get(wanted.decision(journey))
    if decision is None:
        return {**answer, "outcome": "pending", "words": OUTCOMES["pending"].to(locale)}
    if decision.admitted:
        return {**answer, "outcome": "entered", "run": decision.run, "words": OUTCOMES["entered"].to(locale)}
    words = REASONS.get(decision.reason)
    return {
        **answer,
        "outcome": "refused",
        "reason": decision.reason,
        "words": words.to(locale) if words else decision.reason,
    }
