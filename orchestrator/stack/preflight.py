"""What is checked before anything starts: one clear line that says what to do, instead of a log to read."""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from orchestrator.settings import PREFIX, Settings
from orchestrator.stack.ports import LOOPBACK, listens, port_is_free, reserve_port
from orchestrator.stack.process import StackProblem


def lock_data_dir(data_dir: Path) -> IO[str]:
    """Hold the data folder for this run; the lock goes when the returned file is closed, or we are killed."""
    lock = (data_dir / "run" / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise StackProblem(
            f"Sojourn runs already on {data_dir} (process {holder}): stop that one, "
            "or name another folder with SOJOURN_DATA_DIR."
        ) from None
    lock.truncate(0)
    lock.write(str(psutil.Process().pid))
    lock.flush()
    return lock


def check_ports(settings: Settings) -> None:
    """`StackProblem` for the first port that is needed here and taken. The others stay reserved for the servers."""
    needed = {"port": settings.port}
    if not settings.temporal_address:
        needed |= {"temporal_port": settings.temporal_port, "temporal_ui_port": settings.temporal_ui_port}
    if not settings.database_url and settings.postgres_port:
        needed["postgres_port"] = settings.postgres_port
    if not settings.redis_url and settings.valkey_port:
        needed["valkey_port"] = settings.valkey_port
    _check_different(needed)
    for name, port in needed.items():
        host = settings.host if name == "port" else LOOPBACK
        if not _reserved(port, host):
            raise StackProblem(
                f"port {port} is taken{_by(port)}: stop what uses it, or choose another with {PREFIX}{name.upper()}."
            )


def _check_different(ports: dict[str, int]) -> None:
    """Two settings that name one port: the second server would fail with a puzzling message of its own."""
    seen: dict[int, str] = {}
    for name, port in ports.items():
        other = seen.setdefault(port, name)
        if other != name:
            raise StackProblem(
                f"{PREFIX}{other.upper()} and {PREFIX}{name.upper()} name the same port {port}: give each its own."
            )


def _reserved(port: int, host: str) -> bool:
    """Free on our address, and nobody answers there: some systems let two servers bind side by side. Then held."""
    host = "" if host == "localhost" else host
    if not port_is_free(port, host) or listens(port):
        return False
    try:
        reserve_port(port, host)
    except OSError:
        return False
    return True


def _by(port: int) -> str:
    """Who uses it, where the system tells us."""
    return _quietly(lambda: _owner(port))


def _owner(port: int) -> str:
    for connection in psutil.net_connections("tcp"):
        local_port = connection.laddr[1] if connection.laddr else None
        if connection.status == psutil.CONN_LISTEN and local_port == port and connection.pid:
            return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def _quietly(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except (psutil.Error, OSError):
        return ""
