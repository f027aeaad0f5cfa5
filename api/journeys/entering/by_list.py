"""The customers of a list enter a journey: an operation with progress and pace, and an outcome for each."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require, actor_of, by_of
from api.http.body import read_body
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.journeys.entering.by_request import open_journey
from api.journeys.entering.list_file import MOST_BYTES, ListFile, read_list
from api.operations.begin import AWAY, Order, begin_list
from api.runs.routes import AGAIN, runs_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.operations import MOST_PER_SECOND, PER_SECOND
from orchestrator.core.run.routing import run_key
from orchestrator.core.text import Text
from orchestrator.core.timing import REAL_TIME
from orchestrator.store.operations.choice import Choice
from orchestrator.store.operations.entries import Listed, freeze_list
from orchestrator.store.runs.requests import find_customers

router = APIRouter(prefix="/api", tags=["Journeys"], responses=REFUSALS)

MOST_TOLD = 1_000
"""Lines of which it is told why they were refused; all are counted."""
AT_ONCE = 5_000
REFUSED: dict[str, Text] = {
    "no_id": Text("The line names no customer"),
    "too_long": Text("An id or a value is too long"),
    "unknown": Text("Nobody has this id"),
    "twice": Text("The customer stands in the list already"),
    "no_key": Text("The line has no value for the property that separates entries"),
}
_CSV: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
}


class RefusedLine(BaseModel):
    """A line whose customer does not enter."""

    line: int
    customer: str = Field(description="As it stands there.")
    code: str = Field(description="`no_id`, `too_long`, `unknown`, `twice` or `no_key`.")
    message: str


class ListBody(BaseModel):
    """What became of a list."""

    operation: UUID | None = Field(description="Follow it at `/api/operations/…`; null: nothing was begun.")
    accepted: int
    refused: int
    lines: list[RefusedLine] = Field(description=f"The first {MOST_TOLD:,} that were refused.")


@router.post(
    "/journeys/{key}/enter-list",
    summary="Have the customers of a list enter",
    response_model=ListBody,
    status_code=201,
    dependencies=[Depends(Require("operate"))],
    responses={
        409: {"model": ProblemBody, "description": "Nobody can enter this journey by request now."},
        503: {"model": ProblemBody, "description": "Temporal cannot be reached."},
    },
    openapi_extra=_CSV,
)
async def enter_list(
    request: Request,
    key: Key,
    per_second: Annotated[float, Query(ge=0.1, le=MOST_PER_SECOND, description="Customers a second.")] = PER_SECOND,
    why: Annotated[str, Query(max_length=500, description="In your own words; kept in the audit log.")] = "",
    dry_run: Annotated[bool, Query(description="Say what would be refused, and begin nothing.")] = False,
) -> Response:
    """CSV with a column `customer` (or `customer_id`, `external_id`, `user_id`); other columns are properties of the
    entry event. 100,000 lines at most, in UTF-8 or CP949, separated by commas, semicolons or tabs."""
    live, _ = await open_journey(request, key)
    found = await asyncio.to_thread(read_list, await read_body(request, MOST_BYTES))
    listed = await _known(request, found, live.plan)
    operation = None
    if listed and not dry_run:
        order = Order("admit", Choice(journey=key), why.strip(), per_second)
        freezing = partial(freeze_list, journey=key, listed=listed)
        try:
            operation = await begin_list(
                resources_of(request).engine, runs_of(request), order, freezing, by_of(actor_of(request))
            )
        except AWAY:
            raise ApiProblem("temporal_away", seconds=AGAIN) from None
    told = sorted(found.refused)
    lines = [_refused(line, locale=language(request)) for line in told[:MOST_TOLD]]
    body = {"operation": operation, "accepted": len(listed), "refused": len(told), "lines": lines}
    return json_response(body, 201 if operation else 200)


async def _known(request: Request, found: ListFile, plan: Plan) -> list[Listed]:
    """Those of the list who are customers, each once for each key; the others are added to what was refused."""
    known: dict[str, UUID] = {}
    for first in range(0, len(found.lines), AT_ONCE):
        asked = [line.customer for line in found.lines[first : first + AT_ONCE]]
        known |= await find_customers(resources_of(request).engine, asked)
    seen: set[tuple[UUID, str]] = set()
    listed = []
    for line in found.lines:
        customer, key = known.get(line.customer), _key_of(plan, line.properties)
        if customer is None or key is None or (customer, key) in seen:
            code = "unknown" if customer is None else "no_key" if key is None else "twice"
            found.refused.append((line.number, line.customer, code))
            continue
        seen.add((customer, key))
        listed.append(Listed(customer, key, line.properties))
    return listed


def _key_of(plan: Plan, properties: Mapping[str, Any]) -> str | None:
    return run_key(plan, CustomerEvent("", JOURNEY_REQUESTED, REAL_TIME.real, dict(properties)))


def _refused(line: tuple[int, str, str], locale: str) -> dict[str, Any]:
    number, customer, code = line
    return {"line": number, "customer": customer, "code": code, "message": REFUSED[code].to(locale)}
