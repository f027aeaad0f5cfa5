"""Pages of lists ordered by an instant, newest first: a page begins where the one before ended, however deep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

Row = TypeVar("Row")
_NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page (None: there is none)."""

    rows: Sequence[Row]
    next: str | None = None


def cursor(at: datetime, identity: UUID) -> str:
    """Names a row, for the page that follows it."""
    return f"{at.astimezone(UTC).isoformat()}~{identity}"


def read_cursor(given: str | None) -> tuple[datetime, UUID]:
    """What a cursor names; a missing or damaged one stands before the first row."""
    try:
        at, _, identity = (given or "").partition("~")
        instant = datetime.fromisoformat(at)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)), UUID(identity)
    except ValueError:
        return _NEWEST
