"""The search over everything: one question, answered with addresses to go to, by group."""

import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import Actor, Require, actor_of
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response, language
from api.pages.navigation import GROUPS, Page, pages_for
from api.pages.words import Words
from api.search.schemas import SearchItem, SearchResult
from orchestrator.core.measures.registry import GROUPS as GROUPS_OF_REPORTS
from orchestrator.core.measures.registry import reports
from orchestrator.core.roles import Permission
from orchestrator.core.text import in_locale
from orchestrator.store.search.find import Found, Kind, find

router = APIRouter(prefix="/api", tags=["Search"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

LONGEST = 100
EACH = 6
"""Of every group, at most."""
SHOWN_AT_FIRST = 4
"""Journeys, before anything is written."""
_PLACES: dict[Kind, tuple[str, str, str]] = {
    "journey": ("journeys", "route", "/journeys/{}"),
    "template": ("templates", "layout-template", "/templates/{}"),
    "survey": ("surveys", "clipboard-list", "/surveys/{}"),
    "coupon_pool": ("coupons", "ticket-percent", "/coupons/{}"),
    "segment": ("segments", "list-filter", "/segments/{}"),
    "customer": ("customers", "user", "/customers/{}"),
}
"""Group, icon and address of what is found."""
ACTIONS: tuple[tuple[str, str, str, Permission], ...] = (
    ("new_journey", "/journeys/new", "plus", "draw"),
    ("new_template", "/templates/new", "plus", "draw"),
    ("new_survey", "/surveys/new", "plus", "draw"),
    ("new_pool", "/coupons/new", "plus", "draw"),
    ("new_segment", "/segments/new", "plus", "draw"),
    ("stuck_runs", "/runs?status=problem", "triangle-alert", "read"),
    ("event_names", "/events/names", "tag", "read"),
    ("consent_log", "/consents/log", "shield-check", "read"),
    ("invite", "/settings/people", "user-plus", "administer"),
)
"""Word, address, icon, and what it needs."""
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@router.get("/search", summary="Find anything by a part of its name", response_model=SearchResult)
async def search(
    request: Request,
    q: Annotated[
        str, Query(max_length=LONGEST, description="Part of a name; a customer's whole id or e-mail address.")
    ] = "",
) -> Response:
    """Journeys, templates, surveys, coupon pools and segments by a part of their name or key, customers by an id or
    their e-mail address, reports, pages and actions of the console by a part of their title. Without `q`: what was
    changed last, and every action. What the asker's role does not permit is left out."""
    wanted, actor = " ".join(q.split()), actor_of(request)
    words = Words(language(request), resources_of(request).settings.workspace_time_zone)
    identity = str(UUID(wanted)) if _UUID.fullmatch(wanted) else None
    each = EACH if wanted else SHOWN_AT_FIRST
    found = await find(resources_of(request).engine, wanted, each=each, customers=True, id=identity)
    items = [_item(one, words) for one in found]
    items += list(_actions(wanted, words, actor)) + list(_reports(wanted, words)) + list(_pages(wanted, words, actor))
    if wanted:
        items.append(_in_customers(wanted, words))
    return json_response({"items": [item.model_dump() for item in items]})


def _item(found: Found, words: Words) -> SearchItem:
    group, icon, address = _PLACES[found.kind]
    title = in_locale(found.name, words.locale, found.key)
    detail = words.of("status", found.state) if found.kind == "journey" else found.state
    detail = "" if detail == title else detail
    return SearchItem(
        group=words.of("nav", group), title=title, detail=detail, href=address.format(found.key), icon=icon
    )


def _actions(wanted: str, words: Words, actor: Actor) -> Iterator[SearchItem]:
    group = words("palette.actions")
    fitting = [one for one in ACTIONS if one[3] in actor.can and _matches(wanted, words.of("palette", one[0]))]
    for name, href, icon, _ in fitting[:EACH] if wanted else fitting:
        yield SearchItem(group=group, title=words.of("palette", name), detail="", href=href, icon=icon)


def _reports(wanted: str, words: Words) -> Iterator[SearchItem]:
    group = words.of("nav", "reports")
    fitting = [one for one in reports().values() if _matches(wanted, one.title.to(words.locale))]
    for one in fitting[:EACH] if wanted else ():
        title, detail = one.title.to(words.locale), GROUPS_OF_REPORTS[one.group].to(words.locale)
        detail = "" if detail == title else detail
        yield SearchItem(group=group, title=title, detail=detail, href=f"/reports/{one.name}", icon="chart-column")


def _pages(wanted: str, words: Words, actor: Actor) -> Iterator[SearchItem]:
    group = words("palette.pages")
    titles = {one.name: words.of("nav_group", one.name) for one in GROUPS}

    def title(page: Page) -> str:
        return words.of("nav", page.name)

    fitting = [(area, page) for area, page in pages_for(actor.can) if _matches(wanted, title(page), titles[area.name])]
    for area, page in fitting[:EACH] if wanted else ():
        detail = "" if titles[area.name] == title(page) else titles[area.name]
        yield SearchItem(group=group, title=title(page), detail=detail, href=page.href, icon=page.icon)


def _in_customers(wanted: str, words: Words) -> SearchItem:
    """Part of a name is looked for among all customers, which may take a while: on their own page."""
    title, href = words("palette.in_customers", wanted=wanted), f"/customers?q={quote(wanted, safe='')}"
    return SearchItem(group=words.of("nav", "customers"), title=title, detail="", href=href, icon="search")


def _matches(wanted: str, *texts: str) -> bool:
    return any(wanted.casefold() in text.casefold() for text in texts)
