"""Runs by the dozen on a real worker, in a process of its own that may be killed; and operations on them."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import run_id
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.workspace import change_settings, ensure_workspace, set_sender
from tests.core.run.driver import ports
from tests.workflows.live import publish
from workflows.client import Runs
from workflows.connection import connect

_CUSTOMER = text("""
insert into customers (id, external_id, email, attributes, consents, tags, created_at, updated_at)
values (:id, :name, :name || '@example.com', '{}', '{}', '[]', now(), now())
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
values (:id, :customer, 'track', :name, '{}', '{}', :at, :at, :at)
""")
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status, step,
    entered_at)
values (:run, :workflow, :journey, 1, :plan, :customer, '', :message, 'starting', :step, :at)
""")

ODD_COUNTRY = """
update workspace set settings = settings || '{"sending": {"countries": {"US": {"night": "noon"}}}}'
"""
"""A rule that makes no sense, for customers of one country alone."""
ABROAD = "update customers set phone = '+12025550123' where id = (select customer_id from runs where id = :run)"


def plan_of(document: Mapping[str, Any]) -> Plan:
    """The plan of a journey, which has no errors."""
    compiled = compile_journey(dict(document))
    assert compiled.plan is not None, compiled.problems
    return compiled.plan


def journey(key: str, *steps: Mapping[str, Any]) -> dict[str, Any]:
    """A journey in a line: whoever visits goes through these steps and ends as ``through``."""
    own = [{"stage": "retention", **step} for step in steps]
    end = {"id": "end", "kind": "exit", "stage": "retention", "settings": {"reason": "through"}}
    lines = [("entry", "next", own[0]["id"])]
    for here, there in pairwise([*own, end]):
        lines += [(here["id"], port, there["id"]) for port in ports(here)]
    return {
        "key": key,
        "name": {"en": key.title(), "ko": key},
        "entry": {"triggers": [{"kind": "event", "event": "Visited"}]},
        "steps": [*own, end],
        "edges": [{"from": source, "port": port, "to": target} for source, port, target in lines],
    }


def letter(id: str, **settings: Any) -> dict[str, Any]:
    """An e-mail with information."""
    content = {"en": {"subject": "News", "body": "Spring is here."}, "ko": {"subject": "소식", "body": "봄입니다."}}
    words = {} if "template" in settings else {"class": "informational", "content": content}
    given = {"channel": "email", **words, **settings}
    return {"id": id, "kind": "message", "settings": given}


def delay(id: str, duration: str) -> dict[str, Any]:
    """A wait."""
    return {"id": id, "kind": "delay", "settings": {"mode": "duration", "duration": duration}}


@dataclass
class Crowd:
    """Runs and their worker."""

    settings: Settings
    engine: AsyncEngine
    runs: Runs
    ids: list[UUID] = field(default_factory=list)
    worker: asyncio.subprocess.Process | None = None

    async def __call__(self) -> Runs:
        """The client, as whoever starts operations asks for it."""
        return self.runs

    async def publish(self, plan: Plan) -> Plan:
        """Make it live."""
        await publish(self.engine, [plan])
        return plan

    async def publish_next(self, plan: Plan) -> int:
        """Make it the live version of a journey that has one; its number. Runs under way stay where they are."""
        await Plans(self.engine).save(plan.hash, plan.body)
        last = "select max(version) from journey_versions where journey_key = :key"
        version = int(await self.value(last, key=plan.key)) + 1
        added = "insert into journey_versions (journey_key, version, plan_hash, published_at)"
        given = {"key": plan.key, "version": version, "hash": plan.hash}
        await self.change(f"{added} values (:key, :version, :hash, now())", **given)
        await self.change("update journeys set live_version = :version where key = :key", key=plan.key, version=version)
        return version

    async def enter(self, plan: Plan, count: int) -> list[UUID]:
        """So many customers come in; the ids of their runs."""
        found = await asyncio.gather(*(self._enter(plan) for _ in range(count)))
        self.ids.extend(found)
        return list(found)

    async def _enter(self, plan: Plan) -> UUID:
        customer, message, at = uuid.uuid4(), str(uuid.uuid4()), datetime.now(UTC)
        workflow = f"{plan.key}/{customer}"
        run = run_id(workflow, message)
        async with self.engine.begin() as db:
            await db.execute(_CUSTOMER, {"id": customer, "name": str(customer)})
            await db.execute(_EVENT, {"id": message, "customer": customer, "name": "Visited", "at": at})
            given = {"run": run, "workflow": workflow, "journey": plan.key, "plan": plan.hash, "customer": customer}
            await db.execute(_RUN, {**given, "message": message, "step": plan.first, "at": at})
        await self.runs.start(workflow, plan, 1, str(customer), CustomerEvent(message, "Visited", at, {}))
        return run

    async def count(self, where: str, **given: Any) -> int:
        """Runs of which something is true."""
        async with self.engine.connect() as db:
            found = await db.execute(text(f"select count(*) from runs r where {where}"), given)
            return int(found.scalar_one())

    async def value(self, query: str, **given: Any) -> Any:
        """One value of the database."""
        async with self.engine.connect() as db:
            return (await db.execute(text(query), given)).scalar_one_or_none()

    async def change(self, statement: str, **given: Any) -> None:
        """Changes the database."""
        async with self.engine.begin() as db:
            await db.execute(text(statement), given)

    async def work(self) -> None:
        """Start a worker."""
        self.worker = await self._process("-m", "tests.workflows.worker_process")

    async def route(self) -> asyncio.subprocess.Process:
        """Start a router, which whoever asks for it ends."""
        return await self._process("-m", "orchestrator.cli", "router")

    async def _process(self, *command: str) -> asyncio.subprocess.Process:
        told = {
            "SOJOURN_DATABASE_URL": self.settings.database_url,
            "SOJOURN_REDIS_URL": self.settings.redis_url,
            "SOJOURN_TEMPORAL_ADDRESS": self.settings.temporal_address,
            "SOJOURN_TASK_QUEUE": self.runs.task_queue,
            "SOJOURN_SECRET_KEY": self.settings.secret_key.get_secret_value(),
            "SOJOURN_DATA_DIR": str(self.settings.data_dir),
        }
        return await asyncio.create_subprocess_exec(sys.executable, *command, env={**os.environ, **told})

    async def kill(self) -> None:
        """The worker dies at once."""
        if self.worker is not None:
            self.worker.kill()
            await self.worker.wait()
            self.worker = None


@asynccontextmanager
async def crowd(settings: Settings) -> AsyncIterator[Crowd]:
    """A workspace that holds nothing back, with a worker."""
    engine = create_engine(settings.database_url, pool_size=10, max_overflow=20)
    async with session_factory(engine)() as session:
        await ensure_workspace(session, settings)
        await change_settings(session, {"sending": {}})
        await set_sender(session, {"sender_name": "달빛상점", "sender_contact": "02-123-4567"})
        await session.commit()
    client = await connect(settings, Plans(engine))
    found = Crowd(settings, engine, Runs(client, f"test-{uuid.uuid4()}", {}))
    await found.work()
    try:
        yield found
    finally:
        await found.kill()
        await engine.dispose()
