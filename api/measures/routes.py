"""Reports over HTTP."""

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.bounded_work.pool import BoundedWork
from api.http.access import Require
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.http.spreadsheet import BOM, harmless
from api.measures import schemas
from api.measures.asked import Asked, AskedOf
from api.measures.labels import labels_of
from orchestrator.core.measures.empty import IN_PERIOD, NOTHING
from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.registry import reports
from orchestrator.core.measures.report import Report
from orchestrator.store.measures.answer import Answer, Counter
from orchestrator.store.measures.columns.place import columns_folder
from orchestrator.store.measures.columns.query import PARQUET_TYPES, Question, count_on_columns, rows_as_parquet
from orchestrator.store.measures.presence import missing_sources
from orchestrator.store.measures.run import SECONDS, ReportTooSlow

_REFUSED: dict[int | str, dict[str, Any]] = {
    422: {"model": ProblemBody, "description": "A filter is wrong, or the report took too long."}
}
router = APIRouter(
    prefix="/api/measures",
    tags=["Measures"],
    dependencies=[Depends(Require("read"))],
    responses={**REFUSALS, **_REFUSED},
)
Name = Annotated[str, Path(max_length=63, description="A report's name.")]


def known_report(name: str) -> Report:
    """The report, or a problem."""
    if name not in reports():
        raise ApiProblem("unknown_report", "name", name=name)
    return reports()[name]


async def counted(request: Request, report: Report, filters: Filters, asked: Asked) -> Answer:
    """A report's rows. Raises ``report_too_slow``."""
    work: BoundedWork = request.app.state.report_work

    async def on_columns(question: Question) -> list[tuple[Any, ...]]:
        return await work.run(SECONDS, count_on_columns, question)

    resources = resources_of(request)
    folder = columns_folder(resources.settings)
    counter = Counter(resources.engine, resources.redis, folder, on_columns)
    try:
        return await counter.count(report, filters, asked.now, fresh=asked.fresh)
    except ReportTooSlow:
        raise ApiProblem("report_too_slow", seconds=round(SECONDS)) from None


@router.get("", summary="List reports", response_model=schemas.ReportList)
async def listed(request: Request) -> Response:
    """Every report that there is, with what it means and how it is counted."""
    locale = language(request)
    return json_response({"items": [schemas.summary_body(one, locale) for one in reports().values()]})


@router.get("/{name}.csv", summary="Download a report as CSV", response_class=Response)
async def as_csv(request: Request, name: Name, asked: AskedOf) -> Response:
    """The same rows for a spreadsheet, UTF-8, headed by the columns' names. Names nobody."""
    report = known_report(name)
    found = await counted(request, report, asked.filters, asked)
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([column.name for column in report.columns])
    for row in found.rows:
        table.writerow(["" if value is None else harmless(str(value)) for value in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(BOM + written.getvalue().encode(), 200, headers, "text/csv; charset=utf-8")


@router.get("/{name}.parquet", summary="Download a report as Parquet", response_class=Response)
async def as_parquet(request: Request, name: Name, asked: AskedOf) -> Response:
    """The same rows for programs, with types: money as decimals. Names nobody."""
    report = known_report(name)
    found = await counted(request, report, asked.filters, asked)
    columns = [(column.name, PARQUET_TYPES[column.unit]) for column in report.columns]
    work: BoundedWork = request.app.state.report_work
    body = await work.run(SECONDS, rows_as_parquet, columns, found.rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.parquet"'}
    return Response(body, 200, headers, "application/vnd.apache.parquet")


@router.get("/{name}", summary="Get a report", response_model=schemas.ReportBody)
async def one(request: Request, name: Name, asked: AskedOf) -> Response:
    """A report's figures for a period, narrowed by customers or a journey where that is asked."""
    report, locale = known_report(name), language(request)
    found = await counted(request, report, asked.filters, asked)
    previous = None
    if asked.compare:
        before = asked.filters.previous
        rows = (await counted(request, report, before, asked)).rows
        previous = {"filters": schemas.filters_body(before), "rows": rows}
    return json_response(
        {
            "report": report.name,
            **schemas.words_body(report, locale),
            "as_of": found.as_of,
            "engine": found.engine,
            "filters": schemas.filters_body(asked.filters),
            "columns": schemas.columns_body(report, locale),
            "charts": schemas.charts_body(report),
            "rows": found.rows,
            "labels": await labels_of(request, report, found.rows, locale),
            "previous": previous,
            "empty": None if found.rows else await _why_empty(request, report, locale),
            "sql": report.sql,
        }
    )


async def _why_empty(request: Request, report: Report, locale: str) -> dict[str, str]:
    for source in await missing_sources(resources_of(request).engine, report.needs):
        return {"code": f"no_{source}", "text": NOTHING[source].to(locale)}
    return {"code": "nothing_in_period", "text": IN_PERIOD.to(locale)}
