"""Which routers and workers are alive, and whose leases run.

A process that hangs or is frozen keeps its connections and its locks; what it no longer does is to say that it lives.
So duty is a lease that must be renewed, and life is a row that must be touched, both by the database's clock.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import structlog
from sqlalchemy import create_engine as create_sync_engine
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = structlog.get_logger()

BEAT_EVERY = 2.0
GONE_AFTER = 10.0
"""Seconds without a sign of life after which a process is not counted on."""
SILENT_AFTER = 30.0
"""Seconds without one after which a process that is there is taken to hang, and is replaced."""
LEASE_SECONDS = 6.0
STALLED_AFTER = 30.0
"""Seconds without progress after which a process stops saying that it lives."""
FORGOTTEN_AFTER_DAYS = 1
"""Rows of processes that were killed go with the next one that ends in good order."""

_BEAT = text("""
insert into processes (id, kind, host, pid, started_at, beat_at, details)
values (:id, :kind, :host, :pid, now(), now(), cast(:details as jsonb))
on conflict (id) do update set beat_at = excluded.beat_at, details = excluded.details
""")
_FORGET = text("delete from processes where id = :id or beat_at < now() - make_interval(days => :days)")
_ALIVE = text("""
select kind, host, pid, details from processes
where beat_at > now() - make_interval(secs => :seconds) order by kind, started_at
""")
_TAKE = text("""
insert into leases (name, holder, until) values (:name, :holder, now() + make_interval(secs => :seconds))
on conflict (name) do update set holder = excluded.holder, until = excluded.until
where leases.holder = excluded.holder or leases.until < now()
returning true
""")
_GIVE_BACK = text("delete from leases where name = :name and holder = :holder")
_WAITING = text("select min(received_at) as since from events where routed_at is null")


@dataclass(frozen=True, slots=True)
class LivingProcess:
    """A process that has said so within :data:`GONE_AFTER` seconds."""

    kind: str
    host: str
    pid: int
    details: Mapping[str, Any]


async def living(db: AsyncConnection, within: float = GONE_AFTER) -> list[LivingProcess]:
    """Every router and worker that lives."""
    rows = await db.execute(_ALIVE, {"seconds": within})
    return [LivingProcess(row.kind, row.host, row.pid, row.details) for row in rows]


def living_pids(
    database_url: str, within: float = SILENT_AFTER, kinds: Collection[str] = ("router", "worker")
) -> set[int] | None:
    """Process ids of these kinds on this host that have said ``within`` seconds that they live; None where the database
    does not answer, which says nothing about them. For whoever watches over processes and has no event loop."""
    engine = create_sync_engine(database_url, connect_args={"connect_timeout": 2})
    try:
        with engine.connect() as db:
            rows = db.execute(_ALIVE, {"seconds": within}).all()
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()
    return {row.pid for row in rows if row.host == socket.gethostname() and row.kind in kinds}


async def oldest_unrouted(db: AsyncConnection) -> Any:
    """Since when (journey time) the event that waits longest has waited to be routed; None where none does."""
    return (await db.execute(_WAITING)).scalar_one()


class Heartbeat:
    """This process's signs of life. Whoever works calls :meth:`progress`; who makes none is silent."""

    def __init__(
        self,
        engine: AsyncEngine,
        kind: str,
        details: Callable[[], Mapping[str, Any]] = dict,
        own_id: UUID | None = None,
    ) -> None:
        self.id: UUID = own_id or uuid4()
        self.kind = kind
        self._engine = engine
        self._details = details
        self._progress: float | None = None

    def progress(self) -> None:
        """Something was done, or there was nothing to do."""
        self._progress = asyncio.get_running_loop().time()

    @property
    def stalled(self) -> bool:
        """Whether nothing was done for long, by somebody who reports progress."""
        now = asyncio.get_running_loop().time()
        return self._progress is not None and now - self._progress > STALLED_AFTER

    async def beat(self) -> None:
        """One sign of life."""
        given = {"id": self.id, "kind": self.kind, "host": socket.gethostname(), "pid": os.getpid()}
        async with self._engine.begin() as db:
            await db.execute(_BEAT, {**given, "details": orjson.dumps(dict(self._details())).decode()})

    async def keep(self) -> None:
        """Until cancelled; then the row is taken away. A database that is away is nothing to speak of here."""
        try:
            while True:
                if not self.stalled:
                    await self._quietly(self.beat)
                await asyncio.sleep(BEAT_EVERY)
        finally:
            await asyncio.shield(self._quietly(self._forget))

    async def take(self, name: str) -> bool:
        """Be, or stay, the one who does something. A process that makes no progress lets go of it."""
        if self.stalled:
            return False
        async with self._engine.begin() as db:
            given = {"name": name, "holder": self.id, "seconds": LEASE_SECONDS}
            return bool((await db.execute(_TAKE, given)).scalar_one_or_none())

    async def give_back(self, name: str) -> None:
        """Let another have it at once."""
        async with self._engine.begin() as db:
            await db.execute(_GIVE_BACK, {"name": name, "holder": self.id})

    async def _forget(self) -> None:
        async with self._engine.begin() as db:
            await db.execute(_FORGET, {"id": self.id, "days": FORGOTTEN_AFTER_DAYS})

    async def _quietly(self, act: Callable[[], Any]) -> None:
        try:
            async with asyncio.timeout(GONE_AFTER):  # ``wait_for`` of Python 3.11 may swallow being cancelled
                await act()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.debug("no sign of life could be given", error=type(error).__name__)
