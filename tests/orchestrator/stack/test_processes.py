"""The embedded servers and the leash: what survives, what dies, what is left alone."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator.stack import Account, Postgres, Process, StackProblem, Temporal, Valkey, account
from orchestrator.stack import temporal as temporal_module
from orchestrator.stack.account import can_reach, make_data_dir, reachable_copy, reachable_folder, server_account
from orchestrator.stack.ports import choose_port, port_is_free, release_port, reserve_port
from tests.waiting import PATIENCE, until_true

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")

# Starts a sleeper on a leash, says its process id, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from orchestrator.stack import Process
folder = Path(sys.argv[1])
child = Process(name="sleeper", run_dir=folder, log=folder / "log", mark="time.sleep")
child.start([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def data_dir(servers_dir: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder of this test's own, where the servers' user can reach it."""
    folder = servers_dir.parent / str(request.node.name)
    make_data_dir(folder)
    return folder


def sleeper(folder: Path, name: str = "sleeper") -> Process:
    process = Process(name=name, run_dir=folder, log=folder / "log", mark="time.sleep", stop_seconds=5)
    process.start([sys.executable, "-c", "import time; time.sleep(60)"])
    return process


def gone(pid: int, seconds: float = PATIENCE) -> bool:
    """Whether the process ends within that time; a zombie has ended."""

    def ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return until_true(ended, f"process {pid} ends", seconds)


def killed_parent(folder: Path) -> int:
    """Process id of a leashed process whose parent has just been killed."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    return pid


class TestAProcessOnItsLeash:
    def test_dies_when_its_parent_is_killed(self, tmp_path: Path) -> None:
        assert gone(killed_parent(tmp_path))

    def test_stops_and_is_forgotten(self, tmp_path: Path) -> None:
        process = sleeper(tmp_path)
        pid = process.pid
        assert pid is not None
        process.stop()
        assert gone(pid, 0.1)
        assert not (tmp_path / "sleeper.json").exists()

    def test_is_killed_when_it_does_not_listen(self, tmp_path: Path) -> None:
        process = Process(name="deaf", run_dir=tmp_path, log=tmp_path / "log", mark="x", stop_seconds=0.2)
        deaf = (
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); signal.sigwait([1])"
        )
        process.start([sys.executable, "-c", deaf])
        process.wait_until(lambda: "on" in process.last_lines(), 10)
        process.stop()
        assert process.exit_code() == -signal.SIGKILL

    def test_left_over_from_a_killed_run_is_recognised_and_stopped(self, tmp_path: Path) -> None:
        first = sleeper(tmp_path)
        pid = first.pid
        assert pid is not None
        second = Process(name="sleeper", run_dir=tmp_path, log=tmp_path / "log", mark="time.sleep")
        assert second.leftover() is not None
        second.clear_leftover()
        assert gone(pid)
        first.stop()

    @pytest.mark.parametrize("note", ["another start", "another command", "nonsense"])
    def test_stranger_with_the_remembered_id_is_left_alone(self, tmp_path: Path, note: str) -> None:
        stranger = sleeper(tmp_path, "stranger")
        created = psutil.Process(stranger.pid).create_time() - (60 if note == "another start" else 0)
        text = "{" if note == "nonsense" else json.dumps({"pid": stranger.pid, "created": created})
        (tmp_path / "server.json").write_text(text)
        mark = "/some/other/folder" if note == "another command" else "time.sleep"
        Process(name="server", run_dir=tmp_path, log=tmp_path / "log", mark=mark).clear_leftover()
        assert stranger.running()
        stranger.stop()

    def test_that_fails_at_once_is_reported_with_its_last_words(self, tmp_path: Path) -> None:
        process = Process(name="server", run_dir=tmp_path, log=tmp_path / "log", mark="x")
        process.start([sys.executable, "-c", "raise SystemExit('no such thing')"])
        with pytest.raises(StackProblem, match="server did not start: no such thing"):
            process.wait_until(lambda: False, 20)

    @as_root
    def test_runs_as_the_account_it_was_given(self, tmp_path: Path) -> None:
        process = Process(
            name="id", run_dir=tmp_path, log=tmp_path / "log", mark="x", account=Account(uid=65534, gid=65534)
        )
        process.start(["/usr/bin/id", "-u"])
        process.wait_until(lambda: process.last_lines() == "65534", 10)
        process.stop()


class TestEmbeddedServers:
    def test_postgres_keeps_its_data_through_a_kill(self, data_dir: Path) -> None:
        server = Postgres(data_dir, account=server_account(data_dir))
        with running(server):
            with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
                connection.execute("CREATE TABLE kept AS SELECT '여정' AS name")
            server.process.kill()
            url = server.url
            server.start()
            server.wait()
            assert server.url == url, "clients keep the address they were given"
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                assert connection.execute("SELECT name FROM kept").fetchall() == [("여정",)]

    def test_postgres_asks_for_its_password(self, postgres_server: Postgres) -> None:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://sojourn:guess@127.0.0.1:{postgres_server.port}/postgres")

    def test_valkey_keeps_its_data_through_a_kill(self, data_dir: Path) -> None:
        server = Valkey(data_dir)
        with running(server):
            with redis.Redis.from_url(server.url) as client:
                client.set("kept", "yes")
            server.process.kill()
            server.start()
            server.wait()
            with redis.Redis.from_url(server.url) as client:
                assert client.get("kept") == b"yes"

    def test_valkey_asks_for_its_password(self, valkey_server: Valkey) -> None:
        with (
            redis.Redis(port=valkey_server.port, retry=Retry(NoBackoff(), 0)) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()

    def test_temporal_keeps_its_workflows_through_a_kill(self, data_dir: Path) -> None:
        server = Temporal(data_dir, port=reserve_port(), ui_port=None)
        with running(server):
            start_workflow(server, "kept")
            server.process.kill()
            server.start()
            server.wait()
            assert "kept" in temporal(server, "workflow", "describe", "--workflow-id", "kept").stdout

    def test_a_temporal_of_before_learns_the_search_attributes_that_came_later(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        every = dict(temporal_module.SEARCH_ATTRIBUTES)
        before = {name: kind for name, kind in every.items() if name != "SojournStep"}
        monkeypatch.setattr(temporal_module, "SEARCH_ATTRIBUTES", before)
        server = Temporal(data_dir, port=reserve_port(), ui_port=None)
        with running(server):
            assert "SojournStep" not in temporal(server, "operator", "search-attribute", "list").stdout
            server.stop()
            monkeypatch.setattr(temporal_module, "SEARCH_ATTRIBUTES", every)
            server.start()
            server.wait()
            assert "SojournStep" in temporal(server, "operator", "search-attribute", "list").stdout

    def test_temporal_knows_our_search_attributes_and_skips_time(self, temporal_server: Temporal) -> None:
        listed = temporal(temporal_server, "operator", "search-attribute", "list").stdout
        kinds = dict(line.split()[:2] for line in listed.splitlines() if line.strip().startswith("Sojourn"))
        assert kinds == {
            "SojournJourney": "Keyword",
            "SojournVersion": "Int",
            "SojournCustomer": "Keyword",
            "SojournStage": "Keyword",
            "SojournStep": "Keyword",
            "SojournProblem": "Keyword",
        }

    def test_a_port_is_kept_from_run_to_run_unless_it_is_taken(self, tmp_path: Path) -> None:
        first = choose_port(tmp_path, "server", 0)
        assert choose_port(tmp_path, "server", 0) == first
        assert choose_port(tmp_path, "server", 5) == 5
        release_port(first)  # as the end of the run does
        with socket.socket() as taker:
            taker.bind(("127.0.0.1", first))
            taker.listen()
            assert not port_is_free(first)
            assert choose_port(tmp_path, "server", 0) != first


class TestRootWithAClosedHome:
    """Root's home is 0700, and PostgreSQL does not run as root: the usual first try on a fresh Debian."""

    @pytest.fixture
    def closed_home(self, servers_dir: Path, request: pytest.FixtureRequest) -> Path:
        home = servers_dir.parent / f"home-{request.node.name}"
        home.mkdir(mode=0o700)
        return home

    @pytest.fixture(autouse=True)
    def system_folder(self, servers_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = servers_dir.parent / "var-lib-sojourn"
        monkeypatch.setattr(account, "SYSTEM_FOLDER", folder)
        return folder

    @as_root
    def test_postgres_runs_all_the_same_and_the_home_stays_closed(self, closed_home: Path, system_folder: Path) -> None:
        data_dir = closed_home / ".sojourn"
        make_data_dir(data_dir)
        server = Postgres(data_dir, account=server_account(data_dir), durable=False)
        with running(server), psycopg.connect(server.url.replace("+psycopg", "")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (data_dir / "postgres").readlink().parent == system_folder
        assert closed_home.stat().st_mode & 0o077 == 0

    @as_root
    def test_data_folder_made_anew_does_not_find_the_old_data(self, closed_home: Path) -> None:
        nobody = Account(65534, 65534)
        first = reachable_folder(closed_home / "postgres", nobody)
        assert reachable_folder(closed_home / "postgres", nobody) == first
        (closed_home / "postgres").unlink()
        assert reachable_folder(closed_home / "postgres", nobody) != first

    @as_root
    def test_binaries_out_of_reach_are_copied_once(self, closed_home: Path) -> None:
        nobody = Account(65534, 65534)
        (closed_home / "wheel" / "bin").mkdir(parents=True)
        (closed_home / "wheel" / "bin" / "server").write_text("#!")
        (closed_home / "wheel" / "bin" / "server").chmod(0o700)
        copy = reachable_copy(closed_home, ("wheel", "wheel.libs"), "wheel/bin/server", "1", nobody)
        assert can_reach(copy / "wheel/bin/server", nobody)
        assert reachable_copy(closed_home, ("wheel",), "wheel/bin/server", "1", nobody) == copy
        assert reachable_copy(closed_home, ("wheel",), "wheel/bin/server", "2", nobody) != copy

    def test_whoever_is_not_root_stays_who_they_are(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert server_account(tmp_path) is None
        assert reachable_folder(tmp_path / "postgres", None) == tmp_path / "postgres"


def start_workflow(server: Temporal, workflow_id: str) -> None:
    done = temporal(
        server, "workflow", "start", "--workflow-id", workflow_id, "--type", "waits", "--task-queue", "nobody-listens"
    )
    assert done.returncode == 0, done.stderr


def temporal(server: Temporal, *arguments: str) -> subprocess.CompletedProcess[str]:
    from orchestrator.stack.temporal import binary

    command = [str(binary()), *arguments, "--address", server.address]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


@contextlib.contextmanager
def running(server: Postgres | Valkey | Temporal) -> Iterator[None]:
    """Starts a server, waits for it, and stops it in any case."""
    server.start()
    try:
        server.wait()
        yield
    finally:
        server.stop()
