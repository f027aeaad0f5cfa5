"""The admin API's imports of customers: a file is uploaded, tried, begun, watched; its refused rows are fetched."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from api.http.access import Require, actor_of
from api.http.body import BoundedBody, read_body
from api.http.lists import REFUSALS, Listing, Page, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.imports.jobs import (
    LONGEST_NAME,
    file_too_large,
    import_as_json,
    known_import,
    start_import,
    take_file,
    try_import,
)
from api.imports.refused import refused_as_csv
from api.imports.schemas import Beginning, ImportAnswer, ImportStatus, Mapping, TrialAnswer
from orchestrator.files.tables import MOST_BYTES
from orchestrator.store.imports.progress import cancel_import, list_imports

Care = Require("draw", "operate")
"""Whoever works with customers."""
router = APIRouter(
    prefix="/api/imports",
    tags=["Imports"],
    dependencies=[Depends(Care)],
    responses=REFUSALS,
    route_class=BoundedBody,
)
uploads = APIRouter(prefix="/api/imports", tags=["Imports"], dependencies=[Depends(Care)], responses=REFUSALS)
"""Their bodies are no JSON."""
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself: CSV or TSV in UTF-8, UTF-16 or CP949, or a workbook (.xlsx).",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Identity = Annotated[UUID, Path(alias="identity", description="An import's id.")]


@router.get("", summary="List imports", response_model=Listing[ImportAnswer])
async def imports(request: Request, page: Page) -> Response:
    """The newest first."""
    found = await list_imports(resources_of(request).engine, before=page.before, limit=page.limit)
    return page.answer([import_as_json(row) for row in found.rows], found.next)


@uploads.post(
    "", summary="Upload a file of customers", response_model=ImportAnswer, status_code=201, openapi_extra=_UPLOAD
)
async def upload(
    request: Request, name: Annotated[str, Query(max_length=LONGEST_NAME * 2, description="The file's name.")] = ""
) -> Response:
    """Reads it, and says what its columns seem to be. Nothing is stored of its rows until it is begun."""
    try:
        data = await read_body(request, MOST_BYTES)
    except ApiProblem as problem:
        raise file_too_large() if problem.code == "body_too_large" else problem from None
    identity = await take_file(request, data, name=name, by=actor_of(request).name, locale=language(request))
    return json_response(import_as_json(await known_import(request, identity)), 201)


@router.get("/{identity}", summary="Get an import", response_model=ImportAnswer)
async def one(request: Request, identity: Identity) -> Response:
    """How far it is. One that was left alone by a process that ended is gone on with."""
    return json_response(import_as_json(await known_import(request, identity)))


@router.post("/{identity}/trial", summary="Try an import", response_model=TrialAnswer)
async def check(request: Request, identity: Identity, given: Mapping) -> Response:
    """What it would do with these columns: how many rows are good, and what is wrong with others; nothing is stored."""
    row = await known_import(request, identity)
    return json_response(asdict(await try_import(request, row, given.fields, language(request))))


@router.post("/{identity}/start", summary="Begin an import", response_model=ImportStatus, status_code=202)
async def start(request: Request, identity: Identity, given: Beginning) -> Response:
    """It goes on by itself, and over a restart; each row is stored once."""
    row = await known_import(request, identity)
    await start_import(request, row, given.fields, given.tells_journeys)
    return json_response({"status": "running"}, 202)


@router.post("/{identity}/cancel", summary="Cancel an import", response_model=ImportStatus)
async def cancel(request: Request, identity: Identity) -> Response:
    """What is stored stays stored."""
    row = await known_import(request, identity)
    if not await cancel_import(resources_of(request).engine, row.id):
        raise ApiProblem("import_over", "id")
    return json_response({"status": "cancelled"})


@router.get("/{identity}/refused", summary="Rows that an import refused", response_class=StreamingResponse)
async def refused(request: Request, identity: Identity) -> StreamingResponse:
    """As CSV with the same columns, the row's number and the reason at their end; kept for 30 days."""
    row = await known_import(request, identity)
    headers = {"content-disposition": f'attachment; filename="refused-{row.id}.csv"'}
    return StreamingResponse(
        refused_as_csv(resources_of(request).engine, row), media_type="text/csv; charset=utf-8", headers=headers
    )
