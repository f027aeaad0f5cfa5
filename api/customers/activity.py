"""The admin API's lists of what happened: events, runs, messages, decisions on entries."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import Require
from api.http.lists import REFUSALS, Listing, OfCustomer, OfJourney, Page, resources_of
from api.http.problems import ApiProblem
from orchestrator.store.events.event_list import EventRow, list_events
from orchestrator.store.runs.entry_list import EntryRow, list_entries
from orchestrator.store.runs.run_list import RunRow, list_runs
from orchestrator.store.sending.send_list import SendRow, list_sends

router = APIRouter(prefix="/api", tags=["Activity"], dependencies=[Depends(Require("read"))], responses=REFUSALS)


@router.get("/events", summary="List events", response_model=Listing[EventRow])
async def events(
    request: Request,
    page: Page,
    customer: OfCustomer,
    name: Annotated[str | None, Query(max_length=200, description="An event's name.")] = None,
) -> Response:
    """Events, the newest first: of one customer by when they happened, of all by when they were stored."""
    found = await list_events(
        resources_of(request).engine,
        customer=customer,
        name=name,
        before=_read_event_cursor(page.before),
        limit=page.limit + 1,
    )
    shown = found[: page.limit]
    more = f"{shown[-1].occurred_at.isoformat()}~{shown[-1].seq}" if len(found) > page.limit else None
    return page.answer(shown, more)


@router.get("/runs", summary="List runs", response_model=Listing[RunRow])
async def runs(
    request: Request,
    page: Page,
    customer: OfCustomer,
    journey: OfJourney = None,
    status: Annotated[
        Literal["live", "finished", "problem", "parked"] | None,
        Query(description="`problem`: under way, and in trouble; `parked`: stands still for a pause."),
    ] = None,
) -> Response:
    """Runs, the newest entry first: where each stands, and what it waits for until when."""
    found = await list_runs(
        resources_of(request).engine,
        journey=journey,
        customer=customer,
        status=status or "",
        before=page.before,
        limit=page.limit,
    )
    return page.answer(found.rows, found.next)


@router.get("/messages", summary="List messages", response_model=Listing[SendRow])
async def messages(
    request: Request,
    page: Page,
    customer: OfCustomer,
    journey: OfJourney = None,
    status: Annotated[
        Literal["held", "skipped", "claimed", "sent", "unknown", "failed"] | None,
        Query(description="What became of it."),
    ] = None,
) -> Response:
    """Messages, the newest decision first: what was sent, held or skipped, why, and what the decision saw."""
    found = await list_sends(
        resources_of(request).engine,
        journey=journey,
        customer=customer,
        status=status,
        before=page.before,
        limit=page.limit,
    )
    return page.answer(found.rows, found.next)


@router.get("/entries", summary="List decisions on entries", response_model=Listing[EntryRow])
async def entries(
    request: Request,
    page: Page,
    customer: OfCustomer,
    journey: OfJourney = None,
    reason: Annotated[
        str | None, Query(max_length=60, description="A reason; `refused`: all who were not let in.")
    ] = None,
) -> Response:
    """Why did, or didn't, this customer enter? One decision for every trigger that fired, the newest first."""
    found = await list_entries(
        resources_of(request).engine,
        journey=journey,
        customer=customer,
        reason=reason,
        before=page.before,
        limit=page.limit,
    )
    return page.answer(found.rows, found.next)


def _read_event_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    at, _, seq = cursor.partition("~")
    try:
        instant, number = datetime.fromisoformat(at), int(seq)
    except ValueError:
        raise ApiProblem("invalid_cursor", "cursor") from None
    if instant.tzinfo is None or number >= 2**63:
        raise ApiProblem("invalid_cursor", "cursor")
    return instant, number
