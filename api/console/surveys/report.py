"""What the answers to a survey say: the score, over time, by where it was asked, and in customers' own words."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api.http.spreadsheet import BOM, harmless
from api.pages.access import NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.surveys.questionnaire import (
    KIND_TITLES,
    Bar,
    Score,
    SurveyDocument,
    distribution,
    groups_of,
    score,
)
from orchestrator.store.surveys.documents import SurveyRow, load_survey
from orchestrator.store.surveys.reports import (
    AnswerRow,
    By,
    Report,
    Slice,
    Unit,
    every_answer,
    list_comments,
    survey_report,
)

router = APIRouter(route_class=ConsoleRoute)
PERIODS: dict[str, tuple[timedelta | None, Unit]] = {
    "30": (timedelta(days=30), "day"),
    "90": (timedelta(days=90), "week"),
    "365": (timedelta(days=365), "month"),
    "all": (None, "month"),
}
"""By the name of the filter: how far back, and what one point of the trend spans."""
_WIDTH, _HEIGHT, _LEFT, _FOOT = 1000, 180, 36, 22


@dataclass(frozen=True)
class Point:
    """One span of the trend. ``day``: its first, in words; ``y``: of its score (of a kind without one, of its answers);
    ``bar``: height of those."""

    day: str
    x: float
    y: float
    bar: float
    answers: int
    value: float | None


@dataclass(frozen=True)
class Trend:
    """A line over bars, in pixels. ``ticks``: labels of the scale with their height."""

    points: tuple[Point, ...]
    line: str
    ticks: tuple[tuple[float, str], ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    foot: int = _HEIGHT - _FOOT


@dataclass(frozen=True)
class PartRow:
    """One value that answers are told apart by."""

    name: str
    answers: int
    score: Score | None
    groups: Mapping[str, int]


@router.get("/surveys/{key}")
async def report(
    view: Reader,
    key: str,
    period: str = "90",
    journey: str = "",
    channel: str = "",
    locale: str = "",
    group: str = "",
    before: str = "",
) -> Response:
    """The report; ``group`` narrows the comments."""
    survey = await _known(view, key)
    period = period if period in PERIODS else "90"
    part = _slice(view, key, period, journey, channel, locale)
    found = await survey_report(view.engine, part, PERIODS[period][1], view.words.zone.key)
    comments = await list_comments(view.engine, part, group=group or None, before=before or None)
    names = await view.journey_names()
    steps = [(value.partition("/")[0], value.partition("/")[2]) for value in found.parts.get("step", ())]
    names |= {f"{journey}/{step}": told for (journey, step), told in (await view.places(steps)).items()}
    document = survey.document
    return view.render(
        "survey_report.html",
        survey=survey,
        titles=KIND_TITLES,
        report=found,
        score=score(document, found.by_group),
        groups=groups_of(document),
        bars=distribution(document, found.by_answer) if document.kind != "text" else (),
        most=max([bar.times for bar in _bars(document, found)] or [0]),
        trend=drawn(document, found.trend, partial(_day, view)) if found.trend else None,
        parts={by: _parts(view, document, by, found, names) for by in found.parts},
        names=names,
        comments=comments,
        periods=list(PERIODS),
        period=period,
        narrowed=bool(journey or channel or locale),
    )


@router.get("/surveys/{key}/answers.csv")
async def answers(
    view: Reader, key: str, period: str = "all", journey: str = "", channel: str = "", locale: str = ""
) -> Response:
    """Every answer of the slice as a file, streamed."""
    await _known(view, key)
    part = _slice(view, key, period if period in PERIODS else "all", journey, channel, locale)
    headers = {"content-disposition": f'attachment; filename="{key}.csv"', "cache-control": "no-store"}
    return StreamingResponse(_lines(view, part), media_type="text/csv; charset=utf-8", headers=headers)


def drawn(
    document: SurveyDocument, trend: Mapping[date, Mapping[str, int]], called: Callable[[date], str] = str
) -> Trend:
    """The trend as a picture: NPS on its whole scale, CSAT from 0 to 100, all others by the number of answers."""
    days = sorted(trend)
    totals = [sum(trend[day].values()) for day in days]
    values = [found.value if (found := score(document, trend[day])) else None for day in days]
    low, high = (-100.0, 100.0) if document.kind == "nps" else (0.0, 100.0)
    if document.kind not in ("nps", "csat"):
        low, high, values = 0.0, float(max(totals)), [float(total) for total in totals]
    room, step = _HEIGHT - _FOOT - 10, (_WIDTH - _LEFT) / len(days)

    def height(value: float) -> float:
        return round(10 + room * (high - value) / (high - low), 1)

    points = tuple(
        Point(
            called(day),
            round(_LEFT + step * (n + 0.5), 1),
            height(value if value is not None else low),
            round(room * 0.5 * totals[n] / max(totals), 1),
            totals[n],
            value,
        )
        for n, (day, value) in enumerate(zip(days, values, strict=True))
    )
    line = " ".join(f"{point.x},{point.y}" for point in points if point.value is not None)
    ticks = tuple((height(at), f"{at:,.0f}") for at in (high, (high + low) / 2, low))
    return Trend(points, line, ticks)


def _day(view: View, day: date) -> str:
    return view.words.local(datetime.combine(day, time(), view.words.zone), "day")


def _bars(document: SurveyDocument, found: Report) -> Sequence[Bar]:
    return distribution(document, found.by_answer)


def _parts(view: View, document: SurveyDocument, by: By, found: Report, names: Mapping[str, str]) -> list[PartRow]:
    """Ordered by how often they were answered."""
    rows = []
    for value, groups in found.parts[by].items():
        rows.append(PartRow(_called(view, by, value, names), sum(groups.values()), score(document, groups), groups))
    return sorted(rows, key=lambda row: -row.answers)


def _called(view: View, by: By, value: str, names: Mapping[str, str]) -> str:
    match by:
        case "journey":
            return names.get(value, value)
        case "step":
            return names.get(value, value)
        case "channel":
            return view.words.channel(value) if value else "–"
        case "locale":
            return view.words.language(value) if value else "–"


def _slice(view: View, key: str, period: str, journey: str, channel: str, locale: str) -> Slice:
    length = PERIODS[period][0]
    since = None if length is None else view.now - length
    return Slice(key, since, journey or None, None, channel or None, locale or None)


async def _known(view: View, key: str) -> SurveyRow:
    async with view.engine.connect() as db:
        found = await load_survey(db, key)
    if found is None:
        raise NothingHere
    return found


async def _lines(view: View, part: Slice) -> AsyncIterator[bytes]:
    """A mark of UTF-8 first, by which spreadsheets read Korean."""
    yield BOM + _line([view.words.of("survey_column", name) for name in _COLUMNS])
    async for row in every_answer(view.engine, part):
        yield _line([harmless(text) for text in _cells(row)])


_COLUMNS = ("answered_at", "asked_at", "customer", "external_id", "journey", "step", "channel", "locale", "score",
            "group", "choices", "comment")  # fmt: skip


def _cells(row: AnswerRow) -> list[str]:
    return [
        row.answered_at.isoformat(),
        row.asked_at.isoformat() if row.asked_at else "",
        str(row.customer_id),
        row.external_id or "",
        row.journey_key,
        row.step,
        row.channel or "",
        row.locale or "",
        "" if row.score is None else str(row.score),
        row.group,
        " ".join(row.choices),
        row.comment,
    ]


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
