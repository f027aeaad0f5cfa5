"""What the API says of reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.registry import GROUPS
from orchestrator.core.measures.report import Report


class ReportColumn(BaseModel):
    """One column."""

    name: str
    title: str
    unit: str = Field(
        description="`count`, `share` (0 to 1), `money` (text of a decimal), `days`, `number`, `text`, `day` and "
        "`month` (ISO dates), `instant`."
    )
    of: str = Field(description="Of a share: the column that holds its denominator; or empty.")
    numerator: str = Field(description="Of a share: the column that holds its numerator; or empty.")
    currency: str = Field(description="Of money: the column that holds its currency; or empty.")


class ReportChart(BaseModel):
    """How a report is drawn, by names of columns."""

    kind: Literal["line", "bar", "stacked", "funnel", "sankey", "heatmap", "grid", "scatter"]
    x: str
    y: list[str]
    series: str = Field(description="Of a sankey: where it flows to, `x` being where from.")


class ReportSummary(BaseModel):
    """A report that there is. Words are in the caller's language."""

    name: str
    group: str
    group_title: str
    title: str
    meaning: str
    formula: str
    filters: list[str] = Field(description="What it can be narrowed by.")
    charts: list[ReportChart]


class ReportList(BaseModel):
    """Every report, by group."""

    items: list[ReportSummary]


class ReportFilters(BaseModel):
    """What was asked for, with what was taken where nothing was."""

    since: str = Field(description="First day.")
    until: str = Field(description="The day after the last.")
    zone: str
    segment: str | None
    stage: str | None
    attribute: str | None
    attribute_value: str | None
    currency: str | None
    journey: str | None
    version: int | None
    channel: str | None
    attribution: Literal["last", "first", "linear"]
    window_days: int


class EmptyBody(BaseModel):
    """Why there is nothing."""

    code: str = Field(description="`no_` and a source that has no row, or `nothing_in_period`.")
    text: str = Field(description="What is missing, and where to go.")


class PreviousBody(BaseModel):
    """The same of the period before."""

    filters: ReportFilters
    rows: list[list[JsonValue]]


class ReportBody(BaseModel):
    """A report's figures."""

    report: str
    group: str
    title: str
    meaning: str
    formula: str
    as_of: datetime = Field(description="Of when the figures are, journey time.")
    engine: Literal["columns", "database"] = Field(description="What counted them.")
    filters: ReportFilters
    columns: list[ReportColumn]
    charts: list[ReportChart]
    rows: list[list[JsonValue]] = Field(description="Values in the order of `columns`.")
    labels: dict[str, dict[str, str]] = Field(
        description="By column, what its values are called; a value that has no name is not there."
    )
    previous: PreviousBody | None
    empty: EmptyBody | None
    sql: str = Field(description="The text that was run, over the sources that docs/measures.md lists.")


def filters_body(filters: Filters) -> dict[str, Any]:
    """Filters as JSON."""
    return {**vars(filters), "since": filters.since.isoformat(), "until": filters.until.isoformat()}


def charts_body(report: Report) -> list[dict[str, Any]]:
    """Charts as JSON."""
    return [{"kind": one.kind, "x": one.x, "y": list(one.y), "series": one.series} for one in report.charts]


def columns_body(report: Report, locale: str) -> list[dict[str, str]]:
    """Columns as JSON."""
    return [
        {
            "name": one.name,
            "title": one.title.to(locale),
            "unit": one.unit,
            "of": one.of,
            "numerator": one.numerator,
            "currency": one.currency,
        }
        for one in report.columns
    ]


def words_body(report: Report, locale: str) -> dict[str, str]:
    """What people read of a report."""
    return {
        "group": report.group,
        "title": report.title.to(locale),
        "meaning": report.meaning.to(locale),
        "formula": report.formula.to(locale),
    }


def summary_body(report: Report, locale: str) -> Mapping[str, Any]:
    """A report that there is, as JSON."""
    return {
        "name": report.name,
        "group_title": GROUPS[report.group].to(locale),
        **words_body(report, locale),
        "filters": sorted(report.filters),
        "charts": charts_body(report),
    }
