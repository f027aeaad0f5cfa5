"""One process of ours: started on a leash, remembered in a pid file, stopped in order, and recognised after a crash."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOG_BYTES = 20_000_000
LEASH = Path(__file__).with_name("leash.py")


class StackProblem(Exception):
    """Something on this machine keeps the stack from running. The message is one line that says what to do."""


class AddressTaken(StackProblem):
    """A process ended because somebody else has the address that it was to listen on."""


@dataclass(frozen=True)
class Account:
    """The system user that a server runs as."""

    uid: int
    gid: int


@dataclass
class Process:
    """A command that lives no longer than we do.

    `name` is unique within `run_dir`, where `<name>.json` remembers the process while it runs; `log` gets its output.
    `mark` is a text on its command line that only a process of this data folder carries: together with the time of its
    start it proves, after a crash of ours, that a process with the remembered id is a leftover and not a stranger.
    """

    name: str
    run_dir: Path
    log: Path
    mark: str
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 8.0
    account: Account | None = None
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _log_start: int = field(default=0, init=False)

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._popen.pid if self._popen and self.running() else None

    def pids(self) -> set[int]:
        """Process ids of the command: our own child's, and where that only guards it, those below."""
        if self.pid is None:
            return set()
        try:
            below = psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            below = []
        return {self.pid, *(process.pid for process in below)}

    def start(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start it, once any leftover of an earlier run is gone. Must be called from the main thread.

        The kernel ties the process to the *thread* that started it; a helper thread would take it along when it ends.
        """
        self.clear_leftover()
        user = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(self.stop_signal)), user]
        self._turn_log()
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                [*leash, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop our children in order
            )
        self._remember(self._popen.pid)

    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    def exit_code(self) -> int | None:
        """How it ended; negative for a signal, None while it runs or was never started."""
        return self._popen.poll() if self._popen else None

    def ask_to_stop(self) -> None:
        """Send the signal that ends it in good order, without waiting."""
        if self._popen and self.running():
            self._popen.send_signal(self.stop_signal)

    def stop(self) -> None:
        """End it: politely, then for good. Returns once it is gone. Does nothing when it does not run."""
        if self._popen is None:
            return
        self.ask_to_stop()
        try:
            self._popen.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it without warning: one that hangs would not hear any."""
        if self._popen:
            self._popen.kill()
            self._popen.wait()

    def last_lines(self, count: int = 3) -> str:
        """The end of its log, for a message about why it did not start."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return " | ".join(lines[-count:])

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Poll `ready` until it is true; `StackProblem` when the process ends or the time is over before that.

        `AddressTaken`, which is one, when it says that it ended for that reason.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running():
                problem = AddressTaken if "address already in use" in self._output().lower() else StackProblem
                raise problem(f"{self.name} did not start: {self.last_lines() or 'see ' + str(self.log)}")
            if time.monotonic() > deadline:
                raise StackProblem(f"{self.name} was not ready within {seconds:.0f} s; its log is {self.log}")
            time.sleep(0.03)

    def _output(self) -> str:
        """What it has written since it was started last."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def clear_leftover(self) -> None:
        """Stop what an earlier run left behind, when it is surely ours; forget the pid file in any case."""
        leftover = self.leftover()
        if leftover is not None:
            try:
                leftover.send_signal(self.stop_signal)
                leftover.wait(self.stop_seconds)
            except psutil.TimeoutExpired:
                leftover.kill()
                leftover.wait(self.stop_seconds)
            except psutil.NoSuchProcess:
                pass
        self._pid_file.unlink(missing_ok=True)

    def leftover(self) -> psutil.Process | None:
        """The process that the pid file speaks of, if it still runs and is the very one that was started."""
        try:
            noted = json.loads(self._pid_file.read_text())
            process = psutil.Process(noted["pid"])
            same_start = abs(process.create_time() - noted["created"]) < 1.0
            ours = same_start and any(self.mark in argument for argument in _command_line(process))
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return process if ours else None

    def _turn_log(self) -> None:
        """Begin a new log once it is large, keeping one old one."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    @property
    def _pid_file(self) -> Path:
        return self.run_dir / f"{self.name}.json"

    def _remember(self, pid: int) -> None:
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        self._pid_file.write_text(json.dumps({"pid": pid, "created": created}))


def _command_line(process: psutil.Process) -> list[str]:
    """Its arguments; none for a zombie. A process that is just becoming another has none for a moment, so ask again."""
    for _ in range(20):
        if process.status() == psutil.STATUS_ZOMBIE:
            return []
        arguments = process.cmdline()
        if arguments:
            return arguments
        time.sleep(0.01)
    return []
