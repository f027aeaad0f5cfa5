"""What a report on columns needs, gathered for the process that runs it: files, and what came after them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.report import Report
from orchestrator.core.measures.sources import CHANGING, SOURCES
from orchestrator.store.connection_pool import direct
from orchestrator.store.measures.columns.copying import copy_to_file
from orchestrator.store.measures.columns.manifest import (
    MERGED,
    UNDER_WAY,
    definition_of,
    load_files,
    load_reach,
)
from orchestrator.store.measures.columns.query import Parts, Question
from orchestrator.store.measures.sources import STATEMENTS, load_order_settings

_TAIL: Mapping[str, str] = {
    name: f"select {', '.join(f's.{column}' for column in SOURCES[name])} from ({one}) s where s.position > :reach"
    for name, one in STATEMENTS.items()
    if name != "population"
}


async def gather(
    engine: AsyncEngine, report: Report, filters: Filters, now: datetime, folder: Path, scratch: Path
) -> tuple[Question, datetime] | None:
    """What to run, and of when it is; None where the columns do not have it, and the database must be asked.

    Args:
        folder: Of the columns.
        scratch: A folder for what the database is asked for; the caller removes it when the report was run.
    """
    orders = await load_order_settings(engine)
    reach = await load_reach(engine, report.sources)
    if any(name not in reach or reach[name].definition != definition_of(name, orders) for name in report.sources):
        return None
    files = await load_files(engine, report.sources)
    if any(not (folder / one.path).is_file() for one in files):
        return None
    given: dict[str, Any] = {**filters.parameters(now), **orders.parameters}
    tails: dict[str, str | None] = {}
    first = min((one.as_of for one in reach.values()), default=now) - UNDER_WAY
    async with direct(engine).connection() as db:
        for name in report.sources:
            path = scratch / f"{name}.csv"
            found = await copy_to_file(db, _TAIL[name], {**given, "reach": reach[name].position}, path)
            tails[name] = str(path) if found else None
        if filters.narrows_customers:
            await copy_to_file(db, STATEMENTS["population"], given, scratch / "population.csv")
        merged = await copy_to_file(db, MERGED, {"since": first}, scratch / "merged.csv")
    parts = {
        name: Parts(tuple(str(folder / one.path) for one in files if one.source == name), tails[name])
        for name in report.sources
    }
    if filters.narrows_customers:
        parts["population"] = Parts((), str(scratch / "population.csv"))
    question = Question(
        report.sql,
        {name: _plain(value) for name, value in given.items()},
        parts,
        merged=str(scratch / "merged.csv") if merged else None,
        narrowed=filters.narrows_customers,
        scratch=str(scratch),
    )
    changing = [reach[name].as_of for name in report.sources if name in CHANGING]
    return question, min(changing, default=now)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
