"""What became of a journey's messages in a period, by step, channel and arm: each part with its whole."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.http.resources import Resources
from api.journeys.schemas.performance import Missing, PerformanceBody, Period
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.goal import Goal
from orchestrator.core.steps.message import Sending
from orchestrator.core.timing import resolve, zone
from orchestrator.store.journeys.live_counts import load_journey
from orchestrator.store.journeys.performance import EVER, Kind, Performance, Tally, load_performance, nothing
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Live"], dependencies=[Depends(Require("read"))], responses=REFUSALS)

DAYS: Mapping[Period, int] = {"7d": 7, "30d": 30}
FRESH = 5.0
"""Seconds for which an answer serves everybody who asks; longer where counting takes long."""
SHARE = 4
"""Of one connection's time, one part in so many and one goes into counting, however many watch."""


@dataclass(frozen=True)
class _Question:
    """What one count is of, and what cannot be counted at all."""

    key: str
    period: Period
    opens: frozenset[str]
    clicks: frozenset[str]
    sending: frozenset[str]
    arms: frozenset[tuple[str, str]]
    goals: bool


@dataclass
class _Counted:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    question: _Question | None = None
    rows: list[Performance] = field(default_factory=list)
    good_until: float = 0.0


@router.get("/journeys/{key}/performance", summary="Performance of messages", response_model=PerformanceBody)
async def performance(
    request: Request,
    key: Key,
    period: Annotated[Period, Query(description="Today and the days before it, or all time.")] = "7d",
) -> Response:
    """Sent, delivered, opened, clicked, converted and unsubscribed, of the messages that went out in the period.

    `converted`: the same run reached a goal after the message. It does not say that it did because of it: for that,
    compare the arms of an experiment. Counted at most every five seconds.
    """
    resources = resources_of(request)
    found = await load_journey(resources.engine, key)
    if found is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    plan = await resources.plans.get(found.plan_hash) if found.plan_hash else None
    time_zone, now = zone_of(workspace, resources.settings), clock_of(workspace).now()
    question = _question(key, period, plan, LinkSettings.of(workspace.settings if workspace else {}))
    since = since_when(period, now, time_zone)
    rows = await _count(request, resources, question, since or EVER)
    answer = {
        "at": now,
        "period": period,
        "since": since,
        "time_zone": time_zone,
        "goals": question.goals,
        **_by_step(rows, question),
    }
    return json_response(answer)


def since_when(period: Period, now: datetime, time_zone: str) -> datetime | None:
    """The midnight at which a period begins: seven days are today and the six before. None: there is no such."""
    tz = zone(time_zone)
    return (
        None if period == "all" else resolve((now.astimezone(tz) - timedelta(days=DAYS[period] - 1)).date(), time(), tz)
    )


def _question(key: str, period: Period, plan: Plan | None, links: LinkSettings) -> _Question:
    steps = plan.journey.steps if plan else ()
    opens, clicks = links.opened_channels(), links.clicked_channels()
    sending = frozenset(step.id for step in steps if isinstance(step, Sending))
    arms = frozenset((step.id, port.name) for step in steps if isinstance(step, Experiment) for port in step.ports())
    goals = bool(plan and plan.journey.goals) or any(isinstance(step, Goal) for step in steps)
    return _Question(key, period, opens, clicks, sending, arms, goals)


async def _count(request: Request, resources: Resources, question: _Question, since: datetime) -> list[Performance]:
    """Everybody who asks at once waits for one count, and gets the last one while it is fresh."""
    state = request.app.state
    if not hasattr(state, "performance"):
        state.performance = {}
    known: dict[tuple[str, str], _Counted] = state.performance
    kept = known.setdefault((question.key, question.period), _Counted())
    async with kept.lock:
        if kept.question != question or monotonic() >= kept.good_until:
            begun = monotonic()
            kept.rows = await load_performance(
                resources.engine,
                question.key,
                channels=CHANNELS,
                opens=question.opens,
                clicks=question.clicks,
                experiments={step for step, _ in question.arms},
                since=since,
            )
            kept.question = question
            kept.good_until = monotonic() + max(FRESH, SHARE * (monotonic() - begun))
        return kept.rows


def _by_step(rows: list[Performance], question: _Question) -> dict[str, object]:
    """Also the steps and arms of the live version that nobody came to."""
    known = {(row.kind, row.step, row.part): row for row in rows}
    keys: set[tuple[Kind, str, str]] = {("step", step, "") for step in question.sending}
    keys |= {("arm", step, port) for step, port in question.arms}
    steps: dict[str, dict[str, object]] = {}
    channels: dict[str, dict[str, object]] = {}
    arms: dict[str, dict[str, object]] = {}
    for kind, step, part in sorted(keys | known.keys()):
        row = known.get((kind, step, part)) or nothing(kind, step, part)
        used = frozenset(one.part for one in rows if (one.kind, one.step) == ("channel", step))
        if kind == "channel":
            channels.setdefault(step, {})[part] = _figures(row, question, frozenset({part}))
        elif kind == "arm":
            entered = {"people": row.entered.people, "times": row.entered.times}
            arms.setdefault(step, {})[part] = {"entered": entered, **_figures(row, question, frozenset(CHANNELS))}
        else:
            steps[step] = {"total": _figures(row, question, used), "channels": channels.get(step, {})}
    return {"steps": steps, "arms": arms}


def _figures(row: Performance, question: _Question, channels: frozenset[str]) -> dict[str, object]:
    """``channels``: those by which the messages may have gone out."""
    sent = row.tallies["sent"]
    parts = {name: _rate(row, name, tally, question, channels) for name, tally in row.tallies.items() if name != "sent"}
    return {"sent": {"people": sent.people, "times": sent.times}, **parts}


def _rate(
    row: Performance, name: str, tally: Tally, question: _Question, channels: frozenset[str]
) -> dict[str, object]:
    of_what = {"delivered": "sent", "converted": "entered" if row.kind == "arm" else "sent"}.get(name, "reached")
    missing = None if tally.of else _missing(row, name, question, channels)
    if name == "converted" and not question.goals and not tally.people:
        missing = "no_goal"
    return {"people": tally.people, "times": tally.times, "of": tally.of or 0, "of_what": of_what, "missing": missing}


def _missing(row: Performance, name: str, question: _Question, channels: frozenset[str]) -> Missing:
    """Why there is no whole."""
    if not row.tallies["sent"].people:
        return "nothing_sent"
    if name == "delivered":
        return "not_reported"
    if name in ("opened", "clicked"):
        possible = {
            channel for channel in channels if getattr(CHANNELS[channel], "opens" if name == "opened" else "clicks")
        }
        if not possible:
            return "not_on_channel"
        if not possible & (question.opens if name == "opened" else question.clicks):
            return "switched_off"
    return "nobody_reached"
