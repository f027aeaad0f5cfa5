"""Pages of lists ordered by an instant, newest first: a page begins where the one before ended, however deep."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.statements import Filtered

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


def cut(rows: Sequence[Row], limit: int, place: Callable[[Row], tuple[datetime, UUID]]) -> Page[Row]:
    """A page of at most ``limit`` of the rows: whoever asks for one row more learns whether another page follows."""
    return Page(rows[:limit], cursor(*place(rows[limit - 1])) if len(rows) > limit else None)


class Listing(Generic[Row]):
    """A list by pages: what is selected, how it may be narrowed, and by which two columns it is ordered.

    ``select`` up to where the conditions begin, its columns in the order of ``row``'s parameters; ``at`` and ``id``
    order it, newest first, and are columns of the row under their own names. ``conditions`` by the name of their
    parameter. ``around`` puts the page into a larger statement: there ``{page}`` is the page as a sub-query, which is
    cut first and joined then, so that a thousand pages back still only its own rows are looked up.
    """

    def __init__(
        self,
        select: str,
        row: Callable[..., Row],
        *,
        at: str,
        id: str,
        conditions: Mapping[str, str],
        always: Sequence[str] = (),
        around: str = "{page}",
    ) -> None:
        self._row, self._at, self._id = row, at.rpartition(".")[2], id.rpartition(".")[2]
        page = f"{select} {{where}} order by {at} desc, {id} desc limit :limit"
        self._pages = Filtered(around.replace("{page}", page), conditions, (f"({at}, {id}) < (:at, :id)", *always))
        self._one = None if around != "{page}" else Filtered(f"{select} {{where}}", {"id": f"{id} = :id"})

    async def page(
        self, engine: AsyncEngine, wanted: Mapping[str, Any], before: str | None, limit: int, **more: Any
    ) -> Page[Row]:
        """The page after ``before``. A condition whose value is None is not asked for.

        ``more``: parameters of a condition that has several.
        """
        at, identity = read_cursor(before)
        values = {name: value for name, value in wanted.items() if value is not None}
        given = {**values, **more, "at": at, "id": identity, "limit": limit + 1}
        async with engine.connect() as db:
            found = [self._row(*row) for row in await db.execute(self._pages.statement(values), given)]
        return cut(found, limit, lambda row: (getattr(row, self._at), getattr(row, self._id)))

    async def one(self, engine: AsyncEngine, identity: UUID) -> Row | None:
        """The row with this id, or None; not of a list that is put into a larger statement."""
        if self._one is None:
            raise TypeError("rows of this list are not read one by one")
        async with engine.connect() as db:
            row = (await db.execute(self._one.statement(("id",)), {"id": identity})).one_or_none()
        return None if row is None else self._row(*row)

    def statements(self) -> Iterator[TextClause]:
        """All that it may ask the database."""
        yield from self._pages.statements()
        if self._one is not None:
            yield from self._one.statements()
