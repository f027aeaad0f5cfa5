"""Engines and sessions on PostgreSQL, through psycopg 3."""

import select
from typing import Any

import orjson
import psycopg
from psycopg.pq import ConnStatus
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from orchestrator.store.silence import PATIENCE, SilenceWatch

DRIVER = "postgresql+psycopg"
Sessions = async_sessionmaker[AsyncSession]


def normalised(database_url: str) -> URL:
    """The URL with our driver in it; people and hosting services write ``postgres://`` or ``postgresql://``."""
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    if url.get_backend_name() != "postgresql":
        raise ValueError("The database must be PostgreSQL (postgresql://…).")
    return url.set(drivername=DRIVER)


def plain_dsn(database_url: str) -> str:
    """The URL as psycopg itself reads it, for connections outside of SQLAlchemy."""
    return normalised(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def dump_json(value: Any) -> str:
    """JSON for a jsonb column. NaN and infinities, which jsonb cannot hold, become null.

    A whole number beyond 64 bits, as jsonb gives back what was written as 1e23, is written as such a number again.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return orjson.dumps(_within_64_bits(value), option=orjson.OPT_NON_STR_KEYS).decode()


def _within_64_bits(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**64:
            return float(value)
        case dict():
            return {name: _within_64_bits(one) for name, one in value.items()}
        case list() | tuple():
            return [_within_64_bits(one) for one in value]
    return value


def liveness(connect: int = 5, silence: int = 15) -> dict[str, Any]:
    """Parameters by which a connection ends whose other side no longer answers, instead of waiting for ever.

    ``connect``: seconds for making one; ``silence``: seconds without any sign of the other side.
    """
    return {
        "connect_timeout": connect,
        "keepalives": 1,
        "keepalives_idle": max(1, silence // 3),
        "keepalives_interval": max(1, silence // 5),
        "keepalives_count": 3,
        "tcp_user_timeout": silence * 1000,
    }


def create_engine(
    database_url: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 5,
    application: str = "sojourn",
    patience: float = 30.0,
    longest_statement: float = 0.0,
    connect: int = 5,
) -> AsyncEngine:
    """An engine of at most ``pool_size + max_overflow`` connections, which show as ``application`` in the server.

    Connections are looked at before use, so that a restarted database costs nobody an error. Times come back in UTC.
    ``patience``: seconds to wait for a connection when all are in use; ``longest_statement``: seconds, 0 for any;
    ``connect``: seconds for making a connection. Where statements have a longest time, those that wait for a connection
    that died without a word are noticed within five seconds (``silence.py``).
    """
    engine = create_async_engine(
        normalised(database_url),
        pool_size=pool_size,
        max_overflow=max_overflow,
        hide_parameters=True,  # an error's text goes into logs and Temporal's histories: no customer's data in it
        json_serializer=dump_json,
        json_deserializer=orjson.loads,
        pool_timeout=patience,
        connect_args={
            "application_name": application,
            "options": f"-c timezone=UTC -c statement_timeout={int(longest_statement * 1000)}",
            **liveness(connect),
        },
        execution_options={"application": application},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    if longest_statement:
        asking = {"application_name": application, **liveness(connect), "connect_timeout": PATIENCE}
        SilenceWatch(plain_dsn(database_url), longest_statement, asking).attach(engine)
    return engine


def _refuse_closed(connection: Any, *_: object) -> None:
    """Makes the pool replace a connection that the server has closed.

    A server that closes says so, and nothing else comes unasked: what is readable is over. That costs a system call,
    where SQLAlchemy's own probe costs round trips.
    """
    pgconn = connection.driver_connection.pgconn
    if pgconn.status != ConnStatus.OK or _readable(pgconn.socket):
        raise DisconnectionError("closed by the server")


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


async def driver_connection(db: AsyncConnection) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """The driver's own connection, in the same transaction: what intake does is written for it."""
    connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = (await db.get_raw_connection()).driver_connection
    if connection is None:
        raise RuntimeError("the connection is closed")
    return connection


def session_factory(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit: what was read is used outside of the transaction."""
    return async_sessionmaker(engine, expire_on_commit=False)
