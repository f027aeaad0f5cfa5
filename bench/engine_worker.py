"""A worker for ``bench.engine``, in a process of its own: ``python -m bench.engine_worker VARIANT``.

Its task queue is called like the variant. Both kinds use the same pool of connections, the same number of slots, and
run their workflows without the SDK's sandbox, unless the variant says otherwise. Ours runs on the event loop that
``sojourn worker`` runs on; the hand-written one on the one that ``asyncio.run`` gives, as in the SDK's samples.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.runs.commit import RunActivities
from activities.sending.deliver import Delivery, delivery_from
from bench.hand_written import HandWritten, Welcome
from orchestrator.cli import event_loop
from orchestrator.settings import Settings, load_settings
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits
from workflows.connection import connect
from workflows.worker import CONCURRENT, journey_worker

Activity = Callable[..., Any]

_STORE = text("""
insert into outbox (id, customer_id, journey_key, channel, recipient, locale, content, at)
values (:id, :customer, 'hand', 'email', :recipient, 'ko', '{"subject": "hi", "body": "x"}', :at)
on conflict do nothing
""")


def plain_send(engine: AsyncEngine) -> Activity:
    """The activity that goes with the hand-written workflow: one row into the outbox."""
    own = engine.execution_options(isolation_level="AUTOCOMMIT")

    @activity.defn(name="send")
    async def send(given: Welcome) -> None:
        row = {"id": UUID(given.message), "customer": UUID(given.customer), "at": datetime.now(UTC)}
        async with own.connect() as db:
            await db.execute(_STORE, {**row, "recipient": f"{given.customer}@example.com"})

    return send


@activity.defn(name="send")
async def send_nothing(given: Welcome) -> None:
    """No work: what is left is the engine's part."""


@activity.defn(name="book")
async def book_nothing(given: dict[str, Any], commit: dict[str, Any]) -> None:
    """No work."""


@activity.defn(name="deliver")
async def deliver_nothing(given: dict[str, Any]) -> dict[str, Any]:
    """No work; what it is to commit as well is no work either."""
    return {"outcome": "sent", "committed": {}} if "then" in given else {"outcome": "sent"}


def hand_written_worker(client: Client, queue: str, send: Activity, *, sandboxed: bool) -> Worker:
    """Like :func:`workflows.worker.journey_worker`, but for the hand-written workflow."""
    return Worker(
        client,
        task_queue=queue,
        workflows=[HandWritten],
        activities=[send],
        workflow_runner=SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner(),
        max_concurrent_activities=CONCURRENT,
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


async def worker_for(variant: str, settings: Settings, engine: AsyncEngine) -> Worker:
    """The worker of a variant; see ``bench.engine`` for what they are."""
    plans = Plans(engine)
    if variant.startswith("hand"):
        client = await Client.connect(settings.temporal_address)
        send = send_nothing if variant == "hand-empty" else plain_send(engine)
        return hand_written_worker(client, variant, send, sandboxed=variant == "hand-sandboxed")
    client = await connect(settings, plans)
    if variant == "ours-empty":
        return journey_worker(client, variant, [book_nothing, deliver_nothing])
    commit = RunActivities(RunCommits(engine), plans)
    delivery: Delivery = await delivery_from(settings, engine, plans, commit=commit.commit)
    return journey_worker(client, variant, [commit.commit, delivery.deliver])


async def main(variant: str) -> None:
    """Serve until told to stop."""
    settings = load_settings()
    engine = create_engine(settings.database_url, pool_size=10, max_overflow=20, application="sojourn bench")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with await worker_for(variant, settings, engine):
        print("ready", flush=True)
        await stop.wait()
    await engine.dispose()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=event_loop() if sys.argv[1].startswith("ours") else None) as runner:
        runner.run(main(sys.argv[1]))
