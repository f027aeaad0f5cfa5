"""The worker: where workflows and activities meet. A composition root."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import Services
from activities.runs.commit import RunActivities
from activities.sending.deliver import Delivery, delivery_from
from activities.sending.reconcile_sends import Reconciliation
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.heartbeats import Heartbeat
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits
from orchestrator.store.sending.frequency import counting_redis
from orchestrator.store.workspace import load_zone
from workflows import journey_run
from workflows import reconcile_sends as reconcile
from workflows.connection import connect

log = structlog.get_logger()

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
        workflows=[journey_run.JourneyRun, reconcile.Reconcile],
        activities=activities,
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_activities=CONCURRENT,
        max_concurrent_local_activities=CONCURRENT,
        # Kept in every history. Left out, the SDK hashes the source of all loaded modules: seconds, at each start.
        build_id=version("sojourn"),
        graceful_shutdown_timeout=timedelta(seconds=5),
        **options,
    )


async def main(settings: Settings) -> None:
    """Serve runs until cancelled."""
    journey_run.LOCALE = settings.workspace_locale
    engine = create_engine(settings.database_url, pool_size=10, max_overflow=20, application="sojourn worker")
    plans = Plans(engine)
    client = await connect(settings, plans)
    commit = RunActivities(RunCommits(engine, await load_zone(engine, settings)), plans)
    active_providers = ActiveProviders(Services(settings, engine))
    redis = counting_redis(settings.redis_url)
    delivery: Delivery = await delivery_from(settings, engine, plans, active_providers, redis)
    keeping_up = asyncio.create_task(active_providers.watch())
    heartbeat = asyncio.create_task(Heartbeat(engine, "worker").keep())
    try:
        following_up = Reconciliation(engine, active_providers, delivery, redis)
        serves: list[Callable[..., Any]] = [commit.commit, delivery.deliver, following_up.reconcile]
        async with journey_worker(client, settings.task_queue, serves):
            await reconcile.ensure_schedule(client, settings.task_queue)
            log.info("worker ready", task_queue=settings.task_queue)
            await asyncio.Event().wait()
    finally:
        keeping_up.cancel()
        heartbeat.cancel()
        await asyncio.gather(heartbeat, return_exceptions=True)
        await delivery.close()
        await active_providers.close()
        await redis.aclose()
        await engine.dispose()
