"""Merges that wait for a human: two customers of whom a call said that they are one, and who hardly are."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.customers.schemas import HeldMergeAnswer, MergeDecision
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, Listing, Page, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.store.intake.held_merges import list_held
from orchestrator.store.intake.merge_decisions import decide_merge
from orchestrator.store.workspace import load_clock

router = APIRouter(
    prefix="/api/merges",
    tags=["Customers"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
Care = Depends(Require("draw", "operate"))
"""Whoever works with customers."""


@router.get("", summary="List merges that were held", response_model=Listing[HeldMergeAnswer])
async def held_merges(
    request: Request, page: Page, state: Annotated[Literal["open", "decided"], Query()] = "open"
) -> Response:
    """Those that wait for a decision, or were decided, the newest first."""
    engine = resources_of(request).engine
    found = await list_held(engine, still_open=state == "open", before=page.before, limit=page.limit)
    return page.answer(found.rows, found.next)


@router.post("/{merge}", summary="Decide a held merge", response_model=MergeDecision, dependencies=[Care])
async def decide(request: Request, merge: UUID, what: MergeDecision) -> Response:
    """Answers with what is decided from now on: who has been merged stays merged."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    done = await decide_merge(resources.settings.database_url, merge, what.decision, actor_of(request).name, now)
    if done is None:
        raise ApiProblem("unknown_merge", "merge")
    return json_response({"decision": done})
