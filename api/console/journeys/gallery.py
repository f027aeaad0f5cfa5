"""A new journey: from nothing, from a journey of the gallery, or from a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.console.journeys.thumbnail import thumbnail
from api.documents.keys import key_of
from api.journeys.create import EMPTY, New
from api.pages.access import PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.text import LOCALES
from orchestrator.journey_gallery import Template, find_template, templates
from orchestrator.store.journeys.drafts import create_draft
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.workspace import load_clock

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]
MOST_NAME = 80


_BEGIN = "#begin"
"""An empty journey opens with the question that comes first: who enters."""


@router.get("/journeys/new")
async def gallery(view: Drawer) -> Response:
    """Every journey to begin with, as a card with its picture."""
    return await _shown(view)


@router.post("/journeys/new")
async def begin(view: Drawer) -> Response:
    """Makes the draft, and opens it."""
    name, wanted = view.form.get("name", "").strip()[:MOST_NAME], view.form.get("template", "")
    template = find_template(wanted)
    if template is None and wanted:
        return await _shown(view, name, "template", 400)
    document = _document(view, template, name)
    new = New(document, key_of(document), False)
    resources = view.request.app.state.resources
    async with resources.sessions.begin() as session:
        now, actor = (await load_clock(session)).now(), view.actor
        by, owner = (actor.name, actor.account) if actor else (None, None)
        for key in new.possible_keys():
            if await create_draft(session, key, new.document, now, by, owner=owner):
                return RedirectResponse(f"/journeys/{key}{'' if template else _BEGIN}", 303)
    return await _shown(view, name, "key", 409)


def _document(view: View, template: Template | None, name: str) -> dict[str, Any]:
    if template is None:
        return {**EMPTY, "name": dict.fromkeys(LOCALES, name or view.words("new.blank_name"))}
    document = template.copy()
    return {**document, "name": dict.fromkeys(LOCALES, name)} if name else document


async def _shown(view: View, name: str = "", wrong: str = "", status: int = 200) -> Response:
    async with view.request.app.state.resources.sessions() as session:
        seen = frozenset((await load_vocabulary(session)).events)
    pictures = {one.id: thumbnail(one.plan.journey) for one in templates()}
    missing = any(event not in seen for one in templates() for event in one.events)
    return view.render(
        "new_journey.html",
        status,
        templates=templates(),
        pictures=pictures,
        seen=seen,
        missing=missing,
        name=name,
        wrong=wrong,
    )
