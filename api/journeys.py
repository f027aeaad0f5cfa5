"""The admin API's journeys: drafts, what the compiler says of them, and publishing."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.access import require
from api.admin import REFUSALS, Listing, Page, ProblemBody, resources_of
from api.body import read_body
from api.journey_body import parse_journey
from api.journey_problems import JourneyProblem, refusal, told
from api.problems import ApiProblem, json_response, language
from orchestrator.core.graph import JOURNEY_KEY, journey_schema
from orchestrator.store import journeys as store
from orchestrator.store.journey_figures import JourneyDetail, list_journeys, load_journey
from orchestrator.store.workspace import load_clock

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(require("read"))], responses=REFUSALS)

_DRAW = [Depends(require("draw"))]

Key = Annotated[str, Path(pattern=JOURNEY_KEY, description="A journey's key, such as `cart-recovery`.")]
_YAML_OR_JSON = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}


class JourneyInList(BaseModel):
    """A journey and how many customers went through it."""

    key: str
    name: dict[str, str]
    status: str = Field(description="draft, live, paused or stopped")
    version: int | None = Field(description="The version that customers enter now.")
    updated_at: datetime
    live: int = Field(description="Runs under way.")
    entered: int = Field(description="Runs ever started.")
    finished: int = Field(description="Runs that ended.")
    troubled: int = Field(description="Runs under way with a problem.")


class Checked(BaseModel):
    """What the compiler says of a draft."""

    problems: list[JourneyProblem]
    plan_hash: str | None = Field(description="Address of the plan that it compiles to; null where errors stand.")


class PublishedVersion(Checked):
    """A version that customers enter from now on."""

    key: str
    version: int


@router.get("/journeys", summary="List journeys", response_model=Listing[JourneyInList])
async def all_journeys(request: Request, page: Page) -> Response:
    """Every journey with its figures, in the order in which they were made."""
    found = await list_journeys(resources_of(request).engine)
    keys = [journey.key for journey in found]
    start = keys.index(page.before) + 1 if page.before in keys else 0
    shown = found[start : start + page.limit]
    items = [
        {
            "key": journey.key,
            "name": journey.name,
            "status": journey.status,
            "version": journey.version,
            "updated_at": journey.updated_at,
            "live": journey.live,
            "entered": journey.entered,
            "finished": journey.finished,
            "troubled": journey.troubled,
        }
        for journey in shown
    ]
    return page.answer(items, shown[-1].key if start + page.limit < len(found) else None)


@router.get("/schema/journey", summary="The journey file's JSON Schema", tags=["Journeys"])
async def schema() -> Response:
    """JSON Schema (draft 2020-12), for editors and for checks before sending."""
    return json_response(journey_schema())


@router.get("/journeys/{key}", summary="Get a journey", response_model=JourneyDetail)
async def one_journey(request: Request, key: Key) -> Response:
    """Its draft, and which version is live."""
    return json_response(await _known(request, key))


@router.put(
    "/journeys/{key}",
    summary="Save a draft",
    response_model=JourneyDetail,
    openapi_extra=_YAML_OR_JSON,
    dependencies=_DRAW,
)
async def save_draft(request: Request, key: Key) -> Response:
    """Saves a draft, JSON or YAML (by Content-Type), however unfinished; what is live stays as it is."""
    document = parse_journey(await read_body(request), request.headers.get("content-type", ""))
    if document.get("key", key) != key:
        raise ApiProblem("key_differs", "key", found=str(document["key"])[:80], expected=key)
    async with resources_of(request).sessions.begin() as session:
        await store.put_draft(session, key, document, (await load_clock(session)).now())
    return json_response(await _known(request, key))


@router.post("/journeys/{key}/check", summary="Check a draft", response_model=Checked)
async def check_draft(request: Request, key: Key) -> Response:
    """Compiles the draft against what the workspace has seen, and says everything that is wrong."""
    async with resources_of(request).sessions() as session:
        result = await store.check(session, key)
    if result is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    problems = told(result.problems, language(request))
    return json_response({"problems": problems, "plan_hash": result.plan.hash if result.plan else None})


@router.post(
    "/journeys/{key}/publish",
    summary="Publish a draft",
    response_model=PublishedVersion,
    dependencies=_DRAW,
    responses={409: {"model": ProblemBody, "description": "The draft has errors; they are in `problems`."}},
)
async def publish_draft(request: Request, key: Key) -> Response:
    """Makes the draft an immutable version that customers enter from now on; runs under way keep theirs.

    Publishing what is live already changes nothing.
    """
    async with resources_of(request).sessions.begin() as session:
        published = await store.publish(session, key, (await load_clock(session)).now())
    if published is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    problems = told(published.problems, language(request))
    if published.version is None:
        raise refusal(published.problems, language(request))
    answer = {"key": key, "version": published.version, "plan_hash": published.plan_hash, "problems": problems}
    return json_response(answer)


async def _known(request: Request, key: str) -> JourneyDetail:
    journey = await load_journey(resources_of(request).engine, key)
    if journey is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    return journey
