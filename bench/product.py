"""The whole product on a bench's servers: API, routers, workers as processes of their own, and what they are seen to
use while they run.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psutil
import psycopg

from bench.servers import Servers, python_process
from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, load_settings
from orchestrator.stack.ports import listens, reserve_port
from orchestrator.stack.process import Process
from orchestrator.store.database import plain_dsn
from orchestrator.store.workspace import prepare_workspace
from tests.waiting import until

MEBI = 2**20
OPEN = "select count(*) from runs where finished_at is null"
UNROUTED = "select count(*) from events where routed_at is null"
# Where the kernel can tell: pages that a server shares with its children are counted once, by their share of each.
_PRIVATE = ("pss", "uss", "rss")


@dataclass
class Sample:
    """One look, ``at`` seconds after the first: MiB and open descriptors of each process with its children."""

    at: float
    memory: Mapping[str, float]
    descriptors: Mapping[str, int]
    cpu: Mapping[str, float]
    """Seconds of CPU time so far."""
    asked: Mapping[str, float] = field(default_factory=dict)
    """Answers of the database, by the names of the questions."""


@dataclass
class Product:
    """What runs. ``processes``: by name, servers among them."""

    run: Servers
    port: int
    processes: Mapping[str, Process]
    began: float = field(default_factory=time.perf_counter)

    def client(self) -> httpx2.AsyncClient:
        """A client of its API, with the development token."""
        headers = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60)

    def ask(self, *queries: str) -> list[Any]:
        """The only value of each answer."""
        with psycopg.connect(plain_dsn(self.run.postgres.url), autocommit=True) as db:
            return [db.execute(query.encode()).fetchall()[0][0] for query in queries]

    def look(self, questions: Mapping[str, str]) -> Sample:
        """How it stands now."""
        found = {name: _used(process) for name, process in self.processes.items()}
        memory, opened, cpu = ({name: used[n] for name, used in found.items()} for n in range(3))
        asked = dict(zip(questions, map(float, self.ask(*questions.values())), strict=True))
        descriptors = {name: int(count) for name, count in opened.items()}
        return Sample(time.perf_counter() - self.began, memory, descriptors, cpu, asked)


def _used(process: Process) -> tuple[float, float, float]:
    """MiB, descriptors and CPU seconds of a process and its children."""
    memory = descriptors = cpu = 0.0
    top = psutil.Process(process.pid)
    for one in (top, *top.children(recursive=True)):
        try:
            full, times = one.memory_full_info(), one.cpu_times()
            descriptors += one.num_fds()
        except psutil.NoSuchProcess:  # a backend that has just ended
            continue
        memory += next(getattr(full, name) for name in _PRIVATE if hasattr(full, name)) / MEBI
        cpu += times.user + times.system
    return memory, descriptors, cpu


@contextmanager
def product(run: Servers, *, routers: int = 1, workers: int = 1) -> Iterator[Product]:
    """Start it on servers that run already; returns when it serves."""
    settings = load_settings(
        database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address=run.temporal.address
    )
    asyncio.run(prepare_workspace(settings))
    port = reserve_port()
    environment = run.environment(port=str(port), log_level="info")
    processes: dict[str, Process] = {}
    with ExitStack() as stack:
        for kind, number in (("worker", workers), ("router", routers), ("api", 1)):
            for n in range(number):
                name = f"{kind} {n + 1}" if number > 1 else kind
                says = "" if kind == "api" else f"{kind} ready"
                command = ["orchestrator.cli", kind]
                processes[name] = stack.enter_context(python_process(run, name, command, environment, says))
        processes["api"].wait_until(lambda: listens(port), 60)
        servers = {"postgres": run.postgres.process, "valkey": run.valkey.process, "temporal": run.temporal.process}
        yield Product(run, port, processes | servers)


async def publish(http: httpx2.AsyncClient, journey: Mapping[str, Any]) -> None:
    """Make a journey live, whatever the checks say of it."""
    (await http.put(f"/api/journeys/{journey['key']}", json=journey)).raise_for_status()
    answer = await http.post(f"/api/journeys/{journey['key']}/publish", json={"override": True})
    answer.raise_for_status()


async def let_live(current: Product, *keys: str) -> None:
    """Until every router knows these journeys."""
    logs = [process.log for name, process in current.processes.items() if name.startswith("router")]

    def known() -> bool:
        return all(f"{key}@" in log.read_text(errors="replace") for log in logs for key in keys)

    await until(known, "the journeys are live")


async def track(http: httpx2.AsyncClient, user: str, event: str, message_id: str, **properties: Any) -> None:
    """One event by the door that clients use."""
    call = {"userId": user, "event": event, "messageId": message_id, "properties": properties}
    (await http.post("/v1/track", json=call, auth=(DEV_WRITE_KEY, ""))).raise_for_status()
