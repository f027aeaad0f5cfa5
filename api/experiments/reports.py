"""Reports of experiments for whoever asks: one is counted once, and serves all who ask for a while."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

from starlette.requests import Request

from api.http.lists import resources_of
from orchestrator.core.experiments.metrics import Metric
from orchestrator.core.traits.definition import Orders
from orchestrator.store.experiments.library import KnownExperiment
from orchestrator.store.experiments.report import Report, load_report
from orchestrator.store.traits.counting import as_settings
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

FRESH = 5.0
"""Seconds for which a report serves everybody who asks; four times as long as it took, where that is more."""
SHARE = 4
MOST = 50
"""Reports that are kept."""


@dataclass
class _Kept:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    report: Report | None = None
    good_until: float = 0.0


@dataclass(frozen=True)
class Asked:
    """What a workspace's figures are counted by."""

    orders: Orders
    now: datetime
    zone: str
    locale: str


async def asked_of(request: Request) -> Asked:
    """By the workspace as it is now."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    settings = as_settings(workspace.settings.get("traits")) if workspace else None
    time_zone = zone_of(workspace, resources.settings)
    locale = workspace.locale if workspace else "ko"
    return Asked(settings.orders if settings else Orders(), clock_of(workspace).now(), time_zone, locale)


async def report_of(request: Request, known: KnownExperiment, metric: Metric, asked: Asked) -> Report:
    """The report, not older than it takes to count it four times over."""
    state = request.app.state
    kept: dict[tuple[UUID, Metric], _Kept] = getattr(state, "experiment_reports", None) or {}
    state.experiment_reports = kept
    one = kept.setdefault((known.id, metric), _Kept())
    async with one.lock:
        if one.report is None or monotonic() >= one.good_until or one.report.known != known:
            began = monotonic()
            engine = resources_of(request).engine
            one.report = await load_report(engine, known, metric, asked.orders, asked.now, asked.zone)
            one.good_until = monotonic() + max(FRESH, SHARE * (monotonic() - began))
    while len(kept) > MOST:
        kept.pop(next(iter(kept)))
    return one.report
