"""Opting out of the channel by which a message came: the page asks, its button (or a mail program's) does.

GET changes nothing, because mail scanners follow every link. POST does, at once and without a page, which is also what
RFC 8058 wants of ``List-Unsubscribe-Post: List-Unsubscribe=One-Click``. Whoever regrets it finds a way back on the
page that says it is done, for an hour. What is withdrawn is the consent for advertising; information goes on.
"""

from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import PlainTextResponse, Response

from api.pages.forms import LONGEST_FORM, read_form
from api.public.contacts import masked
from api.public.view import InvalidLink, PublicRoute, PublicView, open_public, read_link
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.customers.consent_record import NIGHT
from orchestrator.core.events.system_events import UNSUBSCRIBED, about_send, event_of_send
from orchestrator.links import Signed
from orchestrator.store.customers.consents import change_consents, read_consents, withdrawn_by
from orchestrator.store.events.system_events import add_event
from orchestrator.store.sending.message_traces import SentMessage, read_sent

router = APIRouter(route_class=PublicRoute)

UNDO_WITHIN = timedelta(hours=1)
"""For how long the page that says it is done can take it back; later, the preference page can."""


@router.get("/u/{token}")
async def ask(token: str, request: Request) -> Response:
    """Whether they really want to; nothing changes."""
    signed = read_link(request, "unsubscribe", token)
    view = await open_public(request)
    if signed.is_preview:
        return _page(view, signed, None, "ask")
    async with view.engine.connect() as db:
        sent = await _sent(db, signed)
        stands = await read_consents(db, sent.customer)
    return _page(view, signed, sent, "ask" if stands.get(signed.detail) is not False else "is_out")


@router.post("/u/{token}")
async def do(token: str, request: Request) -> Response:
    """Opt out, or undo it. A mail program's click gets a plain word, a person a page."""
    signed = read_link(request, "unsubscribe", token)
    form = await _form(request)
    view = await open_public(request)
    one_click = form.get("List-Unsubscribe", "").lower() == "one-click"
    what = "back" if form.get("action") == "undo" else "out"
    sent = None
    if not signed.is_preview:
        async with view.engine.begin() as db:
            sent = await _sent(db, signed)
            if what == "back":
                what = "back" if await _undo(db, view, sent) else "spent"
            else:
                await _opt_out(db, view, sent, signed.detail, "one_click" if one_click else "page")
    return PlainTextResponse("OK") if one_click else _page(view, signed, sent, what)


async def _form(request: Request) -> dict[str, str]:
    """Mail programs may send it as either kind of form (RFC 8058, 3.2)."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return await read_form(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            return {}
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = whole.get_payload() if whole.is_multipart() else []
    named = [
        (part.get_param("name", header="content-disposition"), part) for part in parts if isinstance(part, Message)
    ]
    return {str(name): str(part.get_payload()).strip() for name, part in named if name}


async def _sent(db: AsyncConnection, signed: Signed) -> SentMessage:
    sent = await read_sent(db, signed.id) if signed.detail in CHANNELS else None
    if sent is None:
        raise InvalidLink
    return sent


async def _opt_out(db: AsyncConnection, view: PublicView, sent: SentMessage, channel: str, form: str) -> None:
    """Consents for the channel by day and night end; what stood before is kept with the evidence."""
    stands = await read_consents(db, sent.customer)
    night = f"{channel}{NIGHT}"
    said = {channel: False, **({night: False} if stands.get(night) is True else {})}
    before = {name: stands.get(name) for name in said}
    about = about_send(sent.row)
    evidence = {"send": str(sent.id), "journey": about["journey"], "form": form, "before": before}
    given: dict[str, Any] = {"source": "unsubscribe", "evidence": evidence, "at": view.now}
    if await change_consents(db, sent.customer, said, **given):
        told = {**about, "channel": channel}
        message_id = event_of_send(UNSUBSCRIBED, sent.id, view.now.isoformat())
        await add_event(db, sent.customer, UNSUBSCRIBED, told, view.now, message_id)


async def _undo(db: AsyncConnection, view: PublicView, sent: SentMessage) -> bool:
    """Give back what this very message's link took away within the hour, once; False where there is nothing to give
    back. What the customer did since is their last word, and an old link does not take it back."""
    said = dict.fromkeys(await withdrawn_by(db, sent.customer, sent.id, view.now - UNDO_WITHIN), True)
    if not said:
        return False
    evidence = {"send": str(sent.id), "form": "undo"}
    return bool(await change_consents(db, sent.customer, said, source="unsubscribe", evidence=evidence, at=view.now))


def _page(view: PublicView, signed: Signed, sent: SentMessage | None, what: str) -> Response:
    """``ask``, ``is_out`` (already), ``out`` (done), ``back`` (undone) or ``spent`` (can be undone no more)."""
    view = view.in_language_of(sent.locale if sent else None)
    customer = sent.customer if sent else signed.id
    return view.render(
        "public_unsubscribe.html",
        what=what,
        channel=signed.detail,
        to=masked(sent.recipient) if sent else "",
        preferences=urlsplit(view.links.preferences(customer)).path,
        preview=signed.is_preview,
    )
