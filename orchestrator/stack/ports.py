"""TCP ports on loopback: handed out without a race, and the same for a data folder from run to run.

A port that is only looked up can be taken before its server binds it: the system gives the same numbers to every
outgoing connection. So a port that is handed out here is held: this process keeps a socket bound to it, which does not
listen. On Linux nobody is then given that port any more, while a server that names it and sets SO_REUSEADDR (all of
ours do) may listen there. Elsewhere a second bind would be refused, so there it is let go at once, and a server whose
port was taken meanwhile is started again on another one (`start_and_wait`).
"""

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from orchestrator.stack.process import AddressTaken

LOOPBACK = "127.0.0.1"
MOST_STARTS = 5
"""How often a server is started that finds its address taken."""

_held: dict[tuple[str, int], socket.socket] = {}


def reserve_port(port: int = 0, host: str = LOOPBACK) -> int:
    """Hold a port for a server that this process is going to start, until the process ends; 0 takes any free one.

    `OSError` when somebody listens on it. Reserving a port again that is held already changes nothing.
    """
    if (host, port) in _held:
        return port
    holder = _bound(port, host)
    port = int(holder.getsockname()[1])
    if sys.platform.startswith("linux"):
        _held[host, port] = holder
    else:
        holder.close()
    return port


def release_port(port: int, host: str = LOOPBACK) -> None:
    """Let go of a reserved port. Does nothing when it is not held."""
    holder = _held.pop((host, port), None)
    if holder is not None:
        holder.close()


def port_is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    try:
        _bound(port, host).close()
    except OSError:
        return False
    return True


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def choose_port(data_dir: Path, server: str, wanted: int) -> int:
    """`wanted`, or, if that is 0, the port that this data folder's server had last time, or else a free one to be kept.

    Clients that an operator points at it (psql, a dashboard) keep working from day to day. The port is reserved.
    """
    if wanted:
        return wanted
    file = data_dir / "run" / "ports.json"
    try:
        ports = json.loads(file.read_text())
    except (OSError, ValueError):
        ports = {}
    port = ports.get(server)
    if isinstance(port, int):
        try:
            return reserve_port(port)
        except OSError:
            pass  # somebody else has it now
    ports[server] = reserve_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(ports))
    return int(ports[server])


def start_and_wait(wait: Callable[[], None], start_elsewhere: Callable[[], None]) -> None:
    """Wait for a server that was started; where it ended because an address was taken, start it again.

    `start_elsewhere` chooses another port, where the port is ours to choose, and starts the server.
    """
    for _ in range(MOST_STARTS - 1):
        try:
            return wait()
        except AddressTaken:
            start_elsewhere()
    return wait()


def _bound(port: int, host: str) -> socket.socket:
    """A socket that is bound and does not listen; `OSError` when somebody listens there."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # A port whose last connections are still fading away is free: servers set this option too.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
