"""Consents: how many, whose are to be confirmed, how each came about; and how links of messages are counted."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.pages.access import Admin, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.customers.consents import SOURCES, title
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.sending.policies import policy_for
from orchestrator.links import PREVIEW, Links
from orchestrator.store.customers.consent_list import consent_changes, count_consents, due_consents
from orchestrator.store.workspace import change_settings

router = APIRouter(route_class=ConsoleRoute)
SOON = timedelta(days=30)
"""How long before a consent ends one is told."""
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")


@router.get("/consents")
async def consents(view: Reader, name: str = "") -> Response:
    """Counts by channel, and the customers whose consent is to be confirmed."""
    after = reconfirm_after(view)
    over = view.now - after if after else None
    soon = over + SOON if over else None
    counts = await count_consents(view.engine, over, soon)
    chosen = name if name in {one.name for one in counts} else ""
    due = await due_consents(view.engine, chosen, soon) if chosen and soon else []
    return view.render(
        "consents.html",
        counts=counts,
        chosen=chosen,
        due=due,
        over=over,
        days=after.days if after else None,
        title=lambda one: title(one).to(view.locale),
        previews=_previews(view),
    )


@router.get("/consents/log")
async def consent_log(view: Reader, before: str = "") -> Response:
    """Every change, with what proves it."""
    page = await consent_changes(view.engine, before=before)
    return view.render("consent_log.html", page=page, **log_words(view))


@router.get("/settings/links")
async def links(view: Admin, done: str = "") -> Response:
    """How links of messages are counted and marked."""
    settings = LinkSettings.of(view.workspace.settings if view.workspace else {})
    return view.render("settings_links.html", given=settings, utm=UTM, done=done, wrong="", schema=_labels(view))


@router.post("/settings/links")
async def save_links(view: Admin) -> Response:
    """Take it over."""
    form = view.form
    given: dict[str, Any] = {name: name in form for name in ("clicks", "opens", "utm")}
    given |= {name: form.get(name, "").strip() for name in UTM}
    domains = form.get("domains", "").lower().replace(",", " ").split()
    try:
        settings = LinkSettings(**given, domains=tuple(domains))
    except ValidationError:
        shown = LinkSettings.model_construct(**given, domains=tuple(domains))
        page = {"given": shown, "utm": UTM, "done": "", "wrong": "domains", "schema": _labels(view)}
        return view.render("settings_links.html", status=422, **page)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {"links": settings.model_dump(mode="json")})
    return RedirectResponse("/settings/links?done=saved", 303)


def reconfirm_after(view: View) -> timedelta | None:
    """How long a consent of a Korean customer counts; None: for ever."""
    settings = view.workspace.settings if view.workspace else {}
    return policy_for(settings.get("sending"), "KR").reconfirm_after


def log_words(view: View) -> dict[str, Any]:
    """What a template needs to tell the log."""
    return {
        "title": lambda name: title(name).to(view.locale),
        "source": lambda name: SOURCES[name].to(view.locale) if name in SOURCES else name,
    }


async def consents_of_customer(view: View, customer: UUID) -> dict[str, Any]:
    """The newest lines of one customer's log, for their page."""
    page = await consent_changes(view.engine, customer=customer, limit=10)
    return {"consent_log": page.rows, **{f"consent_{name}": told for name, told in log_words(view).items()}}


def _previews(view: View) -> dict[str, str]:
    """Addresses at which one sees what customers see."""
    settings = view.settings
    links = Links(settings.secret_key.get_secret_value(), "")
    first = next(iter(CHANNELS))
    return {"unsubscribe": links.unsubscribe(PREVIEW, first), "preferences": links.preferences(PREVIEW)}


def _labels(view: View) -> dict[str, dict[str, str]]:
    """Label and help of each field, in the reader's language."""
    fields = LinkSettings.model_json_schema()["properties"]
    return {
        name: {kind: found.get(f"x-{kind}", {}).get(view.locale, "") for kind in ("label", "help")}
        for name, found in fields.items()
    }
