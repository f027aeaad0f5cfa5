"""Links of messages, and the image that tells of an opening: counted, then sent on to where the ledger says."""

from base64 import b64decode
from time import time

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse, Response

from api.pages.links import links_of
from api.public.view import InvalidLink, PublicRoute, PublicView, open_public, read_link
from api.public.visitors import is_person
from orchestrator.links import Signed
from orchestrator.store.sending.message_traces import SentMessage, mark_clicked, mark_opened, read_sent

router = APIRouter(route_class=PublicRoute)
log = structlog.get_logger(__name__)

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one by one."""


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
async def follow(token: str, request: Request) -> Response:
    """Where the link leads. A click that cannot be noted down leads there all the same."""
    signed = read_link(request, "click", token)
    view = await open_public(request)
    async with view.engine.connect() as db:
        sent = await read_sent(db, signed.id)
    target = sent.target(signed.detail) if sent else None
    if sent is None or target is None:
        raise InvalidLink
    if is_person(request):
        await _note_click(view, sent, signed, target)
    return RedirectResponse(target, 302)


async def _note_click(view: PublicView, sent: SentMessage, signed: Signed, target: str) -> None:
    try:
        async with view.engine.begin() as db:
            await mark_clicked(db, sent, signed.detail, target, view.now, int(time()))
    except SQLAlchemyError as error:
        log.warning("a click was not noted", problem=type(error).__name__)


@router.api_route("/o/{name}", methods=["GET", "HEAD"])
async def opened(name: str, request: Request) -> Response:
    """The image, whatever is asked for: a broken one would be shown as such."""
    signed = links_of(request).read("open", name.removesuffix(".gif"))
    if signed is not None and not signed.is_preview and is_person(request):
        try:
            await _note_opening(request, signed)
        except (SQLAlchemyError, OSError) as error:
            log.warning("an opening was not noted", problem=type(error).__name__)
    return Response(PIXEL, media_type="image/gif", headers={"cross-origin-resource-policy": "cross-origin"})


async def _note_opening(request: Request, signed: Signed) -> None:
    view = await open_public(request)
    async with view.engine.begin() as db:
        sent = await read_sent(db, signed.id)
        if sent is not None:
            await mark_opened(db, sent, view.now)
