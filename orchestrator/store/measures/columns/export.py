"""Writing columns: what the database has, as Parquet by month and share of the customers.

A round asks the database for a signature of every unit (a month of a source, of one bucket of customers) and writes
those whose signature is another than their file's: so it finds what came, what changed, what was merged or erased and
what was lost, without being told. All rows are read in one snapshot; files are swapped in one commit.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.core.measures.sources import SOURCES, TIMES
from orchestrator.core.timing import Clock
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.measures.columns.copying import copy_to_file
from orchestrator.store.measures.columns.manifest import (
    MERGED,
    UNDER_WAY,
    Reach,
    Unit,
    WrittenFile,
    definition_of,
    load_files,
    load_reach,
    swap,
    valid_paths,
)
from orchestrator.store.measures.columns.place import writing
from orchestrator.store.measures.columns.query import units_to_parquet
from orchestrator.store.measures.sources import STATEMENTS, OrderSettings, driver_marks, load_order_settings

log = structlog.get_logger()

BUCKETS = 4
"""Shares of the customers: a person's is known by the last byte of their id."""
SETTLES = timedelta(minutes=2)
"""Real time after which a row that was being stored is surely there; younger ones are not written yet."""
RUBBISH = 3_600.0
"""Seconds after which a file that is not valid any more is removed: whoever read it has done so."""
_UNIT = {
    name: f"cast(date_trunc('month', s.{column} at time zone 'UTC') as date) as month, "
    f"get_byte(uuid_send(s.customer_id), 15) & {BUCKETS - 1} as bucket"
    for name, column in TIMES.items()
}
_ROWS = {name: ", ".join(f"s.{column}" for column in SOURCES[name]) for name in TIMES}
_KIND = {name: "bigint" if name in ("orders", "stage_changes", "consent_changes") else "timestamptz" for name in TIMES}
_SIGNATURES: Mapping[str, str] = {
    name: f"select {_UNIT[name]}, count(*) as rows, "
    f"cast(bit_xor(hashtextextended(cast(row({_ROWS[name]}) as text), 0)) as text) as signature "
    f"from ({one}) s where s.position <= cast(:reach as {_KIND[name]}) group by 1, 2"
    for name, one in STATEMENTS.items()
    if name in TIMES
}
_UNITS: Mapping[str, str] = {
    name: f"select {_ROWS[name]}, {_UNIT[name]} from ({one}) s join unnest(cast(:months as date[]), "
    f"cast(:buckets as int[])) as wanted(month, bucket) on wanted.bucket = get_byte(uuid_send(s.customer_id), 15) "
    f"& {BUCKETS - 1} and wanted.month = cast(date_trunc('month', s.{TIMES[name]} at time zone 'UTC') as date) "
    f"where s.position <= cast(:reach as {_KIND[name]})"
    for name, one in STATEMENTS.items()
    if name in TIMES
}
_LAST_EVENT = "select seq as position from events where received_at < %(cutoff)s order by seq desc limit 1"
_LAST_CONSENT = "select max(id) as position from consent_log"
_SNAPSHOT = "set transaction isolation level repeatable read, read only"


@dataclass(frozen=True)
class Round:
    """One round over all sources.

    Attributes:
        folder: Of the columns.
        now: Journey time.
        alive: Called now and then.
    """

    engine: AsyncEngine
    folder: Path
    clock: Clock
    alive: Callable[[], None] = lambda: None

    async def once(self) -> dict[str, int]:
        """Write what differs; how many units of how many, and rows."""
        told = {"units": 0, "written": 0, "rows": 0}
        async with writing(self.engine):
            orders = await load_order_settings(self.engine)
            for source in TIMES:
                self.alive()
                for name, count in (await self._source(source, orders)).items():
                    told[name] += count
        await asyncio.to_thread(remove_rubbish, self.folder, await valid_paths(self.engine))
        log.info("columns written", **told)
        return told

    async def _source(self, source: str, orders: OrderSettings) -> dict[str, int]:
        real = datetime.now(UTC)
        as_of, cutoff = self.clock.at(real), self.clock.at(real - SETTLES)
        definition = definition_of(source, orders)
        known = await load_reach(self.engine, [source])
        same = source in known and known[source].definition == definition
        kept = await load_files(self.engine, [source])
        there = await asyncio.to_thread(_on_disk, self.folder, kept)
        files = {(one.month, one.bucket): one for one in kept}
        async with direct(self.engine).connection() as db, db.transaction():
            await db.execute(_SNAPSHOT)
            position = await _last(db, source, cutoff)
            given = {**orders.parameters, "reach": position}
            found = await (await db.execute(driver_marks(_SIGNATURES[source], {}), given)).fetchall()
            signatures = {(row["month"], row["bucket"]): f"{row['rows']}:{row['signature']}" for row in found}
            alike = {unit for unit, one in signatures.items() if same and files.get(unit, _NONE).signature == one}
            differ = set(signatures) - (alike & there)
            written = await _write(db, self.folder, source, differ, given, signatures)
        gone = set(files) - set(signatures)
        reach = Reach(definition, position, as_of)
        async with direct(self.engine).connection() as db, db.transaction():
            await swap(db, source, gone, written, reach)
        return {"units": len(signatures), "written": len(written), "rows": sum(one.rows for one in written)}


def _on_disk(folder: Path, files: Collection[WrittenFile]) -> set[Unit]:
    """Units whose file is where it should be."""
    return {(one.month, one.bucket) for one in files if (folder / one.path).is_file()}


_NONE = WrittenFile("", date.min, 0, UUID(int=0), "", 0, "")


async def _last(db: DirectConnection, source: str, cutoff: datetime) -> int | datetime:
    """How far the files will reach."""
    if _KIND[source] == "timestamptz":
        return cutoff
    statement = _LAST_CONSENT if source == "consent_changes" else _LAST_EVENT
    row = await (await db.execute(statement, {"cutoff": cutoff})).fetchone()
    return int(row["position"] or 0) if row else 0


async def _write(
    db: DirectConnection,
    folder: Path,
    source: str,
    units: Collection[Unit],
    given: Mapping[str, Any],
    signatures: Mapping[Unit, str],
) -> list[WrittenFile]:
    if not units:
        return []
    wanted = {**given, "months": [one[0] for one in units], "buckets": [one[1] for one in units]}
    made = [_planned(source, unit, signatures[unit]) for unit in units]
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".writing-", dir=folder) as scratch:
        csv = Path(scratch) / "rows.csv"
        await copy_to_file(db, _UNITS[source], wanted, csv)
        targets = {(one.month, one.bucket): str(folder / one.path) for one in made}
        await asyncio.to_thread(units_to_parquet, source, str(csv), targets, scratch)
    return made


def _planned(source: str, unit: Unit, signature: str) -> WrittenFile:
    month, bucket = unit
    identity = uuid7()
    path = f"{source}/{month:%Y-%m}/{bucket}-{identity}.parquet"
    return WrittenFile(source, month, bucket, identity, path, int(signature.partition(":")[0]), signature)


async def write_again(engine: AsyncEngine, folder: Path, customers: Collection[UUID]) -> int:
    """Write all files of the buckets of these customers again, as the database has them now: of how many units.

    For people who were erased. Where a source was never written, nothing is.
    """
    known = await load_reach(engine, list(TIMES))
    if not known:
        return 0
    async with writing(engine):
        known = await load_reach(engine, list(TIMES))
        buckets = await _buckets_with(engine, customers, known)
        return await _write_buckets(engine, folder, buckets, known)


async def _write_buckets(
    engine: AsyncEngine, folder: Path, buckets: Collection[int], known: Mapping[str, Reach]
) -> int:
    orders, count = await load_order_settings(engine), 0
    for source, reach in known.items():
        files = [one for one in await load_files(engine, [source]) if one.bucket in buckets]
        async with direct(engine).connection() as db, db.transaction():
            await db.execute(_SNAPSHOT)
            given = {**orders.parameters, "reach": reach.position}
            found = await (await db.execute(driver_marks(_SIGNATURES[source], {}), given)).fetchall()
            signatures = {
                (row["month"], row["bucket"]): f"{row['rows']}:{row['signature']}"
                for row in found
                if row["bucket"] in buckets
            }
            written = await _write(db, folder, source, set(signatures), given, signatures)
        async with direct(engine).connection() as db, db.transaction():
            await swap(db, source, {(one.month, one.bucket) for one in files} - set(signatures), written, None)
        for one in files:  # at once: they have what is to be gone
            await asyncio.to_thread((folder / one.path).unlink, missing_ok=True)
        count += len(written)
    return count


async def _buckets_with(engine: AsyncEngine, customers: Collection[UUID], known: Mapping[str, Reach]) -> set[int]:
    """The buckets of customers, and of those who were merged since the files were written: out of one bucket their
    rows have gone into another, and one without the other would lose them."""
    since = min((one.as_of for one in known.values()), default=datetime.now(UTC)) - UNDER_WAY
    async with direct(engine).connection() as db:
        merged = await (await db.execute(driver_marks(MERGED, {}), {"since": since})).fetchall()
    meant = [*customers, *(row["customer_id"] for row in merged), *(row["merged_into"] for row in merged)]
    return {one.bytes[15] & (BUCKETS - 1) for one in meant}


def remove_rubbish(folder: Path, valid: Collection[str], older: float = RUBBISH) -> int:
    """Remove files that are not valid and older than so many seconds; how many."""
    removed = 0
    for path in folder.glob("*/*/*.parquet"):
        if path.relative_to(folder).as_posix() not in valid and time() - path.stat().st_mtime >= older:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
