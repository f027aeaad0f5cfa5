"""What a report is: one text of SQL that PostgreSQL and DuckDB both run, and what its columns mean to people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.measures.sources import SOURCES
from orchestrator.core.text import Text

Unit = Literal["count", "share", "money", "days", "text", "day", "month", "instant", "number"]
"""Of a column. ``share``: 0 to 1; ``money``: a decimal in the row's currency; ``days``: a number of days."""
Kind = Literal["line", "bar", "stacked", "funnel", "sankey", "heatmap", "grid", "scatter"]

PARAMETERS: Mapping[str, str] = {
    "since": "timestamptz",
    "until": "timestamptz",
    "now": "timestamptz",
    "zone": "text",
    "currency": "text",
    "segment": "text",
    "stage": "text",
    "attribute": "text",
    "attribute_value": "text",
    "journey": "text",
    "version": "integer",
    "channel": "text",
    "attribution": "text",
    "window_days": "integer",
    "own_currency": "text",
}
"""What a text may ask for by ``:name``, with its type in SQL. All are always bound, null where nobody asked: but
``since``, ``until`` (half-open), ``now``, ``zone``, ``attribution``, ``window_days`` and ``own_currency`` (of orders
that name none), which never are."""
FILTERS = frozenset({"period", "segment", "stage", "currency"})
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_NAMED = re.compile(r"\b(?:from|join)\s+([a-z_]+)\b")


@dataclass(frozen=True)
class Column:
    """One column of a report.

    Attributes:
        of: Of a share, the column that holds its denominator.
        numerator: Of a share, the column that holds its numerator.
        currency: Of money, the column that holds its currency.
        names: What its values are the keys of, where they have words: ``stage``, ``channel``, ``journey``,
            ``template``, ``step``, or words of this column alone, by value.
    """

    name: str
    title: Text
    unit: Unit
    of: str = ""
    currency: str = ""
    numerator: str = ""
    names: str | Mapping[str, Text] = ""


@dataclass(frozen=True)
class Chart:
    """How a report is drawn, by names of columns. A sankey flows from ``x`` to ``series``."""

    kind: Kind
    x: str
    y: tuple[str, ...]
    series: str = ""


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes:
        name: In addresses: letters and underscores.
        group: The shelf that it stands on.
        meaning: What it tells, for people.
        formula: How it is counted, for people.
        sql: Begins with ``with``; names sources (:data:`orchestrator.core.measures.sources.SOURCES`) and parameters.
        needs: Sources without a row of which there is nothing to see.
        filters: What it can be narrowed by, beside what every report can.
    """

    name: str
    group: str
    title: Text
    meaning: Text
    formula: Text
    sql: str
    columns: tuple[Column, ...]
    charts: tuple[Chart, ...]
    needs: tuple[str, ...] = ()
    filters: frozenset[str] = FILTERS

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that its text names, in the order in which they stand in :data:`SOURCES`."""
        named = set(_NAMED.findall(self.sql))
        return tuple(name for name in SOURCES if name in named)

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that its text names."""
        return frozenset(PARAMETER.findall(self.sql))
