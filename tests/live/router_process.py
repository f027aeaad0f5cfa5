"""A router as a process, whose Temporal is a table: ``python -m tests.live.router_process``.

Everything is ``sojourn router``'s own but the calls of Temporal: each takes ``TAKES`` seconds, and is then a row of
``told``, in the order in which they were made. Several such processes share the work as the real ones do.
"""

import os
from dataclasses import dataclass, field
from typing import Any

import psycopg

from orchestrator.cli import serve
from orchestrator.router.serve import CONNECTIONS, route_with
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.journeys.plans import Plans
from tests.waiting import let_pass
from workflows.client import Runs

TAKES = float(os.environ.get("TOLD_TAKES", "0.005"))
RECORDS = os.environ.get("TOLD_RECORDS", "1") == "1"
TABLE = """
create table if not exists told (
    seq bigserial primary key, pid int, kind text, workflow_id text, message_id text, at timestamptz default now())
"""
_TOLD = "insert into told (pid, kind, workflow_id, message_id) values (%s, %s, %s, %s)"


@dataclass(frozen=True)
class TableOfRuns(Runs):
    """Instead of a Temporal server. ``dsn``: where the table is."""

    dsn: str = ""
    idle: list[psycopg.AsyncConnection[Any]] = field(default_factory=list)

    async def start(self, workflow_id: str, *given: Any, **more: Any) -> bool:
        self._count("start")
        await self._tell("start", workflow_id, given[3].message_id)
        return True

    async def signal(self, workflow_id: str, customer_event: Any, plan: Any = None) -> bool:
        self._count("signal")
        await self._tell("signal", workflow_id, customer_event.message_id)
        return True

    async def eject(self, workflow_id: str, reason: str) -> bool:
        return True

    async def change_customer(self, workflow_id: str, customer: Any, at: Any) -> bool:
        return True

    async def _tell(self, kind: str, workflow_id: str, message_id: str) -> None:
        await let_pass(TAKES, "a server takes its time")
        if not RECORDS:
            return
        connect = psycopg.AsyncConnection.connect
        connection = self.idle.pop() if self.idle else await connect(self.dsn, autocommit=True)
        await connection.execute(_TOLD, (os.getpid(), kind, workflow_id, message_id))
        self.idle.append(connection)


async def main(settings: Settings) -> None:
    """Route until cancelled."""
    engine = create_engine(settings.database_url, pool_size=CONNECTIONS)
    client: Any = None
    runs = TableOfRuns(client, settings.task_queue, {}, dsn=plain_dsn(settings.database_url))
    await route_with(settings, engine, Plans(engine), runs)


if __name__ == "__main__":
    serve("router", main)
