"""A report's figures for one reader: rows, what their values are called, and why there are none."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.console.reports.labels import Labels, labels_of, stage_columns
from api.measures.asked import Asked
from api.measures.routes import counted
from api.measures.schemas import charts_body, columns_body
from api.pages.view import View
from orchestrator.core.measures.empty import IN_PERIOD, NOTHING
from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.report import Report
from orchestrator.store.measures.presence import missing_sources

_WAYS: Mapping[str, tuple[str, str]] = {
    "customers": ("/imports", "imports"),
    "orders": ("/connect", "connect"),
    "stage_changes": ("/journeys", "journeys"),
    "runs": ("/journeys", "journeys"),
    "passages": ("/journeys", "journeys"),
    "goals": ("/journeys", "journeys"),
    "sends": ("/journeys", "journeys"),
    "consent_changes": ("/consents", "consents"),
    "entries": ("/journeys", "journeys"),
}
"""Where one goes for what is missing: an address, and the word of its page in the bar."""


@dataclass(frozen=True)
class Nothing:
    """Why a report is empty. ``href``: where that can be helped, and ``page`` its word in the bar; empty: nowhere."""

    code: str
    text: str
    href: str = ""
    page: str = ""


@dataclass(frozen=True)
class Result:
    """A report's figures. ``rows``, ``previous``: as the API tells them, in the order of the report's columns."""

    report: Report
    filters: Filters
    rows: Sequence[Sequence[Any]]
    previous: Sequence[Sequence[Any]] | None
    labels: Labels
    as_of: datetime
    engine: str
    nothing: Nothing | None

    def at(self, name: str) -> int:
        """The place of a column."""
        return next(n for n, one in enumerate(self.report.columns) if one.name == name)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return any(one.name == name for one in self.report.columns)

    def column(self, name: str) -> list[Any]:
        """All values of a column."""
        at = self.at(name)
        return [row[at] for row in self.rows]

    def told(self, locale: str) -> str:
        """What the page's script draws, as JSON that may stand in a script element."""
        body = {
            "columns": columns_body(self.report, locale),
            "charts": charts_body(self.report),
            "rows": self.rows,
            "previous": self.previous,
            "labels": self.labels,
            "stages": stage_columns(self.report),
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


async def load_result(
    view: View, report: Report, filters: Filters, *, compare: bool = False, fresh: bool = False
) -> Result:
    """Takes what was counted lately, or counts (``fresh``: in any case). Raises ``ApiProblem``: it took too long."""
    question = Asked(filters, compare, view.now, fresh)
    found = await counted(view.request, report, filters, question)
    rows, previous = found.rows, None
    if compare:
        previous = (await counted(view.request, report, filters.previous, question)).rows
    labels = await labels_of(view, report, [*rows, *(previous or ())], filters.journey)
    nothing = None if rows else await _why(view, report)
    return Result(report, filters, rows, previous, labels, found.as_of, found.engine, nothing)


async def _why(view: View, report: Report) -> Nothing:
    for source in await missing_sources(view.engine, report.needs):
        href, page = _WAYS.get(source, ("", ""))
        if href == "/connect" and not view.can("administer"):
            href, page = "/events", "events"
        return Nothing(f"no_{source}", NOTHING[source].to(view.locale), href, page)
    return Nothing("nothing_in_period", IN_PERIOD.to(view.locale))
