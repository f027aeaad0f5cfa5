"""`sojourn run` as a person meets it: real servers and signals, stand-ins for our own processes (see stand_ins.py)."""

import contextlib
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from orchestrator.stack import Temporal, Valkey
from orchestrator.stack.ports import reserve_port
from tests.waiting import until_true

STAND_INS = Path(__file__).with_name("stand_ins.py")
ROOT = STAND_INS.parents[3]
ALL = {"postgres", "valkey", "temporal", "worker", "router", "api", "demo"}


@dataclass
class Run:
    """A running `sojourn run`, and everything it has said so far."""

    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    said: list[str] = field(default_factory=list)

    def until(self, text: str) -> str:
        """Read on to a line that contains `text`."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if text in line:
                return line.rstrip()
        raise AssertionError(f"never said {text!r}: {self.said}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(number)
        assert self.process.stdout
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait(20)

    def pid(self, name: str) -> int:
        return int(json.loads((self.data_dir / "run" / f"{name}.json").read_text())["pid"])

    def pids(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in ALL:
            with contextlib.suppress(FileNotFoundError):
                found[name] = self.pid(name)
        return found


@pytest.fixture
def environment(servers_dir: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a run in a folder of its own, on ports that are free."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        # Brackets, a space and Hangul: names that people give to folders, and that servers have misread.
        "SOJOURN_DATA_DIR": str(servers_dir.parent / f"[여정] {request.node.name}"),
        "SOJOURN_PORT": str(reserve_port()),
        "SOJOURN_TEMPORAL_PORT": str(reserve_port()),
        "SOJOURN_TEMPORAL_UI_PORT": str(reserve_port()),
    }


@contextlib.contextmanager
def started(environment: dict[str, str]) -> Iterator[Run]:
    """Start it; whatever the test does, it is gone afterwards, and its children with it."""
    process = subprocess.Popen(
        [sys.executable, str(STAND_INS), "run"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    with process.stdout:
        try:
            yield Run(process, Path(environment["SOJOURN_DATA_DIR"]), int(environment["SOJOURN_PORT"]))
        finally:
            process.kill()
            process.wait()


def fails(environment: dict[str, str]) -> str:
    """What a run that cannot start says: one line, exit code 2, and nothing left running."""
    with started(environment) as run:
        assert run.process.stdout
        lines = run.process.stdout.read().splitlines()
        assert run.process.wait(20) == 2
        assert len(lines) == 1, lines
        return lines[0]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def dsn(ready: str) -> str:
    return ready.split()[1].replace("+psycopg", "")


def test_starts_everything_and_ctrl_c_stops_it_and_only_that(environment: dict[str, str]) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with started(environment) as run:
        ready = run.until("READY")
        until_true(lambda: set(run.pids()) == ALL)
        pids = run.pids()
        connection = http.client.HTTPConnection("127.0.0.1", run.port)
        connection.request("GET", "/")
        assert connection.getresponse().read().decode() == ready.split()[1], "a child is told where the database is"
        connection.close()
        began = time.monotonic()
        assert run.end() == 0
        assert time.monotonic() - began < 10
        assert not [name for name, pid in pids.items() if alive(pid)]
        assert "stopping…" in run.said
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_data_survives_a_restart_and_the_demo_clock_may_be_chosen(environment: dict[str, str]) -> None:
    with started(environment) as run:
        ready = run.until("READY")
        assert ready.endswith(" 20"), "a day passes in 20 seconds unless a setting says otherwise"
        with psycopg.connect(dsn(ready)) as connection:
            connection.execute("CREATE TABLE kept (name text)")
        assert run.end(signal.SIGTERM) == 0
    with started(environment | {"SOJOURN_DAY_SECONDS": "86400", "SOJOURN_DEMO": "0"}) as run:
        ready = run.until("READY")
        assert ready.endswith(" 86400")
        with psycopg.connect(dsn(ready)) as connection:
            assert connection.execute("SELECT * FROM kept").fetchall() == []
        assert "demo" not in run.pids()
        run.end()


def test_after_a_sigkill_nothing_is_left_and_the_next_run_starts(environment: dict[str, str]) -> None:
    with started(environment) as run:
        run.until("READY")
        until_true(lambda: set(run.pids()) == ALL)
        pids = run.pids()
        run.process.kill()
        run.process.wait()
    with started(environment) as run:
        run.until("READY")
        assert not [name for name, pid in pids.items() if alive(pid)]
        run.end()


def test_what_is_killed_is_started_again_at_the_same_address(environment: dict[str, str]) -> None:
    with started(environment) as run:
        ready = run.until("READY")
        for victim in ("worker", "temporal", "postgres"):
            before = run.pid(victim)
            os.kill(before, signal.SIGKILL)
            line = run.until(f"{victim} ended")
            assert "SIGKILL" in line
            assert f"{victim}.log" in line
            until_true(functools.partial(restarted, run, victim, before))
        until_true(lambda: answers_sql(dsn(ready)))
        assert run.end() == 0


def test_several_of_a_kind_are_kept_alive_each_by_itself_and_none_is_left_behind(environment: dict[str, str]) -> None:
    names = ("router", "router 2", "router 3", "worker", "worker 2")
    with started(environment | {"TEST_ROUTERS": "3", "TEST_WORKERS": "2"}) as run:
        run.until("READY")
        pids = {name: run.pid(name) for name in names}
        assert len(set(pids.values())) == 5
        os.kill(pids["router 2"], signal.SIGKILL)
        assert "router 2.log" in run.until("router 2 ended")
        until_true(lambda: restarted(run, "router 2", pids["router 2"]))
        pids |= {"router 2": run.pid("router 2")}
        assert {name: run.pid(name) for name in names} == pids, "no other is touched"
        run.process.kill()
        run.process.wait()
    with started(environment) as run:  # fewer this time: what was left behind is ended all the same
        run.until("READY")
        assert not [name for name, pid in pids.items() if alive(pid)]
        assert not (run.data_dir / "run" / "router 2.json").exists()
        assert run.end() == 0


def restarted(run: Run, name: str, before: int) -> bool:
    try:
        pid = run.pid(name)
    except FileNotFoundError:  # it has ended, and is not started again yet
        return False
    return pid != before and alive(pid)


def answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_servers_that_settings_name_are_used_instead_of_embedded_ones(
    environment: dict[str, str], database_url: str, valkey_server: Valkey, temporal_server: Temporal
) -> None:
    named = {
        "SOJOURN_DATABASE_URL": database_url.replace("+psycopg", ""),
        "SOJOURN_REDIS_URL": valkey_server.url,
        "SOJOURN_TEMPORAL_ADDRESS": temporal_server.address,
    }
    with started(environment | named) as run:
        ready = run.until("READY")
        assert ready.split()[1:4] == [database_url, valkey_server.url, temporal_server.address]
        assert not (run.data_dir / "postgres").exists()
        run.end()
    assert valkey_server.ready()


@pytest.mark.parametrize("setting", ["SOJOURN_PORT", "SOJOURN_TEMPORAL_PORT", "SOJOURN_TEMPORAL_UI_PORT"])
def test_taken_port_is_one_line_that_names_the_setting(environment: dict[str, str], setting: str) -> None:
    with socket.create_server(("127.0.0.1", int(environment[setting]))):
        line = fails(environment)
    assert line.startswith(f"sojourn: port {environment[setting]} is taken")
    assert line.endswith(f"choose another with {setting}.")


def test_port_named_twice_is_one_line(environment: dict[str, str]) -> None:
    line = fails(environment | {"SOJOURN_TEMPORAL_UI_PORT": environment["SOJOURN_PORT"]})
    assert "SOJOURN_PORT and SOJOURN_TEMPORAL_UI_PORT name the same port" in line


def test_folder_that_cannot_be_written_is_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    line = fails(environment | {"SOJOURN_DATA_DIR": str(tmp_path / "file" / "data")})
    assert line.startswith(f"sojourn: cannot write to {tmp_path / 'file' / 'data'}")
    assert "SOJOURN_DATA_DIR" in line


def test_wrong_setting_is_one_line(environment: dict[str, str]) -> None:
    line = fails(environment | {"SOJOURN_HOST": "0.0.0.0"})
    assert line.startswith("sojourn: SOJOURN_HOST is 0.0.0.0, reachable from other machines")


def test_second_run_on_the_same_folder_is_refused_and_harms_nothing(environment: dict[str, str]) -> None:
    with started(environment) as run:
        run.until("READY")
        others = {name: str(reserve_port()) for name in environment if name.endswith("_PORT")}
        assert f"(process {run.process.pid})" in fails(environment | others)
        assert all(alive(pid) for pid in run.pids().values())
        assert run.end() == 0
