"""Reports: what there are, and any of them with its filters, chart, table and text."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.console.journeys.canvas import bundle
from api.console.reports.asked import ATTRIBUTIONS, OWN, PERIODS, WINDOWS, load_choices, read
from api.console.reports.cells import NUMBERS, UNIT, table
from api.console.reports.results import load_result
from api.console.reports.tiles import tiles
from api.http.problems import ApiProblem
from api.pages.access import NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.locale import formatting
from orchestrator.core.measures.registry import GROUPS, reports
from orchestrator.core.measures.report import Report

router = APIRouter(route_class=ConsoleRoute)
LONGEST_SEARCH = 100


@router.get("/reports")
async def all_reports(view: Reader, q: str = "") -> Response:
    """Every report by its group; ``q``: a part of what it is called or means."""
    wanted = " ".join(q.split())[:LONGEST_SEARCH].casefold()
    groups = [
        (title.to(view.locale), [one for one in reports().values() if one.group == name and _fits(view, one, wanted)])
        for name, title in GROUPS.items()
    ]
    return view.render("reports.html", groups=[one for one in groups if one[1]], wanted=wanted)


def _fits(view: View, report: Report, wanted: str) -> bool:
    said = (report.title, report.meaning, GROUPS[report.group])
    return any(wanted in one.to(view.locale).casefold() for one in said)


@router.get("/reports/{name}")
async def one(view: Reader, name: str) -> Response:
    """One report, for the filters in its address."""
    report = reports().get(name)
    if report is None:
        raise NothingHere
    choices = await load_choices(view)
    asked = read(view, choices, report.filters)
    result, fault = None, ""
    if asked.filters:
        try:
            result = await load_result(view, report, asked.filters, compare=asked.compare, fresh="fresh" in asked.given)
        except ApiProblem as problem:
            fault = problem.rendered(view.locale)["message"]
    return view.render(
        "report.html",
        400 if asked.wrong else 200,
        report=report,
        asked=asked,
        choices=choices,
        result=result,
        fault=fault,
        table=table(view, result) if result else None,
        before=table(view, result, rows=result.previous) if result and result.previous else None,
        tiles=tiles(view, result) if result and result.rows and report.name == "measures" else (),
        captions=captions_of(view, report),
        **everywhere(view),
    )


def everywhere(view: View) -> dict[str, Any]:
    """What every page with charts needs beside its figures."""
    return {
        "charts_bundle": bundle("src/charts.ts"),
        "chart_words": {
            "zone": view.words.zone.key,
            "of": view.words("reports.of", part="{part}", whole="{whole}"),
            "days": view.words("reports.days", number="{count}"),
            "none": "–",
            "before": view.words("reports.before"),
        },
        "shown_day": lambda day: formatting.moment(day, view.locale, "day"),
        "numbers": NUMBERS,
        "periods": PERIODS,
        "own": OWN,
        "attributions": ATTRIBUTIONS,
        "windows": WINDOWS,
    }


def captions_of(view: View, report: Report) -> list[str]:
    """What each chart of a report shows. Rows of different units are not drawn beside one another: there are none."""
    drawn = report.charts if all(one.name != UNIT for one in report.columns) else ()
    return [caption(view, report, n) for n in range(len(drawn))]


def caption(view: View, report: Report, n: int) -> str:
    """What a chart of a report shows: its figures, and by what."""
    chart, titles = report.charts[n], {one.name: one.title.to(view.locale) for one in report.columns}
    what = ", ".join(titles[name] for name in chart.y)
    if chart.kind == "sankey":
        return view.words("reports.caption_flow", what=what, one=titles[chart.x], other=titles[chart.series])
    by = titles[chart.x]
    if chart.series:
        by = view.words("reports.and", one=by, other=titles[chart.series])
    return view.words("reports.caption", what=what, by=by)
