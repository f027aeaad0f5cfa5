"""What the values of a report are called: codes in words, days and months as the reader's language writes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from api.pages.view import View
from orchestrator.core.journey.plan import Plan
from orchestrator.core.locale import formatting
from orchestrator.core.measures.report import Column, Report
from orchestrator.core.run.routing import REASONS as ENTRY_REASONS
from orchestrator.core.sending.reasons import IN_FEW_WORDS
from orchestrator.core.sending.reasons import REASONS as SENDING_REASONS
from orchestrator.core.text import Names, Text
from orchestrator.store.journeys.live_counts import live_plans

Labels = Mapping[str, Mapping[str, str]]
Rows = Sequence[Sequence[Any]]
NEW = "new"
"""In place of a stage: customers who came within the period."""
ENDED = "end:"
"""In front of a reason, where a step would stand: customers left the journey there."""
_REASONS: Mapping[str, Text] = {**ENTRY_REASONS, **{str(code): text for code, text in SENDING_REASONS.items()}}


def stage_columns(report: Report) -> list[str]:
    """Columns that hold a stage."""
    return [one.name for one in report.columns if one.names == "stage"]


async def labels_of(view: View, report: Report, rows: Rows, journey: str | None) -> Labels:
    """By column and value, where a value is not shown as it is. ``rows``: as the API tells them; ``journey``: the one
    that is asked about."""
    known = _Known(view)
    await known.load(report, journey)
    found: dict[str, Mapping[str, str]] = {}
    for at, column in enumerate(report.columns):
        values = {row[at] for row in rows}
        if column.unit in ("day", "month"):
            found[column.name] = _calendar(view, column, values)
        elif column.unit == "text":
            words = known.words(column, values)
            if words:
                found[column.name] = words
    return found


def _calendar(view: View, column: Column, values: Iterable[str | None]) -> dict[str, str]:
    """Every day between the first and the last as well: a chart leaves none out."""
    days = sorted(date.fromisoformat(value[:10]) for value in values if value)
    if column.unit == "day" and days:
        days = list(_through(days[0], days[-1]))
    return {day.isoformat(): formatting.moment(day, view.locale, column.unit) for day in days}


def _through(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


class _Known:
    """What things are called, asked of the store once for a report, and only where it names some."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._journeys: Mapping[str, str] = {}
        self._names: Names = {}
        self._plans: list[Plan] = []

    async def load(self, report: Report, journey: str | None) -> None:
        """Names of journeys and templates, and the plans whose steps are shown."""
        kinds = {one.names for one in report.columns if isinstance(one.names, str)}
        if "journey" in kinds:
            self._journeys = await self._view.journey_names()
        if kinds & {"template", "step"} or any(one.name in ("path", "goal") for one in report.columns):
            self._names = await self._view.names()
            keys = {journey} if journey else set(await self._view.journey_names())
            live = await live_plans(self._view.engine, keys)
            self._plans = list((await self._view.plans(list(live.values()))).values())

    def words(self, column: Column, values: Iterable[Any]) -> dict[str, str]:
        """The words of a column's values; empty where they are shown as they are."""
        view, named = self._view, column.names
        if not isinstance(named, str):
            return {value or "": named[value or ""].to(view.locale) for value in values if (value or "") in named}
        given = {str(value) for value in values if value}
        match named or column.name:
            case "stage":
                return {str(value or ""): self._stage(value) for value in values}
            case "channel":
                return {value: view.words.channel(value) for value in given}
            case "journey":
                return {value: self._journeys.get(value, value) for value in given}
            case "template":
                called = {value: self._names.get(("template", value)) for value in given}
                return {value: view.name(dict(words), value) if words else value for value, words in called.items()}
            case "step":
                return {value: self._step(value) for value in given}
            case "goal":
                return {value: self._goal(value) for value in given}
            case "path":
                return {value: self._path(value) for value in given}
            case "reason":
                return {value: self._reason(value) for value in given}
            case "status":
                return {value: view.words.of("send", value) for value in given}
        return {}

    def _stage(self, stage: str | None) -> str:
        view = self._view
        return view.words("reports.new") if stage == NEW else view.stage(stage)

    def _step(self, step: str) -> str:
        if step.startswith(ENDED):
            reason = step.removeprefix(ENDED)
            view = self._view
            said = [view.ended(plan, reason) for plan in self._plans] or [view.ended(None, reason)]
            return view.words("reports.ended", why=next((one for one in said if one != reason), said[0]))
        plan = next((one for one in self._plans if step in one.steps), None)
        if plan is None:
            return f"{self._view.words('step.gone')} ({step})"
        return plan.label(step, self._view.locale, self._names).replace("*", "")

    def _goal(self, goal: str) -> str:
        counted = (plan for plan in self._plans if _counts(plan, goal))
        return self._view.goal(next(counted, None), goal)

    def _path(self, path: str) -> str:
        ports = (port for plan in self._plans for step in plan.journey.steps for port in step.ports())
        found = next((port for port in ports if port.name == path), None)
        return found.label.to(self._view.locale).replace("*", "") if found else path

    def _reason(self, code: str) -> str:
        phrase = IN_FEW_WORDS.get(code) or _REASONS.get(code)
        return phrase.to(self._view.locale).replace("*", "") if phrase and not phrase.placeholders else code


def _counts(plan: Plan, goal: str) -> bool:
    rules = any(rule.id == goal for rule in plan.journey.goals)
    return rules or any(step.counts(goal) for step in plan.journey.steps)
