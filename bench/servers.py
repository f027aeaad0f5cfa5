"""Servers and processes of one bench run, in a scratch folder, and what CPU time each of them has used."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, PREFIX
from orchestrator.stack import Postgres, Temporal, Valkey
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.stack.ports import reserve_port
from orchestrator.stack.process import Process
from orchestrator.store.migrate import upgrade

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Servers:
    """What runs, migrated and empty. All of it ends with this process."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    temporal: Temporal

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of a process that uses these servers; a developer's own do not reach it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        given = {
            "data_dir": str(self.folder),
            "database_url": self.postgres.url,
            "redis_url": self.valkey.url,
            "temporal_address": self.temporal.address,
            "admin_token": DEV_ADMIN_TOKEN,
            "write_keys": DEV_WRITE_KEY,
            "log_level": "warning",
            **more,
        }
        return {**own, "PYTHONPATH": str(ROOT), **{PREFIX + name.upper(): value for name, value in given.items()}}


@contextmanager
def servers(*, durable: bool, temporal_in_memory: bool) -> Iterator[Servers]:
    """PostgreSQL, Valkey and Temporal, started anew. ``durable``: whether PostgreSQL waits for the disk."""
    outer = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    outer.chmod(0o711)
    folder = outer / "data"
    make_data_dir(folder)
    postgres = Postgres(folder, account=server_account(folder), durable=durable)
    temporal = Temporal(folder, port=reserve_port(), ui_port=None, in_memory=temporal_in_memory)
    started = Servers(folder, postgres, Valkey(folder, durable=durable), temporal)
    every = (postgres, started.valkey, temporal)
    try:
        for server in every:
            server.start()
        for server in every:
            server.wait()
        upgrade(postgres.url)
        yield started
    finally:
        for server in reversed(every):
            server.stop()
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def python_process(
    run: Servers, name: str, module: Sequence[str], environment: Mapping[str, str], says: str
) -> Iterator[Process]:
    """``python -m module …`` in a process of its own, ready when its log says so."""
    log = run.folder / "logs" / f"{name}.log"
    process = Process(name=name, run_dir=run.folder / "run", log=log, mark=name)
    process.start([sys.executable, "-m", *module], environment)
    try:
        process.wait_until(lambda: says in log.read_text(errors="replace"), READY_SECONDS)
        yield process
    finally:
        process.stop()


def cpu_seconds(process: Process) -> float:
    """CPU time that a process and its children have used so far, user and system."""
    if process.pid is None:
        raise RuntimeError(f"{process.name} does not run: {process.last_lines()}")
    top = psutil.Process(process.pid)
    total = 0.0
    for one in (top, *top.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # a backend that has just ended
            continue
        total += times.user + times.system
    return total
