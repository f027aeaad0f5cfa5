"""A worker with the real activities, on the session's servers."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.runs.commit import RunActivities
from activities.sending.deliver import delivery_from
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits
from orchestrator.store.workspace import change_settings, ensure_workspace, set_sender
from workflows.connection import connect
from workflows.worker import journey_worker


@dataclass(frozen=True)
class Environment:
    """Everything between the store and Temporal, running."""

    engine: AsyncEngine
    plans: Plans
    client: Client
    task_queue: str


@pytest.fixture
async def environment(settings: Settings) -> AsyncIterator[Environment]:
    """The store, a client, and a worker on a task queue of its own."""
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=20)
    async with session_factory(engine)() as session:
        await ensure_workspace(session, settings)
        await change_settings(session, {"sending": {}})  # what is looked at is neither the hour nor a cap
        await set_sender(
            session, {"sender_name": "달빛상점", "sender_contact": "02-123-4567", "opt_out_number": "080-123-4567"}
        )
        await session.commit()
    plans = Plans(engine)
    client = await connect(settings, plans)
    task_queue = f"test-{uuid.uuid4()}"
    commit = RunActivities(RunCommits(engine), plans)
    delivery: Any = await delivery_from(settings, engine, plans, commit=commit.commit)
    async with journey_worker(client, task_queue, [commit.commit, delivery.deliver]):
        yield Environment(engine, plans, client, task_queue)
    await delivery.close()
    await engine.dispose()
