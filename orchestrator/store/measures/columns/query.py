"""Running a report on columns: DuckDB over Parquet files and what the database has beyond them, in one process.

Called in a process of its own, with everything that it needs in :class:`Question`: it knows no database. DuckDB is
imported here alone, when it is first needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from orchestrator.core.measures.report import PARAMETER, PARAMETERS
from orchestrator.core.measures.sources import SOURCES, TIMES

if TYPE_CHECKING:
    import duckdb

NULL = r"\N"
"""How the database's CSV says that there is no value."""
MEMORY = "1GB"
THREADS = 2


@dataclass(frozen=True)
class Parts:
    """What a source consists of: Parquet files, and one CSV of what came after them."""

    files: tuple[str, ...] = ()
    tail: str | None = None


@dataclass(frozen=True)
class Question:
    """All that a report needs.

    Attributes:
        parts: Of each source that the text names.
        merged: A CSV of ``customer_id, merged_into`` of customers merged since the files were written; None: nobody.
        scratch: A folder for what does not fit into memory.
        narrowed: Whether only customers of ``population`` count.
    """

    sql: str
    parameters: Mapping[str, Any]
    parts: Mapping[str, Parts]
    merged: str | None = None
    narrowed: bool = False
    scratch: str = ""


def connect(scratch: str = "", file: str = ":memory:") -> "duckdb.DuckDBPyConnection":
    """A DuckDB in memory or a file of its own, in UTC, bounded in threads and memory."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {"threads": THREADS, "memory_limit": MEMORY}
    if scratch:
        settings["temp_directory"] = scratch
    db = duckdb.connect(file, config=settings)
    db.execute("set TimeZone = 'UTC'")
    return db


def count_on_columns(question: Question) -> list[tuple[Any, ...]]:
    """The report's rows."""
    with connect(question.scratch) as db:
        if question.merged is not None:
            statement = f"create table aliases as from {_csv(question.merged, _MERGED)}"
            db.execute(statement)
        for name, parts in sorted(question.parts.items(), key=lambda one: one[0] != "population"):
            for statement in _views(name, parts, question):
                db.execute(statement)
        statement = columns_marks(question.sql)
        named = set(PARAMETER.findall(question.sql))
        given = {name: value for name, value in question.parameters.items() if name in named}
        return db.execute(statement, given).fetchall()


_MERGED = {"customer_id": "uuid", "merged_into": "uuid"}


def columns_marks(statement: str) -> str:
    """The text as DuckDB wants it: ``:name`` as ``$name``, cast to its type."""
    return PARAMETER.sub(lambda found: f"cast(${found[1]} as {PARAMETERS[found[1]]})", statement)


def _views(name: str, parts: Parts, question: Question) -> list[str]:
    """A source as a view: files and tail, merged customers under the id that they have now."""
    columns = SOURCES[name]
    pieces = [_selected(_parquet(parts.files), columns, question.merged is not None)] if parts.files else []
    made: list[str] = []
    if parts.tail is not None:
        made.append(f"create table tail_{name} as from {_csv(parts.tail, columns)}")
        pieces.append(f"select {', '.join(columns)} from tail_{name}")
    if not pieces:
        pieces.append(f"select {', '.join(f'cast(null as {kind}) as {one}' for one, kind in columns.items())} limit 0")
    together = " union all ".join(f"({piece})" for piece in pieces)
    if name == "population" or not question.narrowed:
        return [*made, f"create view {name} as {together}"]
    narrowed = f"select * from all_{name} where customer_id in (select customer_id from population)"
    return [*made, f"create view all_{name} as {together}", f"create view {name} as {narrowed}"]


def _selected(source: str, columns: Mapping[str, str], merged: bool) -> str:
    if not merged:
        return f"select {', '.join(columns)} from {source}"
    now = "coalesce(a.merged_into, f.customer_id) as customer_id"
    chosen = [now if one == "customer_id" else f"f.{one}" for one in columns]
    statement = f"select {', '.join(chosen)} from {source} f left join aliases a on a.customer_id = f.customer_id"
    return f"{statement} where a.customer_id is null" if "first_seen_at" in columns else statement


def _parquet(files: tuple[str, ...]) -> str:
    return f"read_parquet([{', '.join(quoted(one) for one in files)}])"


def _csv(path: str, columns: Mapping[str, str]) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    options = f"header=true, nullstr={quoted(NULL)}, allow_quoted_nulls=false, columns={{{types}}}, auto_detect=false"
    return f"read_csv({quoted(path)}, {options}, delim=',', quote='\"', escape='\"', max_line_size=10000000)"


def quoted(words: str | Path) -> str:
    """A text of SQL."""
    return "'" + str(words).replace("'", "''") + "'"


def units_to_parquet(source: str, csv: str, targets: Mapping[tuple[date, int], str], scratch: str) -> None:
    """Write a source's rows, which come with ``month`` and ``bucket``, as a file each, by customer and time."""
    columns = SOURCES[source]
    order = ", ".join(["customer_id", TIMES[source]])
    with connect(scratch, f"{scratch}/rows.duckdb") as db:
        statement = f"create table kept as from {_csv(csv, {**columns, 'month': 'date', 'bucket': 'integer'})}"
        db.execute(statement)
        for (month, bucket), target in targets.items():
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            statement = (
                f"copy (select {', '.join(columns)} from kept where month = date '{month}' and bucket = {bucket} "
                f"order by {order}) to {quoted(target)} (format parquet, compression zstd)"
            )
            db.execute(statement)


PARQUET_TYPES: Mapping[str, str] = {
    "count": "bigint",
    "share": "double",
    "days": "double",
    "number": "double",
    "money": "numeric(20,2)",
    "text": "text",
    "day": "date",
    "month": "date",
    "instant": "timestamptz",
}
"""Types of a report's columns in a file, by unit."""


def rows_as_parquet(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as a Parquet file. ``columns``: names and types."""
    with TemporaryDirectory(prefix="sojourn-parquet-") as scratch, connect() as db:
        target = f"{scratch}/rows.parquet"
        statement = f"create table told ({', '.join(f'{name} {kind}' for name, kind in columns)})"
        db.execute(statement)
        if rows:
            marks = f"insert into told values ({', '.join('?' for _ in columns)})"
            db.executemany(marks, [list(row) for row in rows])
        statement = f"copy told to {quoted(target)} (format parquet)"
        db.execute(statement)
        return Path(target).read_bytes()
