"""Every hour, each experiment that runs by a rule is looked at: it goes on, or is ended; or its weights are moved."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from orchestrator.core.experiments.allocation import next_weights
from orchestrator.core.experiments.rules import Decision, judge
from orchestrator.core.experiments.winners import winner_rule
from orchestrator.core.traits.definition import Orders
from orchestrator.store.connection_pool import direct
from orchestrator.store.experiments.decide import allocate, decide
from orchestrator.store.experiments.library import KnownExperiment, list_experiments
from orchestrator.store.experiments.report import Report, load_report
from orchestrator.store.traits.counting import load_computing
from orchestrator.store.workspace import read_clock

log = structlog.get_logger()

A_DAY = timedelta(days=1)
"""Weights are moved no more often: what customers do takes a while."""


@dataclass(frozen=True)
class ExperimentActivities:
    """One for a worker. ``time_zone``: the workspace's, where the last day of an experiment ends."""

    engine: AsyncEngine
    time_zone: str

    @activity.defn(name="judge_experiments")
    async def judge(self) -> dict[str, int]:
        """One look, as an activity: how many were decided, moved, or go on."""
        async with self.engine.connect() as db:
            now = (await read_clock(db)).now()
        return await self.once(now, activity.heartbeat)

    async def once(self, now: datetime, alive: Callable[[], None] = lambda: None) -> dict[str, int]:
        """Look at every one that runs, as of an instant of journey time. What fails of one harms no other."""
        async with direct(self.engine).connection() as db:
            computing = await load_computing(db)
        orders, told = computing.settings.orders if computing else Orders(), Counter[str]()
        for known in await list_experiments(self.engine):
            wanted = known.step.settings.winner != "by_hand"
            if not (wanted and known.running and known.decided_at is None and known.began and known.metric):
                continue
            try:
                told[await self._look(known, orders, now)] += 1
            except Exception:  # the next hour looks again
                log.exception("experiment not judged", experiment=str(known.id), journey=known.journey)
                told["failed"] += 1
            alive()
        if told:
            log.info("experiments judged", **told)
        return dict(told)

    async def _look(self, known: KnownExperiment, orders: Orders, now: datetime) -> str:
        metric = known.metric
        if metric is None or known.began is None:
            return "wait"
        report = await load_report(self.engine, known, metric, orders, now, self.time_zone)
        if not report.figures:
            return "wait"
        rule = winner_rule(known.step.settings, metric, self.time_zone)
        if rule is None:
            return await self._weigh(known, report, now)
        judgement = judge(rule, report.figures[0].analysis, (), known.began, now)
        if judgement.decision is Decision.WAIT:
            return "wait"
        done = await decide(self.engine, known, rule, judgement, report, now)
        return "wait" if done is None else "decided"

    async def _weigh(self, known: KnownExperiment, report: Report, now: datetime) -> str:
        """By the chance of each arm to be the best, of those that the step has now."""
        if known.allocated_at is not None and datetime.now(known.allocated_at.tzinfo) < known.allocated_at + A_DAY:
            return "wait"
        weights = next_weights(report.figures[0].analysis)
        own = {arm.port for arm in known.step.settings.variants}
        if weights is None or set(weights) != own:
            return "wait"
        return "moved" if await allocate(self.engine, known, weights, now) else "wait"
