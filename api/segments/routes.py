"""Segments over HTTP: their conditions, who is in them and why, and what uses them."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.documents.revisions import ETAG, IF_MATCH, SOMEBODY, revision_of
from api.http.access import Require, actor_of
from api.http.body import parse_json, read_body
from api.http.lists import REFUSALS, Listing, Paging, ProblemBody, known_customer, read_paging, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.segments import schemas
from api.segments.changes import RESERVED, check_segment, check_within, estimate, live_uses
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain
from orchestrator.core.conditions.leaves.segment import SEGMENT_KEY
from orchestrator.core.journey.schema_errors import FORMS
from orchestrator.core.keys import key_from_names
from orchestrator.core.segments.document import SegmentDocument, SegmentProblem, read_condition
from orchestrator.core.segments.ready import READY
from orchestrator.core.text import Names
from orchestrator.store.customers.customer_list import count_customers
from orchestrator.store.journeys.vocabulary import load_called
from orchestrator.store.segments import documents, members
from orchestrator.store.segments.takeover import clean_up
from orchestrator.store.segments.used_in import used_in
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Segments"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

Key = Annotated[str, Path(max_length=63, description="A segment's key.")]
Starts = Annotated[
    bool,
    Query(
        description="Whether those whom the new condition finds start journeys, as if they had just come in. "
        "Otherwise they are in the segment without having come in."
    ),
]
Draw = Depends(Require("draw"))
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
_NEW_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": schemas.NewSegment.model_json_schema()}},
    }
}
_CHANGED: dict[int | str, dict[str, Any]] = {
    412: {"model": ProblemBody, "description": "Somebody else changed it; the segment is in `current`."}
}
_IN_USE: dict[int | str, dict[str, Any]] = {409: {"model": ProblemBody, "description": "Something live asks about it."}}
LONGEST_CHART = 3_660
"""Days of sizes that may be asked for."""


async def moment(request: Request) -> tuple[datetime, str]:
    """Journey time, and the workspace's zone."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    return clock_of(workspace).now(), zone_of(workspace, resources.settings)


async def _names(request: Request) -> Names:
    async with resources_of(request).engine.connect() as db:
        return await load_called(db)


async def known_segment(request: Request, key: str) -> documents.SegmentRow:
    """The segment, or a problem."""
    found = await documents.load_segment(resources_of(request).engine, key)
    if found is None:
        raise ApiProblem("unknown_segment", "key", key=key)
    return found


async def _answer(request: Request, key: str, status: int = 200) -> Response:
    row = await known_segment(request, key)
    body = schemas.segment_body(row, await _names(request))
    return json_response(body, status, {"ETag": f'"{row.revision}"'})


def _refused(request: Request, problems: tuple[SegmentProblem, ...], names: Names) -> ApiProblem:
    """A problem that names the first field that is wrong, and lists all."""
    told = schemas.problem_bodies(problems, language(request), names)
    found = ApiProblem("invalid_parameter", told[0]["field"], reason=told[0]["message"].rstrip("."))
    found.more["problems"] = told
    return found


async def _valid(request: Request, key: str, given: Any) -> SegmentDocument:
    if not isinstance(given, dict):
        raise ApiProblem("wrong_type", "segment", expected="object")
    async with resources_of(request).engine.connect() as db:
        document, problems = await check_segment(db, key, given)
    if document is None:
        raise _refused(request, problems, await _names(request))
    return document


@router.get("/segments", summary="List segments", response_model=schemas.SegmentList)
async def list_all(request: Request) -> Response:
    """Every segment with its size; those in use first."""
    names = await _names(request)
    found = await documents.list_segments(resources_of(request).engine)
    return json_response({"items": [schemas.segment_body(row, names) for row in found]})


@router.get("/segments/ready", summary="List ready segments", response_model=schemas.ReadySegmentList)
async def ready(request: Request) -> Response:
    """Segments that most shops want, to be taken over as they are or changed: nothing is kept of them until then."""
    items = [
        {"key": key, "segment": one.model_dump(mode="json"), "text": describe(one.condition).by_locale()}
        for key, one in READY.items()
    ]
    return json_response({"items": items})


@router.post(
    "/segments/estimate", summary="Estimate a condition", response_model=schemas.EstimateBody, dependencies=[Draw]
)
async def estimated(request: Request, asked: schemas.EstimateQuery) -> Response:
    """While a condition is written: what it says, what is wrong with it, how many meet it now, and some of them."""
    condition, problems = read_condition(asked.condition)
    names, engine = await _names(request), resources_of(request).engine
    if condition is not None:
        async with engine.connect() as db:
            problems = await check_within(db, asked.key or "", condition)
    answer: dict[str, Any] = {"customers": None, "too_slow": False, "sample": []}
    if condition is not None and not problems:
        now, _ = await moment(request)
        answer = await estimate(engine, condition, now)
    words = None if condition is None else describe(condition).naming(names).by_locale()
    of = sum((await count_customers(engine)).values())
    told = schemas.problem_bodies(problems, language(request), names)
    return json_response({"text": words, "problems": told, "of": of, **answer})


@router.post(
    "/segments",
    summary="Create a segment",
    response_model=schemas.SegmentBody,
    status_code=201,
    dependencies=[Draw],
    openapi_extra=_NEW_BODY,
)
async def create(request: Request, starts: Starts = False) -> Response:
    """Its members are worked out from now on; until that is done its state is `building`."""
    given = parse_json(await read_body(request))
    key = given.get("key") if isinstance(given, dict) else None
    if key is not None and (not isinstance(key, str) or not re.fullmatch(SEGMENT_KEY, key) or key in RESERVED):
        raise ApiProblem("invalid_parameter", "key", reason=FORMS[SEGMENT_KEY])
    document = await _valid(request, key or "", given.get("segment") if isinstance(given, dict) else None)
    key = key or key_from_names(document.name, "segment")
    key = f"segment-{key}" if key in RESERVED else key
    now, _ = await moment(request)
    try:
        async with resources_of(request).engine.begin() as db:
            await documents.create_segment(db, key, document, now, actor_of(request).name, starts=starts)
    except documents.SegmentExists:
        raise ApiProblem("segment_exists", "key", key=key) from None
    return await _answer(request, key, 201)


@router.get(
    "/segments/{key}", summary="Get a segment", response_model=schemas.SegmentBody, responses={200: {"headers": ETAG}}
)
async def one(request: Request, key: Key) -> Response:
    """A segment with its size and the build under way, if there is one."""
    return await _answer(request, key)


@router.put(
    "/segments/{key}",
    summary="Change a segment",
    response_model=schemas.SegmentBody,
    dependencies=[Draw],
    responses=_CHANGED,
    openapi_extra={**_BODY, **IF_MATCH},
)
async def change(request: Request, key: Key, starts: Starts = False) -> Response:
    """Another condition is built beside the one that stands, and takes over when that is done."""
    await known_segment(request, key)
    revision = revision_of(request)
    document = await _valid(request, key, parse_json(await read_body(request)))
    now, _ = await moment(request)
    try:
        async with resources_of(request).engine.begin() as db:
            by = actor_of(request).name
            await documents.change_segment(db, key, document, now, by, revision=revision, starts=starts)
    except documents.SegmentChanged:
        current = await known_segment(request, key)
        problem = ApiProblem("draft_changed", "If-Match", by=current.edited_by or SOMEBODY)
        problem.more["current"] = schemas.segment_body(current, await _names(request))
        problem.headers["ETag"] = f'"{current.revision}"'
        raise problem from None
    return await _answer(request, key)


@router.post(
    "/segments/{key}/archive",
    summary="Archive a segment",
    response_model=schemas.SegmentBody,
    dependencies=[Draw],
    responses=_IN_USE,
)
async def archive(request: Request, key: Key) -> Response:
    """It has no members any more, and its history stays. Refused while live journeys or other segments ask about it."""
    await known_segment(request, key)
    now, _ = await moment(request)
    async with resources_of(request).engine.begin() as db:
        uses = await live_uses(db, key)
        if uses:
            raise ApiProblem("segment_in_use", "key", key=key, uses=", ".join(one.key for one in uses))
        await documents.archive_segment(db, key, True, now, actor_of(request).name)
    await clean_up(resources_of(request).engine, key)
    return await _answer(request, key)


@router.post(
    "/segments/{key}/restore", summary="Restore a segment", response_model=schemas.SegmentBody, dependencies=[Draw]
)
async def restore(request: Request, key: Key) -> Response:
    """Takes an archived segment back into use: its members are worked out anew."""
    await known_segment(request, key)
    now, _ = await moment(request)
    async with resources_of(request).engine.begin() as db:
        await documents.archive_segment(db, key, False, now, actor_of(request).name)
    return await _answer(request, key)


@router.post(
    "/segments/{key}/rebuild", summary="Build a segment anew", response_model=schemas.SegmentBody, dependencies=[Draw]
)
async def rebuild(request: Request, key: Key) -> Response:
    """Works out once more who is in it: after a build that broke off, or where its members are doubted."""
    await known_segment(request, key)
    now, _ = await moment(request)
    async with resources_of(request).engine.begin() as db:
        await documents.rebuild_segment(db, key, now)
    return await _answer(request, key)


@router.get("/segments/{key}/members", summary="List members", response_model=schemas.MemberList)
async def some_members(
    request: Request, key: Key, limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 20
) -> Response:
    """Some of the customers in it."""
    await known_segment(request, key)
    found = await members.sample_members(resources_of(request).engine, key, limit)
    return json_response({"items": [schemas.member_body(row) for row in found]})


@router.get("/segments/{key}/changes", summary="List changes", response_model=Listing[schemas.ChangeBody])
async def changes(request: Request, key: Key, paging: Annotated[Paging, Depends(read_paging)]) -> Response:
    """Who came in and left, with the reason; the newest first."""
    await known_segment(request, key)
    page = await members.segment_changes(resources_of(request).engine, key, before=paging.before, limit=paging.limit)
    return paging.answer([schemas.change_body(row) for row in page.rows], page.next)


@router.get("/segments/{key}/sizes", summary="List sizes", response_model=schemas.SizeList)
async def sizes(
    request: Request, key: Key, days: Annotated[int, Query(ge=1, le=LONGEST_CHART, description="How far back.")] = 30
) -> Response:
    """How many were in it, by the hour."""
    await known_segment(request, key)
    now, _ = await moment(request)
    found = await members.segment_sizes(resources_of(request).engine, key, now - timedelta(days=days))
    return json_response({"items": [{"at": at, "size": size} for at, size in found]})


@router.get("/segments/{key}/uses", summary="List uses", response_model=schemas.UseList)
async def uses(request: Request, key: Key) -> Response:
    """Journeys and other segments that ask about it."""
    await known_segment(request, key)
    async with resources_of(request).engine.connect() as db:
        found = await used_in(db, key)
    return json_response({"items": [vars(one) for one in found]})


@router.get("/segments/{key}/explain", summary="Explain membership", response_model=schemas.ExplanationBody)
async def explained(
    request: Request, key: Key, customer: Annotated[str, Query(max_length=255, description="Ours, or the shop's own.")]
) -> Response:
    """Why a customer is in it, or is not: the parts of the condition that decide, with what was found of them."""
    row = await known_segment(request, key)
    identity = await known_customer(request, customer)
    now, time_zone = await moment(request)
    engine, condition = resources_of(request).engine, row.document.condition
    view = await members.load_one_view(engine, identity, [condition], now, time_zone)
    inside = {one.key: one for one in await members.segments_of(engine, identity)}
    verdict = evaluate(condition, view, now)
    words = explain(condition, view, now).naming(await _names(request))
    return json_response(
        {
            "customer": identity,
            "member": None if row.live_build is None else key in inside,
            "since": inside[key].since if key in inside else None,
            "truth": verdict.truth,
            "until": verdict.until,
            "text": words.by_locale(),
        }
    )
