"""Published versions of a journey: their history, what changed between two, one as the draft again, one as a file."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.hidden_secrets import hidden
from api.documents.keys import Key
from api.documents.revisions import ETAG, IF_MATCH, DraftBody, changed_meanwhile, draft_answer, known_draft, revision_of
from api.http.access import Require, actor_of
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.journeys.routes import CHANGED
from api.journeys.schemas.versions import DifferenceBody, VersionBody, VersionList
from orchestrator.core.journey.diff import Difference, FieldChange, difference
from orchestrator.core.text import Names
from orchestrator.files.journeys import to_json, to_yaml
from orchestrator.store.journeys import drafts
from orchestrator.store.journeys.drafts import DraftChanged
from orchestrator.store.journeys.versions import Version, list_versions, load_version
from orchestrator.store.journeys.vocabulary import load_called
from orchestrator.store.workspace import load_clock

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

Number = Annotated[int, Path(ge=1, le=1_000_000, description="A version's number.")]
Which = Annotated[str, Query(pattern=r"^(\d{1,6}|live|draft)$", description="A version's number, `live` or `draft`.")]


@router.get("/journeys/{key}/versions", summary="List versions", response_model=VersionList)
async def versions(request: Request, key: Key) -> Response:
    """Every version that was published, the newest first."""
    async with resources_of(request).sessions() as session:
        found = await list_versions(session, key)
    if found is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    return json_response({"items": found})


@router.get("/journeys/{key}/versions/{n}", summary="Get a version", response_model=VersionBody)
async def one_version(request: Request, key: Key, n: Number) -> Response:
    """A version as it was drawn."""
    async with resources_of(request).sessions() as session:
        version = await _known_version(session, key, n)
    document = await asyncio.to_thread(hidden, request, version.document)
    return json_response(replace(version, document=document))


@router.post(
    "/journeys/{key}/versions/{n}/restore",
    summary="Restore a version",
    response_model=DraftBody,
    dependencies=[Depends(Require("draw"))],
    responses={200: {"headers": ETAG}, 412: CHANGED},
    openapi_extra=IF_MATCH,
)
async def restore(request: Request, key: Key, n: Number) -> Response:
    """Makes a version the draft. What is live stays as it is, until the draft is published."""
    revision, by = revision_of(request), actor_of(request).name
    try:
        async with resources_of(request).sessions.begin() as session:
            version = await _known_version(session, key, n)
            now = (await load_clock(session)).now()
            await drafts.put_draft(session, key, version.document, now, by, revision, actor_of(request).id)
            draft = await known_draft(session, key)
    except DraftChanged as found:
        raise await changed_meanwhile(request, found) from None
    return await draft_answer(request, draft)


@router.get("/journeys/{key}/difference", summary="Compare versions", response_model=DifferenceBody)
async def compare(
    request: Request, key: Key, before: Annotated[Which, Query(alias="from")] = "live", to: Which = "draft"
) -> Response:
    """What changed from one version to another, or to the draft, in the words of the forms."""
    async with resources_of(request).sessions() as session:
        old, new = await document_of(session, key, before, "from"), await document_of(session, key, to, "to")
        names = await load_called(session)
    found = await shown_difference(request, old, new)
    return json_response(difference_body(found, names))


@router.get(
    "/journeys/{key}/file",
    summary="Download a journey",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}, "application/json": {}}, "description": "The journey file."}},
)
async def file(
    request: Request,
    key: Key,
    version: Which = "draft",
    form: Annotated[Literal["yaml", "json"], Query(alias="format")] = "yaml",
) -> Response:
    """The journey as a file, to be kept in git or taken to another workspace; `PUT` and `POST` take it back."""
    async with resources_of(request).sessions() as session:
        document = await document_of(session, key, version, "version")
    document = await asyncio.to_thread(hidden, request, document)
    text = await bounded(request, to_yaml if form == "yaml" else to_json, document)
    name = f"{key}.{form}" if version == "draft" else f"{key}-{version}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type=f"application/{form}; charset=utf-8")


async def document_of(session: AsyncSession, key: str, which: str, field: str) -> dict[str, Any]:
    """The draft's document, the live version's, or that of a version by its number; secrets and all."""
    draft = await known_draft(session, key)
    if which == "draft":
        return draft.draft
    number = draft.version if which == "live" else int(which)
    version = None if number is None else await load_version(session, key, number)
    if version is None:
        raise ApiProblem("unknown_version", field, key=key, version=which)
    return version.document


async def shown_difference(request: Request, before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """What changed, as it may be shown."""
    old, new = await asyncio.to_thread(lambda: (hidden(request, before), hidden(request, after)))
    return await bounded(request, difference, old, new)


def difference_body(found: Difference, names: Names) -> dict[str, Any]:
    """The difference as JSON."""
    return {
        "summary": {
            "added": found.count("added"),
            "removed": found.count("removed"),
            "changed": found.count("changed"),
        },
        "steps": {
            name: {
                "change": step.change,
                "title": step.title.naming(names).by_locale(),
                "fields": _fields(step.fields, names),
            }
            for name, step in found.steps.items()
        },
        "edges": [
            {"from": edge.source, "port": edge.port, "to": edge.target, "change": edge.change} for edge in found.edges
        ],
        "journey": _fields(found.journey, names),
    }


def _fields(changes: Iterable[FieldChange], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "field": one.field,
            "label": one.label.by_locale(),
            "before": one.before.by_locale(),
            "after": one.after.by_locale(),
        }
        for one in (change.naming(names) for change in changes)
    ]


async def _known_version(session: AsyncSession, key: str, number: int) -> Version:
    version = await load_version(session, key, number)
    if version is None:
        await known_draft(session, key)
        raise ApiProblem("unknown_version", "n", key=key, version=number)
    return version
