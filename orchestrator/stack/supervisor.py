"""`sojourn run`: the whole of Sojourn on one machine, from an empty folder to a moving demo, and back down in order.

Everything it starts is its own child, on a leash (see `leash.py`): ending it, in whatever way, ends all of it and
nothing else. What dies is started again with growing pauses, servers included; what they hold is durable, so nothing
is lost.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from pydantic import SecretStr

from orchestrator.data_folder import kept_secret, running_file
from orchestrator.settings import Settings, kept_keys, write_running
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.stack.postgres import Postgres
from orchestrator.stack.preflight import check_ports, lock_data_dir
from orchestrator.stack.process import Process, StackProblem
from orchestrator.stack.temporal import Temporal
from orchestrator.stack.valkey import Valkey
from orchestrator.store.heartbeats import living_pids

DEMO_DAY_SECONDS = 20.0
READY_SECONDS = 90.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0

Say = Callable[[str], None]
Start = Callable[[], None]


class Server(Protocol):
    """What the supervisor needs of an embedded server."""

    name: str
    process: Process

    def start(self) -> None: ...
    def wait(self) -> None: ...
    def stop(self) -> None: ...


class Stopped(BaseException):
    """A signal asked us to end. Not an `Exception`: nothing on the way up may swallow it."""


@dataclass
class Watched:
    """A process to be kept alive: how to start it, and how often it has failed lately."""

    process: Process
    start: Start
    may_finish: bool = False
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    start_again_at: float | None = None

    def look(self, now: float, say: Say) -> None:
        """Notice that it died, and start it again when its pause is over."""
        if self.start_again_at is not None:
            if now >= self.start_again_at:
                self.start_again_at = None
                self.started_at = now
                self.start()
            return
        if self.process.running():
            return
        code = self.process.exit_code()
        if self.may_finish and code == 0:
            return
        if now - self.started_at > STEADY_SECONDS:
            self.failures = 0
        pause = min(2.0**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.start_again_at = now + pause
        say(f"{self.process.name} ended ({how(code)}); starting it again in {pause:.0f} s. Its log: {self.process.log}")


def process_command(name: str) -> list[str]:
    """The command line of one of our own processes."""
    return [sys.executable, "-m", "orchestrator.cli", name]


def kind_of(name: str) -> str:
    """The kind of a process: `router 2` is a router."""
    return name.partition(" ")[0]


LISTEN_EVERY = 5.0
"""Seconds between two looks for processes that hang."""
BEATING = ("router", "worker", "api")
"""Kinds of processes that give signs of life; an API that is the only one is asked for one instead."""
KINDS = ("worker", "router", "api", "demo")
"""Of our own processes, in the order in which they start."""


class Supervisor:
    """One run, with settings from the environment alone: what a data folder remembers may be of a run that was killed.

    `say` receives every line meant for the person at the terminal; `command` names our own processes; `counts`: how
    many of a kind, where it is not one.
    """

    def __init__(
        self,
        settings: Settings,
        say: Say,
        command: Callable[[str], Sequence[str]] = process_command,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        self._counts = dict(counts or {})
        self._say = say
        self._command = command
        self._watched: list[Watched] = []
        self._servers: list[Server] = []
        self._services: dict[str, Process] = {}
        self._unanswered_since: float | None = None
        clock = settings.day_seconds or DEMO_DAY_SECONDS
        shared = self._counts.get("api", 1) > 1
        self.settings = settings.model_copy(update={"day_seconds": clock, "share_port": settings.share_port or shared})

    def run(self, ready: Callable[[Settings], None]) -> None:
        """Start all, call `ready` once, keep all alive until a signal comes, stop all. `StackProblem` if that fails."""
        make_data_dir(self.settings.data_dir)
        with lock_data_dir(self.settings.data_dir), _signals_raise():
            try:
                self._keep_secrets()
                self._clear_leftovers()
                check_ports(self.settings)
                self._start_servers()
                self._migrate()
                for kind in ("worker", "router", "api"):
                    for name in self._names(kind):
                        self._start_service(name)
                self._wait_until_ready()
                if self.settings.demo:
                    self._start_service("demo", may_finish=True)
                ready(self.settings)
                self._watch()
            except Stopped:
                self._say("stopping…")
            finally:
                _ignore_signals()
                self._stop()

    def _keep_secrets(self) -> None:
        """One secret key, admin token and write keys for all processes, made before there are several."""
        found = {
            name: SecretStr(key) if name == "admin_token" else key for name, key in kept_keys(self.settings).items()
        }
        if not self.settings.secret_key.get_secret_value():
            found["secret_key"] = SecretStr(kept_secret(self.settings.data_dir, "secret-key"))
        self.settings = self.settings.model_copy(update=found)

    def _clear_leftovers(self) -> None:
        """What an earlier run left behind, killed before it could tidy up, may still hold our ports."""
        for kind in reversed(KINDS):
            kept = (file.stem for file in (self.settings.data_dir / "run").glob(f"{kind} *.json"))
            for name in {*self._names(kind), *kept}:
                self._process(name).clear_leftover()
        self._servers = self._embedded()
        for server in self._servers:
            server.process.clear_leftover()

    def _embedded(self) -> list[Server]:
        """The servers that no setting names, the slowest to start first."""
        settings, data_dir = self.settings, self.settings.data_dir
        servers: list[Server] = []
        if not settings.temporal_address:
            servers.append(Temporal(data_dir, port=settings.temporal_port, ui_port=settings.temporal_ui_port))
        if not settings.redis_url:
            servers.append(Valkey(data_dir, port=settings.valkey_port))
        if not settings.database_url:
            servers.append(Postgres(data_dir, port=settings.postgres_port, account=server_account(data_dir)))
        return servers

    def _start_servers(self) -> None:
        found: dict[str, str] = {}
        for server in self._servers:
            server.start()
            self._watched.append(Watched(server.process, server.start))
        for server in reversed(self._servers):
            server.wait()
            self._say(f"{server.name} is up")
            found |= _address(server)
        self.settings = self.settings.model_copy(update=found)
        write_running(self.settings)

    def _migrate(self) -> None:
        done = subprocess.run(
            self._command("migrate"), env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise StackProblem(f"the database could not be migrated: {' '.join(last) or 'no reason given'}")

    def _names(self, kind: str) -> list[str]:
        """Of the processes of a kind: the first is called as the kind is."""
        return [kind, *(f"{kind} {number}" for number in range(2, self._counts.get(kind, 1) + 1))]

    def _process(self, name: str) -> Process:
        data_dir, kind = self.settings.data_dir, kind_of(name)
        return Process(
            name=name,
            run_dir=data_dir / "run",
            log=data_dir / "logs" / f"{name}.log",
            mark=self._command(kind)[-2],
            stop_seconds=6.0 if kind == "worker" else 3.0,  # the worker lets running activities finish: 4 s
        )

    def _start_service(self, name: str, *, may_finish: bool = False) -> None:
        process = self._services[name] = self._process(name)

        def start() -> None:
            process.start(self._command(kind_of(name)), self._environment())

        start()
        self._watched.append(Watched(process, start, may_finish))

    def _environment(self) -> dict[str, str]:
        """Our own environment, with what was decided here: the same for every child, whatever its working directory."""
        settings = self.settings
        return os.environ | {
            "SOJOURN_DATA_DIR": str(settings.data_dir),
            "SOJOURN_DATABASE_URL": settings.database_url,
            "SOJOURN_REDIS_URL": settings.redis_url,
            "SOJOURN_TEMPORAL_ADDRESS": settings.temporal_address,
            "SOJOURN_SECRET_KEY": settings.secret_key.get_secret_value(),
            "SOJOURN_ADMIN_TOKEN": settings.admin_token.get_secret_value(),
            "SOJOURN_WRITE_KEYS": ",".join(settings.write_keys),
            "SOJOURN_BROWSER_KEYS": ",".join(settings.browser_keys),
            "SOJOURN_DAY_SECONDS": str(settings.day_seconds),
            "SOJOURN_SHARE_PORT": "1" if settings.share_port else "0",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.settings, "/readyz"):
            if time.monotonic() > deadline:
                raise StackProblem(
                    f"not ready within {READY_SECONDS:.0f} s; the logs in {self.settings.data_dir / 'logs'} say why."
                )
            self._look()
            time.sleep(0.1)

    def _watch(self) -> None:
        listened = time.monotonic()
        while True:
            self._look()
            if time.monotonic() - listened > min(LISTEN_EVERY, self.settings.silent_after / 3):
                listened = time.monotonic()
                self._replace_silent(listened)
            time.sleep(0.25)

    def _replace_silent(self, now: float) -> None:
        """End a process of ours that is there and says nothing: it hangs. Like any that ends, it is started again."""
        patience = self.settings.silent_after
        settled = [one for one in self._watched if one.process.running() and now - one.started_at > patience]
        asked = not self.settings.share_port
        kinds = [kind for kind in BEATING if not (asked and kind == "api")]
        beating = [one for one in settled if kind_of(one.process.name) in kinds]
        living = living_pids(self.settings.database_url, patience, kinds) if beating else None
        silent = [one for one in beating if living is not None and living.isdisjoint(one.process.pids())]
        silent += [one for one in settled if asked and one.process.name == "api" and self._api_is_silent(now)]
        for one in silent:
            self._say(f"{one.process.name} has given no sign of life for {patience:.0f} s; replacing it")
            one.process.kill()
            self._unanswered_since = None

    def _api_is_silent(self, now: float) -> bool:
        """Whether it has answered nothing for so long, each time that it was asked."""
        if answers(self.settings, "/healthz"):
            self._unanswered_since = None
            return False
        self._unanswered_since = now if self._unanswered_since is None else self._unanswered_since
        return now - self._unanswered_since >= self.settings.silent_after

    def _look(self) -> None:
        for watched in self._watched:
            watched.look(time.monotonic(), self._say)

    def _stop(self) -> None:
        """Those who bring work in first, then those who do it, then the servers they talk to."""
        running_file(self.settings.data_dir).unlink(missing_ok=True)
        for group in (("demo", "api"), ("router", "worker")):
            stop_together([process for name, process in self._services.items() if kind_of(name) in group])
        temporal = [server.process for server in self._servers if isinstance(server, Temporal)]
        stop_together(temporal)
        stop_together([server.process for server in self._servers if server.process not in temporal])


def stop_together(processes: Sequence[Process]) -> None:
    """Ask all of them at once, then wait for each."""
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.stop()


def how(code: int | None) -> str:
    """An exit code as a person reads it."""
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def answers(settings: Settings, path: str) -> bool:
    """Whether the API answers 200 there now."""
    host = "127.0.0.1" if settings.host in {"localhost", "0.0.0.0"} else settings.host  # noqa: S104 - only compared
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _address(server: Server) -> dict[str, str]:
    """The setting that a server's address answers."""
    if isinstance(server, Temporal):
        return {"temporal_address": server.address}
    if isinstance(server, Valkey):
        return {"redis_url": server.url}
    if isinstance(server, Postgres):
        return {"database_url": server.url}
    raise TypeError(f"no setting for {server.name}")


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Within, the signals that end a program unwind it instead, from wherever it is."""

    def unwind(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, unwind) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """While stopping: a second Ctrl-C must not cut the servers off half-way. It takes ten seconds at most."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
