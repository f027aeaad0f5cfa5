"""Broadcasts as the API and the console tell them."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.spreadsheet import BOM, harmless
from orchestrator.store.operations.broadcasts.outcomes import (
    BroadcastCount,
    all_became,
    count_became,
    related_to,
)
from orchestrator.store.operations.progress import OperationRow, settle

COLUMNS = ("position", "customer", "external_id", "outcome", "reason", "at", "run")


@dataclass(frozen=True)
class Told:
    """A broadcast with what became of its customers. ``ending``: operations that ended its runs; ``compensations``:
    broadcasts that make up for it."""

    row: OperationRow
    counts: Sequence[BroadcastCount]
    ending: Sequence[UUID]
    compensations: Sequence[UUID]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many, by outcome; those that there are."""
        found: dict[str, int] = {}
        for one in self.counts:
            found[one.became] = found.get(one.became, 0) + one.customers
        return found

    @property
    def refused(self) -> dict[str, int]:
        """How many did not enter, by why."""
        return {one.reason: one.customers for one in self.counts if one.became == "refused"}

    @property
    def first(self) -> int | None:
        """How many go first; None: all do, or the rest was let go."""
        found: int | None = self.row.chosen.get("first")
        return found

    @property
    def rests(self) -> bool:
        """Whether its first share is through, and the rest waits for somebody's word."""
        through = sum(count for name, count in self.outcomes.items() if name != "waiting")
        return self.row.status == "cancelled" and self.first is not None and through >= self.first


async def tell(engine: AsyncEngine, row: OperationRow) -> Told:
    """A broadcast as it stands."""
    await settle(engine, row.id)
    counts = await count_became(engine, row.id)
    ending, compensations = await related_to(engine, row.id)
    return Told(row, counts, ending, compensations)


def as_json(told: Told) -> dict[str, Any]:
    """The same for programs."""
    row = told.row
    kept = ("id", "status", "why", "total", "made_by", "made_at", "finished_at")
    inner = ("prepared", "first")
    return {
        **{name: getattr(row, name) for name in kept},
        "journey": row.chosen["journey"],
        "chosen": {name: value for name, value in row.chosen.items() if name not in inner},
        "per_minute": row.per_second * 60,
        "prepared": bool(row.chosen.get("prepared")),
        "first": told.first,
        "outcomes": told.outcomes,
        "refused": told.refused,
        "reached_by": row.chosen.get("reached_by"),
        "ending": list(told.ending),
        "compensations": list(told.compensations),
    }


async def as_table(engine: AsyncEngine, broadcast: UUID) -> AsyncIterator[bytes]:
    """Each customer and what became of them, as CSV for a spreadsheet, some at a time."""
    yield BOM + _line(COLUMNS)
    async for rows in all_became(engine, broadcast):
        yield b"".join(
            _line(
                [
                    str(one.position),
                    str(one.customer or ""),
                    one.external_id or "",
                    one.became,
                    one.reason,
                    one.at.isoformat() if one.at else "",
                    str(one.run or ""),
                ]
            )
            for one in rows
        )


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue().encode()
