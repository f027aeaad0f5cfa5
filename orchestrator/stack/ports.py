"""TCP ports on loopback: which are free, and which one a server of this data folder had last time."""

import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def port_is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # A port whose last connections are still fading away is free: servers set this option too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on, of those that the system gives out."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def choose_port(data_dir: Path, server: str, wanted: int) -> int:
    """`wanted`, or, if that is 0, the port that this data folder's server had last time, or else a free one to be kept.

    Clients that an operator points at it (psql, a dashboard) keep working from day to day.
    """
    if wanted:
        return wanted
    file = data_dir / "run" / "ports.json"
    try:
        ports = json.loads(file.read_text())
    except (OSError, ValueError):
        ports = {}
    port = ports.get(server)
    if isinstance(port, int) and port_is_free(port):
        return port
    ports[server] = free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(ports))
    return int(ports[server])
