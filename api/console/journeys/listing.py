"""The list of journeys: searched, narrowed, sorted; and what one does to a journey without opening it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.documents.keys import key_of
from api.journeys.create import New
from api.operations.begin import AWAY
from api.operations.resuming import Resumption, resume
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.core.values import STAGES
from orchestrator.store.accounts.people import list_accounts
from orchestrator.store.coupons.pools import journeys_short_of_codes
from orchestrator.store.journeys import drafts
from orchestrator.store.journeys.health import load_health
from orchestrator.store.journeys.journey_list import (
    SORTS,
    STATUSES,
    ListedJourney,
    Wanted,
    label_journey,
    load_choices,
    load_listed,
    page_of_journeys,
    read_tags,
)
from orchestrator.store.journeys.live_counts import load_figures
from orchestrator.store.operations.pauses import NothingToPause, pause
from orchestrator.store.workspace import load_clock

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]
Operator = Annotated[View, Depends(PageAccess("operate"))]
LONGEST_SEARCH = 100


@router.get("/journeys")
async def journeys(
    view: Reader,
    q: str = "",
    status: str = "",
    tag: str = "",
    owner: str = "",
    sort: str = "",
    after: str = "",
    done: str = "",
) -> Response:
    """Every journey, and how it fares."""
    wanted = Wanted(
        search=q.strip()[:LONGEST_SEARCH],
        status=status if status in STATUSES else "",
        tag=tag[:LONGEST_SEARCH],
        owner=_identity(owner),
        sort=next((one for one in SORTS if one == sort), "changed"),
        locale=view.locale,
    )
    page = await page_of_journeys(view.engine, wanted, after or None)
    keys = [one.key for one in page.rows]
    names = await view.names()
    return view.render(
        "journeys.html",
        page=page,
        wanted=wanted,
        choices=await load_choices(view.engine),
        statuses=STATUSES,
        sorts=SORTS,
        figures=await load_figures(view.engine, keys),
        health=await load_health(view.engine, view.now, keys),
        stages=STAGES,
        short=await journeys_short_of_codes(view.engine, view.now),
        pools={key: view.name(dict(called), key) for (kind, key), called in names.items() if kind == "coupon_pool"},
        done=done,
    )


@router.post("/journeys/{key}/duplicate")
async def duplicate(view: Drawer, key: str) -> Response:
    """A draft of one's own with the same steps; opens it."""
    resources = view.request.app.state.resources
    async with resources.sessions.begin() as session:
        found = await drafts.load_draft(session, key)
        if found is None:
            raise NothingHere
        names = drafts.names_of(found.draft, key)
        name = {
            locale: view.words("journeys.copy_of", name=words)[: drafts.MOST_NAME] for locale, words in names.items()
        }
        document = {**{part: value for part, value in found.draft.items() if part != "key"}, "name": name}
        now, actor = (await load_clock(session)).now(), view.actor
        listed = await load_listed(view.engine, key)
        for free in New(document, key_of({"key": key}), False).possible_keys():
            if await drafts.create_draft(
                session,
                free,
                document,
                now,
                actor.name if actor else None,
                owner=actor.account if actor else None,
                tags=listed.tags if listed else (),
            ):
                return RedirectResponse(f"/journeys/{free}", 303)
    return RedirectResponse("/journeys?done=no_copy", 303)


@router.post("/journeys/{key}/status")
async def turn(view: Operator, key: str) -> Response:
    """Pauses it, or lets it go on; with choices, one resumes on the page of pauses."""
    status, resources = view.form.get("status", ""), view.request.app.state.resources
    if status not in ("live", "paused"):
        raise NothingHere
    if (await _known(view, key)).version is None:
        return RedirectResponse("/journeys?done=journey_unpublished", 303)
    said = f"journey_{status}"
    try:
        if status == "paused":
            async with resources.sessions.begin() as session:
                await pause(session, f"journey:{key}", view.by)
        else:
            wanted = Resumption(f"journey:{key}", enter=False)
            await resume(view.engine, runs_of(view.request), wanted, view.by)
    except NothingToPause:
        said = "journey_not_now"
    except AWAY:
        said = "operation_away"
    return RedirectResponse(f"/journeys?done={said}", 303)


@router.post("/journeys/{key}/delete")
async def delete(view: Drawer, key: str) -> Response:
    """Deletes a draft that was never published."""
    async with view.request.app.state.resources.sessions.begin() as session:
        deleted = await drafts.delete_draft(session, key)
    if deleted is None:
        raise NothingHere
    return RedirectResponse(f"/journeys?done={'journey_deleted' if deleted else 'journey_published'}", 303)


@router.get("/journeys/{key}/labels")
async def labels(view: Drawer, key: str) -> Response:
    """Tags and owner of a journey."""
    return await _labels(view, await _known(view, key))


@router.post("/journeys/{key}/labels")
async def change_labels(view: Drawer, key: str) -> Response:
    """Takes them over."""
    found = await _known(view, key)
    owner = _identity(view.form.get("owner", ""))
    people = {one.id for one in await list_accounts(view.engine)}
    if owner is not None and owner not in people:
        owner = found.owner_id
    async with view.request.app.state.resources.sessions.begin() as session:
        await label_journey(session, key, read_tags(view.form.get("tags", "")), owner)
    return RedirectResponse("/journeys?done=journey_labels", 303)


async def _known(view: View, key: str) -> ListedJourney:
    found = await load_listed(view.engine, key)
    if found is None:
        raise NothingHere
    return found


async def _labels(view: View, found: ListedJourney) -> Response:
    people = [one for one in await list_accounts(view.engine) if one.disabled_at is None or one.id == found.owner_id]
    choices = await load_choices(view.engine)
    return view.render("journey_labels.html", journey=found, people=people, tags=list(choices.tags))


def _identity(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
