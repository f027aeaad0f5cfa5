"""Suggestions as people read them: what does worse than its kind, by how much, and what to try."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.pages.access import PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.suggestions.acting import Acting, NoSuggestion
from api.suggestions.listing import State, Suggestion, load_suggestions
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.steps.message import CLASS_TITLES
from orchestrator.core.suggestions.change import StepGone
from orchestrator.core.text import number_text
from orchestrator.store.journeys.drafts import DraftChanged

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]


@dataclass(frozen=True)
class Bar:
    """One rate as a bar: its words, the part of the widest one that it fills, and who was counted."""

    name: str
    rate: str
    people: str
    width: float
    own: bool = False


@dataclass(frozen=True)
class Card:
    """One suggestion in words. ``act``: the address below which one takes it up."""

    state: State
    title: str
    canvas: str
    channel: str
    sentence: str
    sure: str
    bars: tuple[Bar, ...]
    what: str
    act: str
    by: str
    at: datetime | None
    since: datetime | None


def _links(view: View) -> LinkSettings:
    return LinkSettings.of(view.workspace.settings if view.workspace else {})


def acting(view: View) -> Acting:
    """In the reader's name."""
    sessions = view.request.app.state.resources.sessions
    return Acting(
        view.engine,
        sessions,
        _links(view),
        view.now,
        view.actor.name if view.actor else "",
        view.actor.id if view.actor else None,
    )


@router.get("/suggestions")
async def suggestions(view: Reader, done: str = "", wrong: str = "") -> Response:
    """All of them."""
    found = await load_suggestions(view.engine, _links(view), view.now)
    places = await view.places((one.key[0], one.key[1]) for one in found)
    cards = [_card(view, one, places[one.key[0], one.key[1]]) for one in found]
    return view.render("suggestions.html", cards=cards, done=done, wrong=wrong)


@router.post("/suggestions/{journey}/{step}/{channel}/{metric}/draw")
async def draw(view: Drawer, journey: str, step: str, channel: str, metric: str) -> Response:
    """Draws it, and shows the draft."""
    try:
        await acting(view).draw((journey, step, channel, metric))
    except (NoSuggestion, DraftChanged):
        return RedirectResponse("/suggestions?wrong=changed", 303)
    except StepGone:
        return RedirectResponse("/suggestions?wrong=step_gone", 303)
    return RedirectResponse(f"/journeys/{quote(journey, safe='')}", 303)


@router.post("/suggestions/{journey}/{step}/{channel}/{metric}/dismiss")
async def dismiss(view: Drawer, journey: str, step: str, channel: str, metric: str) -> Response:
    """Puts it aside."""
    try:
        await acting(view).dismiss((journey, step, channel, metric))
    except NoSuggestion:
        return RedirectResponse("/suggestions?wrong=changed", 303)
    return RedirectResponse("/suggestions?done=suggestion_dismissed", 303)


@router.post("/suggestions/{journey}/{step}/{channel}/{metric}/restore")
async def restore(view: Drawer, journey: str, step: str, channel: str, metric: str) -> Response:
    """Brings it back."""
    try:
        await acting(view).restore((journey, step, channel, metric))
    except NoSuggestion:
        return RedirectResponse("/suggestions?wrong=changed", 303)
    return RedirectResponse("/suggestions?done=suggestion_restored", 303)


def _card(view: View, one: Suggestion, title: str) -> Card:
    journey, step, channel, _ = one.key
    words, decision = view.words, one.decision
    act = "/".join(quote(part, safe="") for part in one.key)
    return Card(
        state=one.state,
        title=title,
        canvas=f"/journeys/{quote(journey, safe='')}?step={quote(step, safe='')}",
        channel=words.channel(channel),
        sentence=_sentence(view, one),
        sure=_sure(view, one),
        bars=_bars(view, one),
        what=words.of("suggestion_change", one.change),
        act=f"/suggestions/{act}",
        by=words.maker(decision.by or "") if decision else "",
        at=decision.at if decision else None,
        since=decision.live_since if decision else None,
    )


def _sentence(view: View, one: Suggestion) -> str:
    if one.finding is None:
        return view.words("suggestions.not_worse")
    rate = _share(view, one.finding.figures.rate)
    kind = _share(view, one.finding.kind_rate)
    said = {
        "opened": view.words("suggestions.opened", rate=rate, kind=kind),
        "clicked": view.words("suggestions.clicked", rate=rate, kind=kind),
        "unsubscribed": view.words("suggestions.unsubscribed", rate=rate, kind=kind),
    }
    return said[one.metric]


def _sure(view: View, one: Suggestion) -> str:
    """How far the truth may lie from it: of what is live by the times before and since, else by the kind."""
    compared = one.before_after
    if compared is not None:
        if compared.relative is None or compared.low is None or compared.high is None:
            return view.words("suggestions.too_few_since")
        low, high = _change(view, compared.low), _change(view, compared.high)
        return view.words("suggestions.since_live", change=_change(view, compared.relative), low=low, high=high)
    if one.finding is None:
        return ""
    low, high = _change(view, one.finding.low), _change(view, one.finding.high)
    return view.words("suggestions.sure", change=_change(view, one.finding.relative), low=low, high=high)


def _bars(view: View, one: Suggestion) -> tuple[Bar, ...]:
    words = view.words
    if one.before_after is not None:
        rows = [
            (words("suggestions.before"), one.before_after.before.people, one.before_after.before.of, False),
            (words("suggestions.after"), one.before_after.after.people, one.before_after.after.of, True),
        ]
    elif one.finding is not None:
        figures = one.finding.figures
        kind = CLASS_TITLES[figures.message_class].to(view.locale)
        others = words("suggestions.others", count=one.finding.others, channel=words.channel(one.key[2]), kind=kind)
        rows = [
            (words("suggestions.this"), figures.people, figures.of, True),
            (others, one.finding.kind_people, one.finding.kind_of, False),
        ]
    else:
        return ()
    most = max(people / of if of else 0.0 for _, people, of, _ in rows) or 1.0
    return tuple(
        Bar(
            name,
            _share(view, people / of if of else 0.0),
            words("suggestions.people", people=words.number(people), of=words.number(of)),
            (people / of if of else 0.0) / most,
            own,
        )
        for name, people, of, own in rows
    )


def _share(view: View, value: float) -> str:
    return number_text(value, "#0.0#%").to(view.locale)


def _change(view: View, value: float) -> str:
    return number_text(value, "+#0%;-#0%").to(view.locale)
