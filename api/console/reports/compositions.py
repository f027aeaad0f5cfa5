"""Pages that are made of several reports: the figures of the overview, and what a journey came to."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.responses import Response

from api.console.reports.asked import load_choices, read
from api.console.reports.cells import Table, table
from api.console.reports.pages import captions_of, everywhere
from api.console.reports.results import Result, load_result
from api.console.reports.tiles import tiles
from api.http.problems import ApiProblem
from api.pages.access import NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.locale import formatting
from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.registry import reports
from orchestrator.store.journeys.live_counts import load_journey

router = APIRouter(route_class=ConsoleRoute)
OVERVIEW = ("measures", "stages", "stage_flow", "holdout_revenue", "sends_by_day", "sending_health")
JOURNEY = (
    "journey_goals",
    "journey_funnel",
    "journey_flow",
    "journey_steps",
    "journey_paths",
    "journey_messages",
    "time_to_convert",
)
GLANCE = "30d"
"""The period of the overview where none is asked for."""
_JOURNEY_FILTERS = ("period", "version", "segment", "stage", "channel", "currency", "attribution", "window_days")


@dataclass(frozen=True)
class Part:
    """A report within a page. ``fault``: why it could not be counted."""

    name: str
    result: Result | None = None
    table: Table | None = None
    captions: tuple[str, ...] = ()
    fault: str = ""

    @property
    def shown(self) -> bool:
        """Whether it has any figures."""
        return self.result is not None and bool(self.result.rows)


@router.get("/figures")
async def figures(view: Reader, home: str = "") -> Response:
    """The figures of the business at a glance. The first page fetches them once it stands (``home``)."""
    asked = read(view, await load_choices(view), ("period",), usual=GLANCE)
    parts = await _parts(view, OVERVIEW, asked.filters, compare=("measures",)) if asked.filters else {}
    measures = parts["measures"].result if parts else None
    return view.render(
        "figures.html",
        400 if asked.wrong else 200,
        asked=asked,
        parts=parts,
        home=bool(home),
        tiles=tiles(view, measures) if measures else (),
        health=_health(view, parts),
        **everywhere(view),
    )


@router.get("/journeys/{key}/report")
async def journey_report(view: Reader, key: str) -> Response:
    """What came of a journey: from entries by steps to goals, and by message, with whatever the address asks for."""
    journey = await load_journey(view.engine, key)
    if journey is None:
        raise NothingHere
    choices = await load_choices(view)
    asked = read(view, choices, _JOURNEY_FILTERS)
    filters = replace(asked.filters, journey=key) if asked.filters else None
    asked = replace(asked, filters=filters)
    return view.render(
        "journey_report.html",
        400 if asked.wrong else 200,
        journey=journey,
        asked=asked,
        choices=choices,
        takes=_JOURNEY_FILTERS,
        parts=await _parts(view, JOURNEY, filters, compare=("journey_goals",) if asked.compare else ())
        if filters
        else {},
        **everywhere(view),
    )


async def _parts(view: View, names: Sequence[str], filters: Filters, compare: Sequence[str] = ()) -> Mapping[str, Part]:
    """Each report of these, counted beside one another."""
    found = await asyncio.gather(*(_part(view, name, filters, name in compare) for name in names))
    return {one.name: one for one in found}


async def _part(view: View, name: str, filters: Filters, compare: bool) -> Part:
    report = reports()[name]
    try:
        result = await load_result(view, report, filters, compare=compare)
    except ApiProblem as problem:
        return Part(name, fault=problem.rendered(view.locale)["message"])
    captions = tuple(captions_of(view, report))
    return Part(name, result, table(view, result, ("journey",) if filters.journey else ()), captions)


@dataclass(frozen=True)
class Health:
    """A figure of the sends of a period: ``share`` and ``whole`` in words; the word is ``health.{name}``."""

    name: str
    count: str
    share: str = ""
    whole: str = ""


_OUTCOMES = ("delivered", "opened", "clicked", "unsubscribed", "bounced", "complained")


def _health(view: View, parts: Mapping[str, Part]) -> list[Health]:
    """Of all messages that went out in the period, on all channels."""
    result = parts["sends_by_day"].result if parts else None
    if result is None or not result.rows:
        return []
    sent = sum(result.column("sent"))
    found = [Health("sent", view.words.number(sent))]
    for name in _OUTCOMES:
        part = sum(result.column(name))
        whole = view.words("reports.of", part=view.words.number(part), whole=view.words.number(sent))
        found.append(Health(name, view.words.number(part), _share(view, part, sent), whole))
    return found


def _share(view: View, part: int, whole: int) -> str:
    return formatting.share(part / whole, view.locale) if whole else "–"
