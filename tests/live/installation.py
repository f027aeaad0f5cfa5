"""A whole Sojourn of real processes, as `sojourn run` starts them, that a test may kill and start again one by one."""

import asyncio
import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx2
import psycopg
from psycopg.rows import dict_row

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, Settings
from orchestrator.stack import Process, Temporal
from orchestrator.stack.ports import listens
from orchestrator.stack.supervisor import answers, process_command, stop_together
from tests.waiting import until

Part = Literal["worker", "api", "router", "second router", "temporal"]
OWN: tuple[Part, ...] = ("worker", "router", "second router", "api")
_BASIC = "Basic " + base64.b64encode(f"{DEV_WRITE_KEY}:".encode()).decode()


@dataclass
class Installation:
    """Worker, two routers, API and a Temporal server on a file; the database and Valkey are the session's."""

    settings: Settings
    temporal: Temporal
    builds: dict[Part, Path] = field(default_factory=dict)
    """Sources of parts that are of another build."""
    http: httpx2.AsyncClient = field(init=False)
    _own: dict[Part, Process] = field(default_factory=dict)
    _lives: dict[Part, int] = field(default_factory=lambda: dict.fromkeys((*OWN, "temporal"), 0))
    _database: psycopg.AsyncConnection[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        limits = httpx2.Limits(max_connections=40)
        base = f"http://127.0.0.1:{self.settings.port}"
        self.http = httpx2.AsyncClient(base_url=base, limits=limits, timeout=10, trust_env=False)
        for name in OWN:
            folder = self.settings.data_dir
            log = folder / "logs" / f"{name}.log"
            self._own[name] = Process(name, folder / "run", log, process_command(_command(name))[-2])

    # --- processes -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start all of it; returns when events that come in are routed and runs are served."""
        self.restart("temporal")
        await asyncio.to_thread(self.temporal.wait)
        for name in OWN:
            self.restart(name)
        for name in OWN:
            await until(lambda name=name: self.serves(name), f"the {name} serves")

    async def stop(self) -> None:
        """Stop what was started here, and nothing else."""
        await self.http.aclose()
        if self._database is not None:
            await self._database.close()
        stop_together(list(self._own.values()))
        self.temporal.stop()

    def kill(self, name: Part) -> None:
        """SIGKILL, at once."""
        self._process(name).kill()

    def restart(self, name: Part) -> None:
        """Start it (again), as the supervisor does; returns before it is ready."""
        self._lives[name] += 1
        if name == "temporal":
            self.temporal.start()
        else:
            self._own[name].start(process_command(_command(name)), self._environment(name))

    def serves(self, name: Part) -> bool:
        """Whether it has come up since it was started last."""
        match name:
            case "temporal":
                return listens(self.temporal.port)
            case "api":
                return answers(self.settings, "/healthz")
        return self.times_ready(name) == self._lives[name]

    def times_ready(self, name: Part) -> int:
        """How often a process has come up."""
        return self.log(name).count(f"{_command(name)} ready")

    def log(self, name: Part) -> str:
        """All that a process has logged, over all its lives."""
        return self._process(name).log.read_text(errors="replace")

    def dead(self) -> list[Part]:
        """The processes that do not run."""
        names: list[Part] = [*OWN, "temporal"]
        return [name for name in names if not self._process(name).running()]

    def _process(self, name: Part) -> Process:
        return self.temporal.process if name == "temporal" else self._own[name]

    def _environment(self, name: Part) -> dict[str, str]:
        settings, build = self.settings, self.builds.get(name)
        sources = {"PYTHONPATH": str(build), "PYTHONSAFEPATH": "1"} if build else {}
        return (
            os.environ
            | sources
            | {
                "SOJOURN_DATA_DIR": str(settings.data_dir),
                "SOJOURN_DATABASE_URL": settings.database_url,
                "SOJOURN_REDIS_URL": settings.redis_url,
                "SOJOURN_TEMPORAL_ADDRESS": self.temporal.address,
                "SOJOURN_SECRET_KEY": settings.secret_key.get_secret_value(),
                "SOJOURN_ADMIN_TOKEN": DEV_ADMIN_TOKEN,
                "SOJOURN_WRITE_KEYS": DEV_WRITE_KEY,
                "SOJOURN_PORT": str(settings.port),
            }
        )

    # --- its doors -----------------------------------------------------------------------------------------------

    async def publish(self, document: Mapping[str, Any]) -> None:
        """Make a journey live through the admin API, and wait until the router knows of it."""
        admin = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
        key = document["key"]
        for answer in (
            await self.http.put(f"/api/journeys/{key}", json=document, headers=admin),
            await self.http.post(f"/api/journeys/{key}/publish", headers=admin, json={"override": True}),
        ):
            assert answer.status_code < 300, answer.text
        version = f"{key}@{answer.json()['version']}"
        for name in ("router", "second router"):
            await until(lambda name=name: version in self.log(name), f"the {name} lets customers into {version}")

    async def call(self, kind: str, body: Mapping[str, Any]) -> httpx2.Response:
        """One call of the tracking API."""
        return await self.http.post(f"/v1/{kind}", json=body, headers={"Authorization": _BASIC})

    async def track(self, user: str, event: str, message_id: str, **properties: Any) -> datetime:
        """Send one event; when it was acknowledged."""
        body = {"userId": user, "event": event, "messageId": message_id, "properties": properties}
        answer = await self.call("track", {**body, "timestamp": datetime.now(UTC).isoformat()})
        assert answer.status_code == 200, answer.text
        return datetime.now(UTC)

    # --- what it keeps -------------------------------------------------------------------------------------------

    async def rows(self, query: str, given: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """What the database answers."""
        try:
            return await self._answer(query, given)
        except psycopg.OperationalError:  # a test that kills the database loses this connection too
            return await self._answer(query, given)

    async def _answer(self, query: str, given: Sequence[Any]) -> list[dict[str, Any]]:
        if self._database is None or self._database.closed:
            self._database = await psycopg.AsyncConnection.connect(
                self.settings.database_dsn, row_factory=dict_row, autocommit=True
            )
        return await (await self._database.execute(query.encode(), given)).fetchall()

    async def one(self, query: str, given: Sequence[Any] = ()) -> Any:
        """The only value of the only row."""
        (row,) = await self.rows(query, given)
        (value,) = row.values()
        return value


def _command(name: Part) -> str:
    """The last word of the command that starts a part."""
    return name.removeprefix("second ")


def example(name: str) -> Path:
    """A journey of the examples folder."""
    return Path(__file__).parents[2] / "examples" / f"{name}.yaml"
