"""The definitions that membership is kept by: each is read once a process, and looked at again in every transaction."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import structlog
from psycopg.rows import DictRow
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.model import Condition
from orchestrator.core.segments.definition import Definition, Definitions
from orchestrator.store.connection_pool import DirectConnection, direct

log = structlog.get_logger()

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
# What takes a build into use waits for whoever keeps membership by what stood before, and they for it.
IN_USE = """
select key, live_build, live_version, build, build_version from segments
where archived_at is null and (live_build is not null or build is not null) order by key
"""
IN_USE_LOCKED = f"{IN_USE} for key share"
_CONDITIONS = """
select key, live_build, live_condition, build, build_condition from segments where key = any(%(keys)s::text[])
"""


@dataclass
class KnownDefinitions:
    """Those of this process. A condition that this build of the product cannot read keeps nobody's membership."""

    engine: AsyncEngine
    _read: dict[tuple[str, int], Condition | None] = field(default_factory=dict)
    _made: tuple[frozenset[tuple[Any, ...]], Definitions] = (frozenset(), Definitions())

    async def load(self) -> Definitions:
        """As they are now."""
        async with direct(self.engine).connection() as db:
            rows = await (await db.execute(IN_USE)).fetchall()
            return await self.of(db, rows)

    async def of(self, db: DirectConnection, rows: Collection[DictRow]) -> Definitions:
        """Those of these rows of :data:`IN_USE`."""
        builds = frozenset(build for row in rows for build in _builds(row))
        if builds == self._made[0]:
            return self._made[1]
        unknown = sorted({key for key, build, _, _ in builds if (key, build) not in self._read})
        if unknown:
            for row in await (await db.execute(_CONDITIONS, {"keys": unknown})).fetchall():
                for which in ("live_", ""):
                    build, condition = row[f"{which}build"], row[f"{which or 'build_'}condition"]
                    if build is not None:
                        self._read.setdefault((row["key"], build), read_condition(row["key"], condition))
        made = []
        for key, build, version, live in sorted(builds):
            condition = self._read.get((key, build))
            if condition is not None:
                made.append(Definition(key, build, version, condition, live))
        self._read = {known: condition for known, condition in self._read.items() if known in {b[:2] for b in builds}}
        self._made = builds, Definitions(tuple(made))
        return self._made[1]


def _builds(row: DictRow) -> list[tuple[str, int, int, bool]]:
    found = []
    if row["live_build"] is not None:
        found.append((row["key"], row["live_build"], row["live_version"], True))
    if row["build"] is not None:
        found.append((row["key"], row["build"], row["build_version"], False))
    return found


def read_condition(key: str, given: Any) -> Condition | None:
    """A stored condition; None where this build of the product cannot read it."""
    try:
        return _CONDITION.validate_python(given)
    except ValidationError:
        log.error("the condition of a segment cannot be read", segment=key)
        return None
