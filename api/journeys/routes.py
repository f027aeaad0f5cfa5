"""The admin API's journeys: drafts, what the compiler says of them, and publishing."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.documents.body import compiler, read_journey, require_within_limits
from api.documents.hidden_secrets import revealed
from api.documents.keys import Key
from api.documents.problems import problem_responses, refusal
from api.documents.revisions import ETAG, IF_MATCH, DraftBody, changed_meanwhile, draft_answer, known_draft, revision_of
from api.http.access import Require, actor_of, by_of
from api.http.body import parse_json, read_body
from api.http.lists import REFUSALS, Listing, Page, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.journeys.create import read_new
from api.journeys.pausing import turn_journey
from api.journeys.schemas.journeys import Checked, JourneyInList, NewJourney, Status
from api.preflight.doors import Override, check_publishing, overridden
from api.preflight.schemas import CheckBody
from orchestrator.core.journey.graph import journey_schema
from orchestrator.store.audit.chain import Change, record
from orchestrator.store.journeys import drafts
from orchestrator.store.journeys import publish as store
from orchestrator.store.journeys.drafts import DraftChanged
from orchestrator.store.journeys.journey_list import LONGEST_TAG, ListedJourney, Sort, Wanted, page_of_journeys
from orchestrator.store.journeys.live_counts import JourneyFigures, load_figures
from orchestrator.store.teamwork.approvals import ApprovalMissing
from orchestrator.store.workspace import load_clock

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

_DRAW = [Depends(Require("draw"))]
_OPERATE = [Depends(Require("operate"))]

_FILE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "object"}},
        "application/yaml": {"schema": {"type": "string"}},
    },
}
CHANGED: dict[str, Any] = {"model": ProblemBody, "description": "Somebody else changed it; the draft is in `current`."}
_WITH_ETAG: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}


class PublishedVersion(Checked):
    """A version that customers enter from now on."""

    key: str
    version: int
    checks: list[CheckBody] = Field(description="The checks that found something worth a look, or were overridden.")


@router.get("/journeys", summary="List journeys", response_model=Listing[JourneyInList])
async def all_journeys(
    request: Request,
    page: Page,
    q: Annotated[str, Query(max_length=100, description="Part of a name, in any language, or of a key.")] = "",
    status: Annotated[Literal["draft", "live", "paused", "closed", "archived"] | None, Query()] = None,
    tag: Annotated[str, Query(max_length=LONGEST_TAG, description="Only those with this tag.")] = "",
    owner: Annotated[UUID | None, Query(description="Only those of this account.")] = None,
    sort: Annotated[Sort, Query(description="`made`: oldest first; `changed`: last changed first; `name`.")] = "made",
) -> Response:
    """Journeys with their figures."""
    engine, wanted = resources_of(request).engine, Wanted(q, status or "", tag, owner, sort, language(request))
    found = await page_of_journeys(engine, wanted, page.before, page.limit)
    figures = await load_figures(engine, [one.key for one in found.rows])
    return page.answer([_listed(one, figures[one.key]) for one in found.rows], found.next)


def _listed(one: ListedJourney, figures: JourneyFigures) -> dict[str, Any]:
    told = {**vars(one), **vars(figures), "entered": figures.entered}
    return {name: told[name] for name in JourneyInList.model_fields}


@router.get("/schema/journey", summary="The journey file's JSON Schema", tags=["Journeys"])
async def schema() -> Response:
    """JSON Schema (draft 2020-12), for editors and for checks before sending."""
    return json_response(journey_schema())


@router.post(
    "/journeys",
    summary="Make a journey",
    response_model=DraftBody,
    status_code=201,
    dependencies=_DRAW,
    responses={201: {"headers": ETAG}, 409: {"model": ProblemBody, "description": "The key is taken."}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": NewJourney.model_json_schema()},
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def make(request: Request) -> Response:
    """Makes a journey: empty, from a template, or from a file. As YAML, the body is the file itself.

    Without a key, one is made from the name; a file's own key is kept unless it is taken.
    """
    new = await read_new(request)
    async with resources_of(request).sessions.begin() as session:
        now, actor = (await load_clock(session)).now(), actor_of(request)
        for key in new.possible_keys():
            if await drafts.create_draft(
                session, key, new.document, now, actor.name, by_id=actor.id, owner=actor.account
            ):
                break
        else:
            raise ApiProblem("journey_exists", "key", key=key)
        draft = await known_draft(session, key)
    return await draft_answer(request, draft, 201, {"Location": f"/api/journeys/{key}"})


@router.get("/journeys/{key}", summary="Get a journey", response_model=DraftBody, responses=_WITH_ETAG)
async def one_journey(request: Request, key: Key) -> Response:
    """Its draft, and which version is live."""
    async with resources_of(request).sessions() as session:
        return await draft_answer(request, await known_draft(session, key))


@router.put(
    "/journeys/{key}",
    summary="Save a draft",
    response_model=DraftBody,
    dependencies=_DRAW,
    responses={**_WITH_ETAG, 412: CHANGED},
    openapi_extra={"requestBody": _FILE, **IF_MATCH},
)
async def save_draft(request: Request, key: Key) -> Response:
    """Saves a draft, JSON or YAML (by Content-Type), however unfinished; what is live stays as it is.

    With `If-Match`, nothing is saved over what somebody else has saved meanwhile; without it, the file wins, as when
    files are deployed.
    """
    document = await read_journey(request)
    if document.get("key", key) != key:
        raise ApiProblem("key_differs", "key", found=str(document["key"])[:80], expected=key)
    await require_within_limits(document)
    document = await asyncio.to_thread(revealed, request, document)
    revision, by = revision_of(request), actor_of(request).name
    try:
        async with resources_of(request).sessions.begin() as session:
            now = (await load_clock(session)).now()
            if not await drafts.put_draft(session, key, document, now, by, revision, actor_of(request).id):
                raise ApiProblem("unknown_journey", "key", key=key)
            draft = await known_draft(session, key)
    except DraftChanged as found:
        raise await changed_meanwhile(request, found) from None
    return await draft_answer(request, draft)


@router.delete(
    "/journeys/{key}",
    summary="Delete a journey",
    status_code=204,
    dependencies=_DRAW,
    responses={409: {"model": ProblemBody, "description": "It was published: customers may be in it."}},
)
async def delete_journey(request: Request, key: Key) -> Response:
    """Deletes a journey that was never published."""
    async with resources_of(request).sessions.begin() as session:
        deleted = await drafts.delete_draft(session, key)
    if deleted is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    if not deleted:
        raise ApiProblem("journey_published", "key", key=key)
    return Response(status_code=204)


@router.post("/journeys/{key}/check", summary="Check a draft", response_model=Checked, dependencies=_DRAW)
async def check_draft(request: Request, key: Key) -> Response:
    """Compiles the draft against what the workspace has seen, and says everything that is wrong."""
    async with resources_of(request).sessions() as session:
        result = await store.check(session, key, compiler(request))
    if result is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    problems = problem_responses(result.problems, language(request))
    return json_response({"problems": problems, "plan_hash": result.plan.hash if result.plan else None})


@router.post(
    "/journeys/{key}/publish",
    summary="Publish a draft",
    response_model=PublishedVersion,
    dependencies=_DRAW,
    responses={
        409: {
            "model": ProblemBody,
            "description": "The draft has errors; they are in `problems`. Or a check says stop; they are in `stops`. "
            "Or the workspace wants leave (`…/approval`) that nobody gave: `approval_missing`.",
        },
        412: CHANGED,
    },
    openapi_extra={
        **IF_MATCH,
        "requestBody": {"required": False, "content": {"application/json": {"schema": Override.model_json_schema()}}},
    },
)
async def publish_draft(request: Request, key: Key) -> Response:
    """Makes the draft an immutable version that customers enter from now on; runs under way keep theirs.

    Publishing what is live already changes nothing. With `If-Match`, what is published is what was looked at. The
    checks (`…/preflight`) are made of it now, whoever publishes: where one says `stop`, it takes `{"override": true}`,
    which is kept with the version; what is worth a look stands in `checks` of the answer.
    """
    revision, by, override = revision_of(request), actor_of(request).name, await overridden(request)
    async with resources_of(request).sessions() as session:
        draft = await known_draft(session, key)
    try:
        if revision is not None and revision != draft.revision:
            raise DraftChanged(draft)
        passed = await check_publishing(request, draft, override)
        async with resources_of(request).sessions.begin() as session:
            await drafts.expect(session, key, draft.revision)  # what was checked is what goes live
            now = (await load_clock(session)).now()
            published = await store.publish(session, key, now, by, passed.kept, compiler(request))
            if published is not None and published.version not in (None, draft.version):
                after = {"version": published.version, "plan": published.plan_hash, "overridden": override}
                change = Change("journey.published", key, {"version": draft.version, "plan": draft.plan_hash}, after)
                await record(session, by_of(actor_of(request)), change)
    except DraftChanged as found:
        raise await changed_meanwhile(request, found) from None
    except ApprovalMissing:
        raise ApiProblem("approval_missing", None) from None
    if published is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    if published.version is None:
        raise refusal(published.problems, language(request))
    problems = problem_responses(published.problems, language(request))
    answer = {
        "key": key,
        "version": published.version,
        "plan_hash": published.plan_hash,
        "problems": problems,
        "checks": passed.looks,
    }
    return json_response(answer)


@router.post(
    "/journeys/{key}/status",
    summary="Pause or resume a journey",
    response_model=DraftBody,
    dependencies=_OPERATE,
    responses={**_WITH_ETAG, 409: {"model": ProblemBody, "description": "It was never published."}},
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Status.model_json_schema()}}}
    },
)
async def set_status(request: Request, key: Key) -> Response:
    """Pauses it, as `POST /api/pauses` does, or lets those go who stand still, each message decided again. Entries that
    the pause refused stay refused; `POST /api/pauses/resume` has them decided again."""
    given = parse_json(await read_body(request))
    status = given.get("status") if isinstance(given, dict) else None
    if status not in ("live", "paused"):
        raise ApiProblem("invalid_parameter", "status", reason="live, paused")
    async with resources_of(request).sessions() as session:
        if (await known_draft(session, key)).version is None:
            raise ApiProblem("journey_not_published", "key", key=key)
    await turn_journey(request, key, status)
    async with resources_of(request).sessions() as session:
        return await draft_answer(request, await known_draft(session, key))
