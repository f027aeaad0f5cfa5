"""What happens in a journey now: its counts, as an answer or a stream; the customers behind a count; one run's path."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from api.accounts.first_steps import note_first
from api.documents.keys import Key
from api.http.access import Require
from api.http.lists import REFUSALS, Listing, Page, resources_of
from api.http.problems import ApiProblem, json_response
from api.journeys.live_broadcast import LiveFeeds, count_live
from api.journeys.run_path import path_as_json, plans_followed, problem_text
from api.journeys.schemas.live import CountedCustomer, Live, RunPathBody
from orchestrator.core.timing import Clock, zone
from orchestrator.store.journeys.count_members import list_behind
from orchestrator.store.journeys.live_counts import load_journey
from orchestrator.store.journeys.vocabulary import load_called
from orchestrator.store.runs.path import load_path
from orchestrator.store.workspace import load_clock, load_workspace

router = APIRouter(prefix="/api", tags=["Live"], dependencies=[Depends(Require("read"))], responses=REFUSALS)


@router.get("/journeys/{key}/live", summary="Live counts", response_model=Live)
async def live(request: Request, key: Key) -> Response:
    """Who is where, who came and went, what became of the messages, what the goals brought."""
    clock = await _clock_of_known(request, key)
    return json_response({"at": clock.now(), **await count_live(resources_of(request).engine, key)})


@router.get(
    "/journeys/{key}/live/stream",
    summary="Live counts, streamed",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events named `live`; the data of each is what `/live` answers.",
            "content": {"text/event-stream": {}},
        }
    },
)
async def live_stream(request: Request, key: Key) -> Response:
    """Server-sent events: the whole counts at once, then again whenever they change, at most twice a second."""
    clock = await _clock_of_known(request, key)
    feeds = feeds_of(request)
    feeds.check_room()
    await note_first(request, "watched")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(feeds.stream(key, clock.now), media_type="text/event-stream", headers=headers)


@router.get("/journeys/{key}/customers", summary="Customers behind a count", response_model=Listing[CountedCustomer])
async def behind(
    request: Request,
    key: Key,
    page: Page,
    what: Annotated[
        Literal["here", "entered", "left", "ended", "goal", "sent"], Query(description="Which count.")
    ] = "here",
    step: Annotated[str | None, Query(max_length=64, description="A step's id; none: of the whole journey.")] = None,
    port: Annotated[
        str | None, Query(max_length=64, description="Of `left` the way, of `goal` the goal, of `sent` the status.")
    ] = None,
) -> Response:
    """The newest first. Who passed a step twice stands here twice, as in the count."""
    await _clock_of_known(request, key)
    found = await list_behind(
        resources_of(request).engine, key, what, step=step, port=port, before=page.before, limit=page.limit
    )
    items = [
        {
            "customer": {"id": row.customer, "external_id": row.external_id, "name": row.name or row.email},
            "run": row.run,
            "at": row.since,
            "status": row.status,
            "port": row.port,
            "problem": row.problem,
            "problem_text": problem_text(row.problem),
            "waiting_until": row.waiting_until,
        }
        for row in found.rows
    ]
    return page.answer(items, found.next)


@router.get("/runs/{run}/path", summary="One run's path", response_model=RunPathBody)
async def path(request: Request, run: UUID) -> Response:
    """Every step that it entered and left, and every message, with the reasons in words."""
    resources = resources_of(request)
    found = await load_path(resources.engine, run)
    if found is None:
        raise ApiProblem("unknown_run", "run")
    plans = {digest: await resources.plans.get(digest) for digest in dict.fromkeys(plans_followed(found))}
    async with resources.sessions() as session:
        workspace, names = await load_workspace(session), await load_called(session)
    tz = zone(found.run.time_zone or (workspace.time_zone if workspace else None))
    return json_response(path_as_json(found, plans, tz, names))


def feeds_of(request: Request) -> LiveFeeds:
    """The feeds of this process."""
    state = request.app.state
    if not hasattr(state, "live_feeds"):
        state.live_feeds = LiveFeeds(resources_of(request).engine)
    feeds: LiveFeeds = state.live_feeds
    return feeds


async def _clock_of_known(request: Request, key: str) -> Clock:
    resources = resources_of(request)
    if await load_journey(resources.engine, key) is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    async with resources.sessions() as session:
        return await load_clock(session)
