"""One API process on a database, as `sojourn api` runs: for tests of what it does when it is pressed."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, Settings
from orchestrator.stack import Process
from orchestrator.stack.account import make_data_dir
from orchestrator.stack.ports import reserve_port
from orchestrator.stack.supervisor import answers, process_command
from orchestrator.store.workspace import prepare_workspace
from tests.waiting import until

MEBI = 1024 * 1024


@dataclass(frozen=True)
class ApiProcess:
    """It serves. ``http``: sends events, with as many connections as it likes."""

    process: Process
    http: httpx2.AsyncClient

    def resident(self) -> float:
        """MiB of memory that it holds."""
        assert self.process.pid is not None
        return psutil.Process(self.process.pid).memory_info().rss / MEBI

    def log(self) -> str:
        return self.process.log.read_text(errors="replace")


@asynccontextmanager
async def api_process(folder: Path, database_url: str, redis_url: str, **more: str) -> AsyncIterator[ApiProcess]:
    """An API until the block ends; ``more``: its settings by name. There is no Temporal."""
    make_data_dir(folder)
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        redis_url=redis_url,
        temporal_address="127.0.0.1:1",
        port=reserve_port(),
    )
    await prepare_workspace(settings)
    given = {
        "data_dir": str(folder),
        "database_url": settings.database_url,
        "redis_url": redis_url,
        "temporal_address": settings.temporal_address,
        "port": str(settings.port),
        "secret_key": "only-for-tests-only-for-tests-32",
        "admin_token": DEV_ADMIN_TOKEN,
        "write_keys": DEV_WRITE_KEY,
        **more,
    }
    command = process_command("api")
    process = Process("api", folder / "run", folder / "logs" / "api.log", command[-2])
    process.start(command, os.environ | {f"SOJOURN_{name.upper()}": value for name, value in given.items()})
    try:
        await until(lambda: answers(settings, "/healthz"), "the API serves", 60)
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.port}",
            auth=(DEV_WRITE_KEY, ""),
            limits=httpx2.Limits(max_connections=2_000),
            timeout=60,
            trust_env=False,
        ) as http:
            yield ApiProcess(process, http)
    finally:
        process.stop()
