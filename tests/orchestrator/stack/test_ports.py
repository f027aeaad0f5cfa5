"""Ports are handed out without a race: what was free when it was chosen is still free when its server binds it."""

import contextlib
import errno
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.stack import Postgres, StackProblem, Temporal, Valkey, ports
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.stack.ports import LOOPBACK, release_port, reserve_port
from orchestrator.stack.process import AddressTaken, Process

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ports cannot be held here")

RESERVES = """
import json, sys
from orchestrator.stack.ports import reserve_port
print(json.dumps([reserve_port() for _ in range(100)]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir(servers_dir: Path, request: pytest.FixtureRequest) -> Path:
    folder = servers_dir.parent / f"ports-{request.node.callspec.id if hasattr(request.node, 'callspec') else 'one'}"
    make_data_dir(folder)
    return folder


@pytest.fixture
def stranger() -> Iterator[int]:
    """A port on which somebody else's server listens."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


@on_linux
class TestAReservedPort:
    def test_is_refused_to_a_connection_going_out(self) -> None:
        """What took Temporal's port: a client's end of some connection, which the system gives any free number."""
        port = reserve_port()
        with socket.socket() as client, pytest.raises(OSError, match="in use") as refused:
            client.bind((LOOPBACK, port))
        assert refused.value.errno == errno.EADDRINUSE
        release_port(port)
        with socket.socket() as client:
            client.bind((LOOPBACK, port))

    def test_is_there_for_the_server_that_it_was_reserved_for_as_often_as_it_starts(self) -> None:
        port = reserve_port()
        for _ in range(2):
            with socket.create_server((LOOPBACK, port)), socket.create_connection((LOOPBACK, port)) as client:
                assert client.getpeername()[1] == port
        release_port(port)

    def test_is_given_to_one_process_only(self) -> None:
        with contextlib.ExitStack() as stack:
            processes = [
                stack.enter_context(
                    subprocess.Popen([sys.executable, "-c", RESERVES], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                )
                for _ in range(2)
            ]
            given: list[int] = []
            for process in processes:
                assert process.stdout
                given += json.loads(process.stdout.readline())
            assert len(given) == len(set(given)) == 200

    def test_that_somebody_listens_on_cannot_be_reserved(self, stranger: int) -> None:
        with pytest.raises(OSError, match="in use"):
            reserve_port(stranger)


@pytest.mark.parametrize("kind", ["postgres", "valkey", "temporal"])
def test_a_server_whose_port_was_taken_meanwhile_starts_on_another(
    data_dir: Path, stranger: int, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Where a port cannot be held, or somebody names it: the choice is a port that is taken by the time it is used."""
    answers = [stranger]
    reserve = ports.reserve_port
    for module in ("ports", "temporal"):
        monkeypatch.setattr(
            f"orchestrator.stack.{module}.reserve_port",
            lambda port=0: answers.pop() if answers and not port else reserve(port),
        )
    server: Postgres | Valkey | Temporal
    if kind == "postgres":
        server = Postgres(data_dir, account=server_account(data_dir), durable=False)
    elif kind == "valkey":
        server = Valkey(data_dir, durable=False)
    else:
        server = Temporal(data_dir, port=0, ui_port=None, in_memory=True)
    server.start()
    try:
        assert server.port == stranger
        server.wait()
        assert server.port != stranger
        assert server.ready()
    finally:
        server.stop()


def test_a_server_on_a_port_that_the_operator_chose_says_that_it_is_taken(data_dir: Path, stranger: int) -> None:
    server = Temporal(data_dir, port=stranger, ui_port=None, in_memory=True)
    server.start()
    with pytest.raises(StackProblem, match=f"port {stranger}.*address already in use"):
        server.process.wait_until(lambda: False, 60)


def test_only_what_ended_for_its_address_is_started_again(tmp_path: Path) -> None:
    process = Process(name="server", run_dir=tmp_path, log=tmp_path / "log", mark="x")
    process.start([sys.executable, "-c", "raise SystemExit('bind: Address already in use')"])
    with pytest.raises(AddressTaken):
        process.wait_until(lambda: False, 60)
    process.start([sys.executable, "-c", "raise SystemExit('no such thing')"])
    with pytest.raises(StackProblem, match="no such thing") as ended:
        process.wait_until(lambda: False, 60)
    assert not isinstance(ended.value, AddressTaken)
