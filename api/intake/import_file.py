"""Importing a CSV file through the same path as HTTP: streamed, resumable, each row stored once.

Message ids are derived from the rows, so a row that was stored before a crash is a duplicate after it. The checkpoint
only saves the time of offering such rows again, and keeps the file of rejected rows straight.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import IO, TextIO
from zoneinfo import ZoneInfo

from api.http.problems import ApiProblem
from api.intake.calls import Envelope, read_call
from api.intake.csv_columns import CsvCalls, MappingProblem, What, map_columns
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.writer import IntakeWriter

CHUNK = 2_000
csv.field_size_limit(1 << 20)

Report = Callable[["Progress", int], None]
"""Told after each chunk: how it stands, and the position in the file in bytes."""


@dataclass
class Progress:
    """How far an import has come; also what a checkpoint keeps."""

    file: str
    """Fingerprint of the file and of how it is read."""
    rows: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_bytes: int = 0
    """Length of the file of rejected rows."""
    warnings: int = 0
    """Rows stored although a trait in them could not be used."""


@dataclass(frozen=True)
class CsvImport:
    """One import. ``checkpoints``: folder for what is needed to resume."""

    what: What
    path: Path
    checkpoints: Path
    mapping: Sequence[str] = ()
    text: frozenset[str] = frozenset()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    history: bool = False
    locale: str = "en"

    @property
    def rejected_path(self) -> Path:
        """Where rows go that cannot be stored: beside the file, with the reason in the last column."""
        return self.path.with_name(self.path.name.removesuffix(".gz").removesuffix(".csv") + ".rejected.csv")

    async def run(self, writer: IntakeWriter, report: Report) -> Progress:
        """Imports the file, or what is left of it. Raises ``MappingProblem`` where it cannot be read as told."""
        progress = self._resumed()
        with self._opened() as (raw, text):
            rows = numbered_rows(text, self.delimiter)
            _, columns = next(rows, (0, []))
            if not columns:
                raise MappingProblem("The file is empty.")
            calls = CsvCalls(
                self.what, columns, map_columns(self.what, columns, self.mapping), self.text, self.time_zone
            )
            for _, row in islice(rows, progress.rows):
                calls.pass_over(row)
            with self._rejects(columns, progress) as rejects:
                while chunk := list(islice(rows, CHUNK)):
                    await self._import_chunk(chunk, calls, writer, rejects, progress)
                    self._save(progress)
                    report(progress, raw.tell())
        self._checkpoint.unlink(missing_ok=True)
        if progress.rejected == 0:
            self.rejected_path.unlink(missing_ok=True)
        return progress

    async def _import_chunk(
        self,
        chunk: list[tuple[int, list[str]]],
        calls: CsvCalls,
        writer: IntakeWriter,
        rejects: "Rejects",
        progress: Progress,
    ) -> None:
        envelope = Envelope(datetime.now(UTC))
        events: list[Incoming] = []
        origins: list[tuple[int, list[str]]] = []
        for number, row in chunk:
            warnings: list[ApiProblem] = []
            try:
                event = read_call(calls.call(row), None, envelope, warnings)
            except ApiProblem as problem:
                rejects.add(number, row, problem)
                continue
            event.history, event.source = self.history, "import"
            events.append(event)
            origins.append((number, row))
            progress.warnings += bool(warnings)
        outcomes = await writer.store(events) if events else []
        for outcome, (number, row) in zip(outcomes, origins, strict=True):
            if outcome == "failed":
                rejects.add(number, row, ApiProblem("not_stored"))
        progress.stored += outcomes.count("stored")
        progress.duplicates += outcomes.count("duplicate")
        progress.rejected, progress.rejected_bytes = rejects.settled(progress.rejected)
        progress.rows += len(chunk)

    @property
    def _checkpoint(self) -> Path:
        name = blake2b(f"{self.what} {self.path.resolve()}".encode(), digest_size=8).hexdigest()
        return self.checkpoints / f"import-{name}.json"

    def _resumed(self) -> Progress:
        """Where an interrupted import of the same file stood, else the beginning."""
        fresh = Progress(self._fingerprint())
        try:
            found = Progress(**json.loads(self._checkpoint.read_text()))
        except (OSError, ValueError, TypeError):
            return fresh
        return found if found.file == fresh.file else fresh

    def _save(self, progress: Progress) -> None:
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._checkpoint.with_suffix(".tmp")
        scratch.write_text(json.dumps(asdict(progress)))
        scratch.replace(self._checkpoint)

    def _fingerprint(self) -> str:
        stat = self.path.stat()
        with self.path.open("rb") as file:
            start = file.read(1 << 16)
        how = [stat.st_size, stat.st_mtime_ns, self.encoding, self.delimiter, *self.mapping, *sorted(self.text)]
        return blake2b(json.dumps(how).encode() + start, digest_size=16).hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[tuple[IO[bytes], TextIO]]:
        """The file as bytes on disk, for progress, and as text, unpacked."""
        with self.path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            unpacked = gzip.GzipFile(fileobj=raw) if packed else raw
            yield raw, io.TextIOWrapper(unpacked, encoding=self.encoding, newline="")

    @contextmanager
    def _rejects(self, columns: Sequence[str], progress: Progress) -> Iterator["Rejects"]:
        rejects = Rejects(self.rejected_path, columns, progress.rejected_bytes, self.locale)
        try:
            yield rejects
        finally:
            rejects.close()


MOST_LINES = 1_000
"""Of one row: a quote that is opened and never closed takes the rest of the file for one field."""


def numbered_rows(text: Iterable[str], delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Rows that say anything, each with the line where it begins, as an editor counts.

    Raises ``MappingProblem`` where a quote is never closed.
    """
    begins, quotes = 1, 0

    def lines() -> Iterator[str]:
        nonlocal quotes
        for line in text:
            quotes += line.count('"')
            yield line

    rows = csv.reader(lines(), delimiter=delimiter)
    last: tuple[int, list[str]] | None = None
    opened: tuple[int, list[str]] | None = None
    try:
        for row in rows:
            if rows.line_num - begins > MOST_LINES:
                raise _open_quote(begins)
            if last is not None:
                yield last
            last = (begins, row) if any(value.strip() for value in row) else None
            ends_open, begins, quotes = quotes % 2 == 1, rows.line_num + 1, 0
            opened = last if ends_open else None
    except csv.Error:
        raise _open_quote(begins) from None
    if last is not None:
        if opened is not None:
            raise _open_quote(opened[0])
        yield last


def _open_quote(line: int) -> MappingProblem:
    return MappingProblem(f'Line {line}: a quote (") is opened there and never closed. Close it, or double it.')


class Rejects:
    """The file of rejected rows, made when the first comes; what came after the checkpoint is taken back."""

    def __init__(self, path: Path, columns: Sequence[str], keep: int, locale: str) -> None:
        self._path = path
        self._columns = columns
        self._locale = locale
        self._file: TextIO | None = None
        self._new = 0
        self._keep = keep
        if path.exists():
            with path.open("r+b") as file:
                file.truncate(keep)

    def add(self, line: int, row: Sequence[str], problem: ApiProblem) -> None:
        """One row, with its line and the reason."""
        if self._file is None:
            self._file = self._path.open("a", encoding="utf-8", newline="")
            if self._keep == 0:
                csv.writer(self._file).writerow([*self._columns, "rejected_line", "rejected_reason"])
        said = problem.rendered(self._locale)
        csv.writer(self._file).writerow([*row, line, f"{said['code']}: {said['message']}"])
        self._new += 1

    def settled(self, before: int) -> tuple[int, int]:
        """How many there are now, and the length of the file."""
        if self._file is not None:
            self._file.flush()
            self._keep = self._file.tell()
        count, self._new = before + self._new, 0
        return count, self._keep

    def close(self) -> None:
        """Closes the file, if there is one."""
        if self._file is not None:
            self._file.close()
