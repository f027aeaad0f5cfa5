"""Message templates: the list, new ones from a gallery, and the page that holds their editor."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.bounded_work.pool import bounded
from api.console.journeys.canvas import bundle
from api.documents.keys import key_of
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.canvas_words import canvas_words
from api.pages.console_route import ConsoleRoute
from api.pages.mail_frame import frame_headers, in_scheme
from api.pages.rendering import asset
from api.pages.view import View
from api.pages.words import languages
from api.templates.beginning import brand, with_own_pictures
from api.templates.responses import in_list
from orchestrator.core.messages.compose import choose_locale
from orchestrator.core.messages.render import with_defaults
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.text import LOCALES
from orchestrator.message_gallery import ReadyMade, find_ready_made, ready_made
from orchestrator.message_gallery.looks import look_of
from orchestrator.store.templates import documents as store
from orchestrator.store.workspace import load_clock

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]
MOST_NAME = 80
MOST_NUMBERED = 200
MOST_LOOK = 6_000_000
"""Bytes of an e-mail that is shown, as a form sends them."""
PreviewView = Annotated[View, Depends(PageAccess("read", longest_form=MOST_LOOK))]
_ENTRY = "src/templates.tsx"


@router.get("/templates")
async def templates(view: Reader) -> Response:
    """Every template, and who uses it."""
    async with view.request.app.state.resources.sessions() as session:
        found, used = await store.list_templates(session), await store.uses(session)
    rows = [in_list(one, used) for one in found]
    return view.render("templates.html", templates=rows)


@router.get("/templates/new")
async def gallery(view: Drawer) -> Response:
    """Templates to begin with."""
    return _gallery(view)


@router.post("/templates/new")
async def begin(view: Drawer) -> Response:
    """Makes the template, and opens it."""
    name, wanted = view.form.get("name", "").strip()[:MOST_NAME], view.form.get("ready_made", "")
    chosen = find_ready_made(wanted)
    if chosen is None and wanted:
        return _gallery(view, name, 400)
    view.request.state.actor = view.actor
    document = await with_own_pictures(view.request, _document(view, chosen, name), view.locale)
    key = key_of(document, "template")
    resources = view.request.app.state.resources
    async with resources.sessions.begin() as session:
        now, by = (await load_clock(session)).now(), view.actor.name if view.actor else None
        for one in (key, *(f"{key[:58]}-{n}" for n in range(2, MOST_NUMBERED))):
            if await store.create_template(session, one, document, now, by):
                return RedirectResponse(f"/templates/{one}", 303)
    return _gallery(view, name, 409)


@router.get("/templates/new/look/{identity}")
async def ready_made_look(view: Drawer, identity: str) -> Response:
    """The e-mail of a ready-made one in the brand's look, for a frame of the gallery."""
    sender = str(view.workspace.settings.get("sender_name") or "") if view.workspace else ""
    html = await bounded(view.request, look_of, identity, await brand(view.request), view.locale, sender)
    if html is None:
        raise NothingHere
    headers = {**frame_headers(view.settings.public_url), "cache-control": "private, max-age=600"}
    return HTMLResponse(in_scheme(html, dark=False), headers=headers)


@router.post("/templates/look")
async def look(view: PreviewView) -> Response:
    """An e-mail that the editor shows in a frame: as HTML that may do nothing, in the light or in the dark."""
    text, dark = view.form.get("html", ""), view.form.get("scheme") == "dark"
    headers = frame_headers(view.settings.public_url, watched=view.form.get("watched") == "1")
    return HTMLResponse(in_scheme(text, dark=dark), headers=headers)


@router.get("/templates/{key}")
async def editor(view: Reader, key: str) -> Response:
    """One template in its editor, which fetches the rest itself."""
    async with view.request.app.state.resources.sessions() as session:
        found = await store.load_template(session, key)
    if found is None:
        raise NothingHere
    told = {
        "key": key,
        "can": sorted(view.actor.can) if view.actor else [],
        "timeZone": view.words.zone.key,
        "icons": asset("icons.svg"),
        "words": canvas_words(view.locale).address,
        "languages": [code for code, _ in languages()],
    }
    name = in_list(found, ())["name"]
    return view.render(
        "template_editor.html", name=name, bundle=bundle(_ENTRY), words=told["words"], told=json.dumps(told)
    )


def _document(view: View, chosen: ReadyMade | None, name: str) -> dict[str, Any]:
    if chosen is None:
        own = name or view.words("templates.blank_name")
        return {"name": dict.fromkeys(LOCALES, own), "class": "advertising", "channels": {}}
    document = chosen.copy()
    return {**document, "name": dict.fromkeys(LOCALES, name)} if name else document


def _gallery(view: View, name: str = "", status: int = 200) -> Response:
    looks = {one.id: _preview_text(one, view.locale) for one in ready_made()}
    return view.render("new_template.html", status, ready_made=ready_made(), looks=looks, name=name)


def _preview_text(one: ReadyMade, locale: str) -> tuple[str, str]:
    """Subject and text of its first channel, for somebody of whom nothing is known."""
    by_language = one.template.on(one.template.written_channels[0])
    found = choose_locale(by_language, locale)
    content = by_language[found].content()
    known = with_defaults({}, one.template.defaults(found))
    subject, body = (
        render(compile_template(text), known, locale=found).text for text in (content.subject, content.body)
    )
    return subject, body
