"""The library of pictures over the API: uploaded, searched, described, deleted."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.http.access import Require, actor_of
from api.http.body import BoundedBody, read_body
from api.http.lists import REFUSALS, Paging, ProblemBody, read_paging, resources_of
from api.http.problems import ApiProblem, json_response
from api.media.library import delete_picture, described, take_picture, too_large
from api.media.schemas import MOST_ALT, MOST_TITLE, PictureBody, PictureChange, PictureList, PictureRemoved
from orchestrator.core.media.pictures import MOST_BYTES
from orchestrator.store.media.pictures import change_picture, list_pictures, load_picture

_DRAW = [Depends(Require("draw"))]
_UPLOAD = {
    "requestBody": {
        "required": True,
        "description": "The file itself: a PNG, JPEG, WebP or GIF.",
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_AWAY: dict[int | str, dict[str, Any]] = {503: {"model": ProblemBody, "description": "The storage is out of reach."}}
Identity = Annotated[UUID, Path(description="A picture's id.")]

router = APIRouter(
    prefix="/api/media",
    tags=["Pictures"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
uploads = APIRouter(prefix="/api/media", tags=["Pictures"], dependencies=_DRAW, responses={**REFUSALS, **_AWAY})
"""Their bodies are no JSON."""


@router.get("", summary="List pictures", response_model=PictureList)
async def pictures(
    request: Request,
    paging: Annotated[Paging, Depends(read_paging)],
    search: Annotated[str | None, Query(max_length=200, description="In what they are called and show.")] = None,
) -> Response:
    """The library, the newest first, with the templates and journeys that show each."""
    wanted = (search or "").strip() or None
    page = await list_pictures(resources_of(request).engine, search=wanted, before=paging.before, limit=paging.limit)
    return paging.answer(await described(request, page.rows), page.next)


@uploads.post(
    "",
    summary="Upload a picture",
    response_model=PictureBody,
    status_code=201,
    responses={200: {"model": PictureBody, "description": "The same picture was there already."}},
    openapi_extra=_UPLOAD,
)
async def upload(
    request: Request,
    title: Annotated[str, Query(max_length=MOST_TITLE * 2, description="The file's name, or another.")] = "",
    alt: Annotated[str, Query(max_length=MOST_ALT, description="What it shows.")] = "",
) -> Response:
    """Takes a PNG, JPEG, WebP or GIF; keeps its pixels alone, made smaller where it is large, as a PNG, JPEG or GIF."""
    try:
        data = await read_body(request, MOST_BYTES)
    except ApiProblem as problem:
        raise too_large() if problem.code == "body_too_large" else problem from None
    row, new = await take_picture(request, data, title=title, alt=alt)
    [body] = await described(request, [row])
    return json_response(body, 201 if new else 200)


@router.get("/{identity}", summary="Get a picture", response_model=PictureBody)
async def picture(request: Request, identity: Identity) -> Response:
    """One picture, with the templates and journeys that show it."""
    return await _answer(request, identity)


@router.put("/{identity}", summary="Say what a picture shows", response_model=PictureBody, dependencies=_DRAW)
async def change(request: Request, identity: Identity, given: PictureChange) -> Response:
    """Another name, other words for what it shows. Messages that show it keep the words that they have."""
    await change_picture(resources_of(request).engine, identity, title=given.title, alt=given.alt)
    return await _answer(request, identity)


@router.delete(
    "/{identity}",
    summary="Delete a picture",
    response_model=PictureRemoved,
    dependencies=_DRAW,
    responses={409: {"model": ProblemBody, "description": "Something shows it; what, is in `used_in`."}, **_AWAY},
)
async def delete(
    request: Request,
    identity: Identity,
    erase: Annotated[
        bool, Query(description="For admins: even if something shows it, and from messages that were sent.")
    ] = False,
) -> Response:
    """Takes it out of the library. Refused while a draft, or what messages say now, shows it.

    Where messages showed it once its file is served on, for they may still be read; `erase` ends that too.
    """
    if erase and "administer" not in actor_of(request).can:
        raise Require("administer").refusal(request, actor_of(request))
    return json_response({"kept": await delete_picture(request, identity, erase=erase)})


async def _answer(request: Request, identity: UUID) -> Response:
    row = await load_picture(resources_of(request).engine, identity)
    if row is None:
        raise ApiProblem("unknown_picture", "id")
    [body] = await described(request, [row])
    return json_response(body)
