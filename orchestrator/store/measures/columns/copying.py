"""Rows of a source out of PostgreSQL, as CSV in a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from orchestrator.store.measures.sources import driver_marks

_COPY = r"copy ({query}) to stdout (format csv, header, null '\N')"


async def copy_to_file(
    db: psycopg.AsyncConnection[Any], statement: str, given: Mapping[str, Any], target: Path
) -> bool:
    """Write what a statement finds to a file; whether it found anything."""
    lines = 0
    query = driver_marks(_COPY.replace("{query}", statement.strip()), {})
    with target.open("wb") as file:
        async with db.cursor().copy(query, given) as copy:
            async for block in copy:
                file.write(block)
                lines += 1
    return lines > 1
