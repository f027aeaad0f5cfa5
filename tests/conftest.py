"""Real servers for the tests: PostgreSQL, Valkey and Temporal from their wheels, once a session, in a scratch folder.

A test asks for what it needs by name, and pays for nothing else:

- `database_url`   an empty, migrated database of its own (a copy of a template: some 30 ms in memory)
- `redis_url`      an empty Valkey
- `temporal_client`  a client of a real Temporal server, whose time can be skipped; use a task queue of your own
- `settings`       the three of them as `Settings`

The servers are on a leash: they die with the test process, however that ends.
"""

import contextlib
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import redis
from hypothesis import HealthCheck
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.accounts import passwords
from orchestrator.settings import PREFIX, Settings
from orchestrator.stack import Postgres, Temporal, Valkey
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.store import migrate
from tests.examples import LONG, examples

TEMPLATE = "migrated"
FOLDER_PREFIX = "sojourn-test-"
MEMORY_WANTED = 4 * 2**30
"""Bytes free in /dev/shm, so that four workers' servers, with their logs, are sure of room."""

# CI is to fail for what changed, not for what was drawn; whoever develops draws anew each time, and finds more.
# A busy machine draws and runs slowly, and that is nobody's fault: how long an example takes is measured in `bench/`.
hypothesis.settings.register_profile(
    "short", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
_SHORT = hypothesis.settings.get_profile("short")
hypothesis.settings.register_profile("ci", _SHORT, derandomize=True)
hypothesis.settings.register_profile("long", _SHORT, max_examples=100, print_blob=True)
hypothesis.settings.load_profile("long" if LONG else "ci" if os.environ.get("CI") else "short")

# A developer's own settings must not decide how a test ends.
for _name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[_name]


def pytest_configure(config: pytest.Config) -> None:
    """Nothing that collecting makes is garbage: looking through it again and again takes a quarter of that time."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected stays to the end: no later search for garbage looks through it."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is `long` is left to `make test-long`; what is slow begins first, so that nobody waits for it alone."""
    if not LONG:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes of passwords at the least cost: a real one takes 0.3 s of a core, on purpose, and tests sign in often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
        yield


@pytest.fixture(scope="session")
def servers_dir() -> Iterator[Path]:
    """The data folder of this session's servers, where every user can reach it.

    In memory where there is room: on a disk, a copy of the migrated database costs eight times as much (462 files).
    """
    folder = _memory_folder() or Path(tempfile.gettempdir())
    _remove_what_killed_sessions_left(folder)
    outer = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=folder))
    outer.chmod(0o711)
    make_data_dir(outer / "data")
    yield outer / "data"
    shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(servers_dir: Path) -> Iterator[Postgres]:
    """A PostgreSQL server without durability: fast, and gone afterwards."""
    server = Postgres(servers_dir, account=server_account(servers_dir), durable=False)
    with _running(server):
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Postgres) -> str:
    """URL of the server's maintenance database, for tests that make their own databases."""
    return postgres_server.url_of("postgres")


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> str:
    """Name of a database with every migration applied, to be copied."""
    with _admin(postgres_server) as connection:
        connection.execute(f'CREATE DATABASE "{TEMPLATE}"')
    migrate.upgrade(postgres_server.url_of(TEMPLATE))
    with _admin(postgres_server) as connection:
        # PostgreSQL copies only a database that nobody is connected to.
        connection.execute(f'ALTER DATABASE "{TEMPLATE}" WITH ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [TEMPLATE])
    return TEMPLATE


_numbers = itertools.count(1)


@pytest.fixture
def database_url(postgres_server: Postgres, migrated_template: str) -> Iterator[str]:
    """URL (postgresql+psycopg://) of a migrated database that belongs to this test alone."""
    name = f"test_{next(_numbers)}"
    with _admin(postgres_server) as connection:
        # Copying files costs a third of writing their pages to the log, which nobody here reads again.
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template}" STRATEGY FILE_COPY')
        yield postgres_server.url_of(name)
        # By force: a test that failed may have left connections open.
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def valkey_server(servers_dir: Path) -> Iterator[Valkey]:
    """A Valkey server that writes nothing to disk."""
    server = Valkey(servers_dir, durable=False)
    with _running(server):
        yield server


@pytest.fixture
def redis_url(valkey_server: Valkey) -> str:
    """URL of a Valkey that holds nothing yet."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


@pytest.fixture(scope="session")
def temporal_server(servers_dir: Path) -> Iterator[Temporal]:
    """A Temporal development server in memory: our search attributes, time skipping allowed, no Web UI."""
    server = Temporal(servers_dir, port=0, ui_port=None, in_memory=True)
    with _running(server):
        yield server


@pytest.fixture
async def temporal_client(temporal_server: Temporal) -> Client:
    """A client of that server. Workflows of other tests are there too: use ids and a task queue of your own."""
    return await Client.connect(temporal_server.address, data_converter=pydantic_data_converter)


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str, temporal_server: Temporal) -> Settings:
    """Settings of a process that uses all three servers; real time, e-mail to the outbox, the development keys."""
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        redis_url=redis_url,
        temporal_address=temporal_server.address,
        secret_key=SecretStr("only-for-tests-only-for-tests-32"),
    )


def _memory_folder() -> Path | None:
    """None: the system's temporary folder will do. Containers give /dev/shm as little as 64 MB."""
    folder = Path("/dev/shm")
    if not folder.is_dir() or not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < MEMORY_WANTED:
        return None
    return folder


def _remove_what_killed_sessions_left(folder: Path) -> None:
    for left in folder.glob(f"{FOLDER_PREFIX}*"):
        pid = left.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc/self").exists():
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _running(server: Postgres | Valkey | Temporal) -> Iterator[None]:
    server.start()
    try:
        server.wait()
        yield
    finally:
        if isinstance(server, Postgres):
            server.stop()  # in good order: a killed one leaves a shared memory segment behind
        else:
            server.process.kill()


def _admin(server: Postgres) -> psycopg.Connection:
    dsn = server.url_of("postgres").replace("+psycopg", "", 1)
    return psycopg.connect(dsn, autocommit=True)
