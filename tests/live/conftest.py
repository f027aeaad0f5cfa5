"""An installation of its own for a test: real processes on the session's Valkey, and on a database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.stack import Postgres, Temporal
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.stack.ports import reserve_port
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.migrate import upgrade
from orchestrator.store.workspace import change_settings, prepare_workspace
from tests.live.installation import Installation, Part


@pytest.fixture
async def installation(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Installation]:
    """Everything runs; in real time, with the outbox as its e-mail provider."""
    async with installed(tmp_path / "data", database_url, redis_url) as running:
        yield running


@pytest.fixture
def own_postgres(servers_dir: Path) -> Iterator[Postgres]:
    """A database server that a test may kill: what it has committed is on disk."""
    data_dir = servers_dir.parent / "own"
    make_data_dir(data_dir)
    server = Postgres(data_dir, account=server_account(data_dir))
    server.start()
    try:
        server.wait()
        upgrade(server.url)
        yield server
    finally:
        server.stop()


@pytest.fixture
async def installation_on_own_postgres(
    tmp_path: Path, own_postgres: Postgres, redis_url: str
) -> AsyncIterator[Installation]:
    """The same, on that server."""
    async with installed(tmp_path / "data", own_postgres.url, redis_url) as running:
        yield running


@asynccontextmanager
async def installed(
    data_dir: Path,
    database_url: str,
    redis_url: str,
    day_seconds: float | None = None,
    builds: dict[Part, Path] | None = None,
) -> AsyncIterator[Installation]:
    """Everything, until the block ends."""
    make_data_dir(data_dir)
    temporal = Temporal(data_dir, port=reserve_port(), ui_port=None)
    settings = Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        temporal_address=temporal.address,
        port=reserve_port(),
        day_seconds=day_seconds,
        secret_key=SecretStr("only-for-tests-only-for-tests-32"),
    )
    await prepare_workspace(settings)
    engine = create_engine(settings.database_url)
    async with session_factory(engine).begin() as session:
        await change_settings(session, {"sending": {}})  # what is looked at is neither the hour nor a cap
    await engine.dispose()
    running = Installation(settings, temporal, builds or {})
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
