"""The worker: where workflows and activities meet. A composition root."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import Services
from activities.experiments.judge import ExperimentActivities
from activities.journeys.due_entries import DueEntries
from activities.operations.automatic_pauses import AutomaticPauses
from activities.operations.broadcast import BroadcastActivities
from activities.operations.carry_out import OperationActivities
from activities.operations.restored import hold_if_restored
from activities.runs.commit import RunActivities
from activities.sending.deliver import Delivery, delivery_from
from activities.sending.reconcile_sends import Reconciliation
from activities.traits.refresh import TraitActivities
from activities.webhooks.alerts import Alerts
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.heartbeats import Heartbeat
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits
from orchestrator.store.sending.frequency import counting_redis
from orchestrator.store.workspace import load_zone
from workflows import journey_run, operations
from workflows import reconcile_sends as reconcile
from workflows.client import Runs
from workflows.connection import connect
from workflows.rounds import due_entries, judge_experiments, refresh_traits

log = structlog.get_logger()

GRACE = 4.0
"""Seconds that activities under way have once the worker is asked to end."""
CLOSES_WITHIN = 0.5
"""Seconds for giving connections back."""
ENDS_WITHIN = 5.0
"""Seconds after which it ends in any case: who started it waits for six, and would kill it then."""
ROUNDS = (
    reconcile.Reconcile,
    refresh_traits.RefreshTraits,
    due_entries.OfferDueEntries,
    judge_experiments.JudgeExperiments,
)
"""Workflows of the product's own schedules."""
CONCURRENT = 100
"""Workflow tasks and activities at once, each; also bounds connections to the store."""


def journey_worker(client: Client, task_queue: str, activities: Sequence[Callable[..., Any]], **options: Any) -> Worker:
    """A worker of one process.

    Workflow code runs outside the SDK's sandbox: what the sandbox would catch at run time (clocks, randomness, I/O),
    the import contract keeps out of ``workflows`` and ``orchestrator.core`` beforehand, and golden histories are
    replayed in CI. It halves the worker's CPU time (see docs/decisions).
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[journey_run.JourneyRun, operations.Operation, *ROUNDS],
        activities=activities,
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_activities=CONCURRENT,
        max_concurrent_local_activities=CONCURRENT,
        # Kept in every history. Left out, the SDK hashes the source of all loaded modules: seconds, at each start.
        build_id=version("sojourn"),
        graceful_shutdown_timeout=timedelta(seconds=GRACE),
        **options,
    )


async def main(settings: Settings) -> None:
    """Serve runs until cancelled."""
    journey_run.LOCALE = settings.workspace_locale
    engine = create_engine(settings.database_url, pool_size=10, max_overflow=20, application="sojourn worker")
    plans = Plans(engine)
    client = await connect(settings, plans)
    await hold_if_restored(engine, await reconcile.rounds(client, settings.task_queue))
    time_zone = await load_zone(engine, settings)
    commit = RunActivities(RunCommits(engine, time_zone), plans)
    active_providers = ActiveProviders(Services(settings, engine))
    redis = counting_redis(settings.redis_url)
    delivery: Delivery = await delivery_from(settings, engine, plans, active_providers, redis, commit.commit)
    keeping_up = asyncio.create_task(active_providers.watch())
    life = Heartbeat(engine, "worker")
    heartbeat = asyncio.create_task(life.keep())
    runs = Runs(client, settings.task_queue, {})
    alerts = Alerts(engine, settings)
    guarding = asyncio.create_task(AutomaticPauses(engine, runs, alerts).watch(life))
    try:
        following_up = Reconciliation(engine, active_providers, delivery, redis)
        many = OperationActivities(engine, runs, plans)
        serves: list[Callable[..., Any]] = [
            commit.commit,
            delivery.deliver,
            following_up.reconcile,
            many.carry_out_items,
            many.settle_items,
            BroadcastActivities(engine).carry_out_broadcast,
            TraitActivities(engine).refresh,
            DueEntries(engine, time_zone).offer,
            ExperimentActivities(engine, time_zone).judge,
        ]
        ended = await _serve(journey_worker(client, settings.task_queue, serves), client, settings.task_queue)
    finally:
        keeping_up.cancel()
        guarding.cancel()
        heartbeat.cancel()
        ending = (delivery.close(), active_providers.close(), alerts.close(), redis.aclose())
        closing = asyncio.gather(heartbeat, *ending, return_exceptions=True)
        await asyncio.wait({closing}, timeout=CLOSES_WITHIN)
    if not ended:
        _leave()
    await engine.dispose()


async def _serve(worker: Worker, client: Client, task_queue: str) -> bool:
    """Serve until cancelled. False: work is still under way that does not end, such as commits for which the database
    is away; the SDK waits for it for minutes, and somebody else will do it in any case."""
    running = asyncio.create_task(worker.run())
    ready = asyncio.create_task(_ensure_schedules(client, task_queue))
    try:
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            log.info("worker ready", task_queue=task_queue)
        # Awaited itself, it would be asked to end twice, and leave off in the midst of it.
        await asyncio.wait({running})
        running.result()
        return True
    except asyncio.CancelledError:
        if running.done():
            return True
        running.cancel()  # which is how a worker is asked to shut down
        finished, _ = await asyncio.wait({running}, timeout=ENDS_WITHIN)
        return bool(finished)
    except Exception:  # it could not be made ready: what it has taken up already is let finish
        running.cancel()
        await asyncio.wait({running}, timeout=ENDS_WITHIN)
        raise
    finally:
        ready.cancel()


async def _ensure_schedules(client: Client, task_queue: str) -> None:
    """The product's own rounds."""
    await reconcile.ensure_schedule(client, task_queue)
    await refresh_traits.ensure_schedule(client, task_queue)
    await due_entries.ensure_schedule(client, task_queue)
    await judge_experiments.ensure_schedule(client, task_queue)


def _leave() -> None:
    """End the process without waiting for what does not end. What it was at is done again by the next worker."""
    log.warning("worker ends with work under way; the next one takes it up")
    logging.shutdown()
    os._exit(0)
