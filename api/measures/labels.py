"""What values of a report's columns are called: stages, channels, journeys, templates, steps."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request

from api.http.lists import resources_of
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.measures.report import Report
from orchestrator.core.text import Text, in_locale
from orchestrator.store.journeys.vocabulary import load_called

_STAGES = {**STAGE_TITLES, "": Text("No stage"), "new": Text("New", context="customer")}
_OF_WORKSPACE = frozenset({"journey", "template"})


async def labels_of(
    request: Request, report: Report, rows: Sequence[Sequence[Any]], locale: str
) -> dict[str, dict[str, str]]:
    """By column, the words for those of its values that have some."""
    called = {}
    if any(column.names in _OF_WORKSPACE for column in report.columns if isinstance(column.names, str)):
        async with resources_of(request).engine.connect() as db:
            called = dict(await load_called(db))
    labels: dict[str, dict[str, str]] = {}
    for place, column in enumerate(report.columns):
        values = {row[place] for row in rows if isinstance(row[place], str)}
        if isinstance(column.names, str) and column.names in _OF_WORKSPACE:
            named = {value: called.get((column.names, value), {}) for value in values}
            labels[column.name] = {value: in_locale(words, locale) for value, words in named.items() if words}
        elif column.names:
            known = _words(column.names)
            labels[column.name] = {value: known[value].to(locale) for value in values if value in known}
    return labels


def _words(names: Any) -> dict[str, Text]:
    if names == "stage":
        return _STAGES
    if names == "channel":
        return {name: channel.title for name, channel in CHANNELS.items()}
    return {} if isinstance(names, str) else dict(names)
