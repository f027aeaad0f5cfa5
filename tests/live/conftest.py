"""An installation of its own for a test: real processes on the session's database and Valkey."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.stack import Temporal
from orchestrator.stack.account import make_data_dir
from orchestrator.stack.ports import free_port
from orchestrator.store.workspace import prepare_workspace
from tests.live.installation import Installation


@pytest.fixture
async def installation(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Installation]:
    """Everything runs; in real time, with the outbox as its e-mail provider."""
    data_dir = tmp_path / "data"
    make_data_dir(data_dir)
    temporal = Temporal(data_dir, port=free_port(), ui_port=None)
    settings = Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        temporal_address=temporal.address,
        port=free_port(),
        secret_key=SecretStr("only-for-tests-only-for-tests-32"),
    )
    await prepare_workspace(settings)
    running = Installation(settings, temporal)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
