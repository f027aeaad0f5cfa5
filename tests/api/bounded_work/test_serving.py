"""The processes for documents belong to their API: they come with it, and none is left, however it ends."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.stack.ports import reserve_port
from orchestrator.stack.supervisor import process_command
from tests.examples import some
from tests.waiting import until_true


@contextmanager
def api(data_dir: Path, database_url: str, redis_url: str) -> Iterator[tuple[psutil.Process, httpx2.Client]]:
    port = reserve_port()
    environment = os.environ | {
        "SOJOURN_DATA_DIR": str(data_dir),
        "SOJOURN_DATABASE_URL": database_url,
        "SOJOURN_REDIS_URL": redis_url,
        "SOJOURN_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "SOJOURN_ADMIN_TOKEN": DEV_ADMIN_TOKEN,
        "SOJOURN_PORT": str(port),
    }
    with (
        subprocess.Popen(process_command("api"), env=environment, stdout=subprocess.PIPE) as server,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        try:
            client.headers["Authorization"] = f"Bearer {DEV_ADMIN_TOKEN}"
            yield psutil.Process(server.pid), client
        finally:
            server.kill()


def answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("end", some([signal.SIGKILL, signal.SIGTERM], 2))
def test_no_process_is_left_when_the_api_ends(
    tmp_path: Path, database_url: str, redis_url: str, end: signal.Signals
) -> None:
    with api(tmp_path, database_url, redis_url) as (server, client):
        until_true(lambda: answers(client), "the API serves")
        told = client.post("/api/journeys/describe", json={"document": {"name": "x", "steps": [], "edges": []}})
        assert told.status_code == 200, told.text
        below = server.children(recursive=True)
        assert len(below) >= 2  # the one that forks, and one that was forked
        server.send_signal(end)
        until_true(lambda: not any(one.is_running() for one in below), "all processes have ended")
        assert server.wait() in (0, None, -end)
