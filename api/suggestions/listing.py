"""All suggestions as they stand: what the figures say now, and what became of those that somebody took up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.steps.message import Message
from orchestrator.core.suggestions.change import CHANGE_OF, Change
from orchestrator.core.suggestions.finding import (
    METRICS,
    BeforeAfter,
    Finding,
    MessageFigures,
    Metric,
    compare_times,
    find_worse,
)
from orchestrator.store.journeys.performance import load_performance
from orchestrator.store.runs.live_plans import of_this_process
from orchestrator.store.suggestions.decisions import Decision, Key, load_decisions

LOOKS_BACK = timedelta(days=28)
"""Whole weeks: messages go out by the day of the week."""
RESTS = timedelta(days=90)
"""So long nobody is told again what they put aside."""

State = Literal["open", "drawn", "live", "dismissed"]


@dataclass(frozen=True)
class Suggestion:
    """One of them. ``finding``: None where the figures do not say so any more; ``before_after``: of one that is live.

    ``state``: ``open``; ``drawn`` into a draft that was not published since; ``live``; ``dismissed``.
    """

    key: Key
    metric: Metric
    change: Change
    state: State
    finding: Finding | None
    decision: Decision | None = None
    before_after: BeforeAfter | None = None


async def load_suggestions(engine: AsyncEngine, links: LinkSettings, now: datetime) -> list[Suggestion]:
    """Open ones first, those that miss most people before the others; then what was taken up or put aside."""
    async with engine.connect() as db:
        live, _ = await of_this_process.load(db)
    plans = {one.plan.key: one.plan for one in live}
    decisions, figures = await load_decisions(engine), list[MessageFigures]()
    for one in live:
        if not one.paused:
            figures += await _figures(engine, one.plan, links, now - LOOKS_BACK)
    findings = {_key(one.figures): one for one in find_worse(figures)}
    found = [*_taken_up(decisions, findings, await _since(engine, links, decisions, plans), now)]
    covered = {_what(one) for one in found}
    for key, finding in findings.items():
        metric = finding.figures.metric
        new = Suggestion(key, metric, CHANGE_OF[metric], "open", finding)
        if _what(new) not in covered:  # opened and clicked less call for the same change
            covered.add(_what(new))
            found.append(new)
    order: dict[State, int] = {"open": 0, "drawn": 1, "live": 2, "dismissed": 3}
    return sorted(found, key=lambda one: (order[one.state], -(one.finding.missed if one.finding else 0), one.key))


async def _figures(engine: AsyncEngine, plan: Plan, links: LinkSettings, since: datetime) -> list[MessageFigures]:
    """Of the messages that the live version still sends, as the journey's own performance counts them."""
    rows = await load_performance(
        engine,
        plan.key,
        channels=CHANNELS,
        opens=links.opened_channels(),
        clicks=links.clicked_channels(),
        experiments=(),
        since=since,
    )
    found = []
    for row in rows:
        step = plan.steps.get(row.step)
        if row.kind != "channel" or not isinstance(step, Message):
            continue
        for metric in METRICS:
            tally, kind = row.tallies[metric], step.settings.message_class
            if tally.of:  # nobody, where it cannot be known of that channel
                found.append(MessageFigures(plan.key, row.step, row.part, kind, metric, tally.people, tally.of))
    return found


def _taken_up(
    decisions: Mapping[Key, Decision],
    findings: Mapping[Key, Finding],
    since: Mapping[Key, BeforeAfter],
    now: datetime,
) -> Iterable[Suggestion]:
    for key, decision in decisions.items():
        state: State = "dismissed" if decision.decision == "dismissed" else "live" if decision.live_since else "drawn"
        if state == "dismissed" and decision.at < now - RESTS:
            continue
        metric = next(one for one in METRICS if one == key[3])
        yield Suggestion(key, metric, CHANGE_OF[metric], state, findings.get(key), decision, since.get(key))


async def _since(
    engine: AsyncEngine, links: LinkSettings, decisions: Mapping[Key, Decision], plans: Mapping[str, Plan]
) -> dict[Key, BeforeAfter]:
    """What became of messages since the change is live, beside what it was when it was drawn."""
    found = {}
    for key, decision in decisions.items():
        plan = plans.get(key[0])
        if decision.live_since is None or plan is None:
            continue
        for after in await _figures(engine, plan, links, decision.live_since):
            if _key(after) == key:
                people, of = decision.evidence["people"], decision.evidence["of"]
                found[key] = compare_times(replace(after, people=people, of=of), after)
    return found


def _key(figures: MessageFigures) -> Key:
    return figures.journey, figures.step, figures.channel, figures.metric


def _what(suggestion: Suggestion) -> tuple[str, str, str, Change]:
    return (*suggestion.key[:3], suggestion.change)
