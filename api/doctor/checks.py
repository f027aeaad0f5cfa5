"""Everything that the doctor looks at, and what it says of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alembic.script import ScriptDirectory
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from api.doctor.runs import Comparison, compare, samples
from api.doctor.temporal import missing_attributes, pollers, server_time
from orchestrator.core.doctor.findings import Finding, counted
from orchestrator.core.doctor.restored import behind
from orchestrator.settings import Settings
from orchestrator.store.doctor.books import misfits, schema_and_time
from orchestrator.store.heartbeats import living
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.migrate import MIGRATIONS
from orchestrator.store.operations.pauses import find_pause
from orchestrator.store.paused import EVERYTHING
from orchestrator.store.sending.rounds import last_round
from workflows.connection import connect
from workflows.reconcile_sends import rounds

SKEW = timedelta(seconds=2)
"""By which clocks may differ: beyond it, events seem to come from the future."""


@dataclass(frozen=True)
class Examined:
    """What was found. ``client``, ``runs``: None where Temporal, or the database, cannot be asked."""

    findings: Sequence[Finding]
    client: Client | None = None
    runs: Comparison | None = None


async def examine(settings: Settings, engine: AsyncEngine) -> Examined:
    """Look at everything. Whoever is away is named, and what depends on them is left out."""
    (database, database_time), (redis, redis_time), (temporal, client) = await asyncio.gather(
        _database(engine), _redis(settings.redis_url), _temporal(settings, engine)
    )
    found = [database, redis, temporal]
    clocks = {"PostgreSQL": database_time, "Redis": redis_time}
    if client is not None:
        found += await _attributes(client)
        began = datetime.now(UTC)
        clocks["Temporal"] = _ahead(await server_time(client), began)
    found.append(_clocks(clocks))
    if database.level != "well":
        return Examined(found, client)
    found += await _processes(engine, client, settings.task_queue)
    found += await _books(engine)
    if client is None:
        return Examined(found)
    found.append(await _restored(engine, client, settings.task_queue))
    runs = await compare(engine, client, settings.task_queue)
    return Examined([*found, *_runs(runs)], client, runs)


def _ahead(theirs: datetime, began: datetime) -> timedelta:
    """How far a clock is ahead of this machine's, that was asked at ``began`` and has answered now: half of the way
    there and back is taken off."""
    return theirs - (began + (datetime.now(UTC) - began) / 2)


async def _database(engine: AsyncEngine) -> tuple[Finding, timedelta | None]:
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    began = datetime.now(UTC)
    try:
        revision, now = await schema_and_time(engine)
    except (SQLAlchemyError, OSError) as error:
        return Finding("database", "wrong", f"PostgreSQL cannot be asked ({type(error).__name__})."), None
    ahead = _ahead(now, began)
    if revision != newest:
        words = f"The database's schema is {revision}, this build's is {newest}: run `sojourn migrate`."
        return Finding("schema", "wrong", words), ahead
    return Finding("database", "well", f"PostgreSQL answers, with schema {revision}."), ahead


async def _redis(url: str) -> tuple[Finding, timedelta | None]:
    client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    began = datetime.now(UTC)
    try:
        seconds, micros = await client.time()
    except (RedisError, OSError) as error:
        return Finding("redis", "wrong", f"Redis cannot be asked ({type(error).__name__})."), None
    finally:
        await client.aclose()
    now = datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(micros))
    return Finding("redis", "well", "Redis answers."), _ahead(now, began)


async def _temporal(settings: Settings, engine: AsyncEngine) -> tuple[Finding, Client | None]:
    try:
        client = await connect(settings, Plans(engine), attempts=1)
    except (RuntimeError, RPCError, OSError) as error:
        return Finding("temporal", "wrong", f"Temporal cannot be asked ({type(error).__name__})."), None
    return Finding("temporal", "well", f"Temporal answers, in namespace {client.namespace}."), client


def _clocks(ahead: dict[str, timedelta | None]) -> Finding:
    told = {name: by for name, by in ahead.items() if by is not None}
    spread = max(told.values(), default=timedelta(0)) - min(told.values(), default=timedelta(0))
    if spread <= SKEW:
        return Finding("clocks", "well", f"The clocks of {', '.join(told) or 'nobody'} agree.")
    by = [f"{name} {one.total_seconds():+.1f} s" for name, one in told.items()]
    return Finding("clocks", "wrong", "The clocks differ, seen from this machine.", len(by), by)


async def _attributes(client: Client) -> list[Finding]:
    try:
        missing = await missing_attributes(client)
    except RPCError as error:
        return [Finding("search_attributes", "note", f"Search attributes cannot be listed ({error.status.name}).")]
    well = "Temporal has every search attribute."
    return [counted("search_attributes", missing, "Search attributes that Temporal lacks.", well, "They are made.")]


async def _processes(engine: AsyncEngine, client: Client | None, task_queue: str) -> list[Finding]:
    async with engine.connect() as db:
        alive = await living(db)
    kinds = {kind: sum(one.kind == kind for one in alive) for kind in ("worker", "router")}
    found = [
        Finding(kind, "well" if many else "wrong", f"{many} {kind}(s) give signs of life.", many)
        for kind, many in kinds.items()
    ]
    if client is None:
        return found
    builds = sorted({one.build for one in await pollers(client, task_queue) if one.build})
    if len(builds) > 1:
        words = "Workers of several builds have asked for work within five minutes."
        return [*found, Finding("builds", "note", words, len(builds), builds)]
    return [*found, Finding("builds", "well", f"Workers are of one build: {', '.join(builds) or 'none asks'}.")]


async def _books(engine: AsyncEngine) -> list[Finding]:
    books = await misfits(engine)
    return [
        counted(
            "unrouted",
            books.unrouted,
            "Events that nobody has routed for a minute.",
            "Events are routed.",
            level="note",
        ),
        counted(
            "listening",
            books.listening,
            "Runs that are over, or unknown, and listen for events still.",
            "Whoever listens is under way.",
            "They are forgotten.",
        ),
        counted(
            "ledger", books.sends, "Messages of runs that the database does not know.", "Each message has its run."
        ),
        counted(
            "claimed",
            books.claimed,
            "Messages that a process was at, and that nobody has settled for a quarter of an hour.",
            "No message is left half-way.",
            level="note",
        ),
    ]


async def _restored(engine: AsyncEngine, client: Client, task_queue: str) -> Finding:
    kept, told = await last_round(engine), await rounds(client, task_queue)
    found = behind(kept, told.last, known=told.known)
    if found is None:
        return Finding("restored", "well", "The database and Temporal agree on when they worked last.")
    name = {"database": "The database", "temporal": "Temporal"}[found]
    paused = await find_pause(engine, EVERYTHING) is not None
    words = (
        f"{name} is behind: by the database, both worked last at {kept or 'no time'}, by Temporal at "
        f"{told.last or 'no time'}. Everything is {'paused' if paused else 'NOT paused'}."
    )
    return Finding("restored", "wrong", words, 1, (), "" if paused else "Everything is paused.")


def _runs(runs: Comparison) -> list[Finding]:
    return [
        Finding("runs", "well", "Runs under way were compared.", runs.compared),
        counted(
            "only_database",
            samples(runs.only_database),
            "Runs that only the database knows: Temporal has forgotten them.",
            "Temporal knows every run that is under way.",
            "Each is started again from its entry: what it did is known, and is not done twice.",
        ),
        counted(
            "ended",
            samples(one for one, _ in runs.ended),
            "Runs that are over in Temporal, and under way in the database.",
            "Whoever is under way in the database is so in Temporal.",
            "Each is closed in the database, with the reason that Temporal has.",
        ),
        counted(
            "only_temporal",
            samples(runs.only_temporal),
            "Runs that only Temporal has under way: the database does not know them, or has them as over.",
            "The database knows every run that Temporal has.",
            "Each is terminated.",
        ),
        counted(
            "database_behind",
            samples(one for one, *_ in runs.database_behind),
            "Runs that have gone on since, by Temporal, and whose steps the database has lost.",
            "The database is behind no run.",
            "Each stands where Temporal has it, and hears every event of its journey; its next commit says the rest.",
        ),
        counted(
            "temporal_behind",
            samples(one for one, _ in runs.temporal_behind),
            "Runs that had gone on, by the database, and of which Temporal has forgotten the last steps.",
            "Temporal is behind no run.",
            "Each is terminated and started again from its entry: what it did is known, and is not done twice.",
        ),
    ]
