"""Event logs in files: CSV or JSON lines, plain or gzip, with a mapping that says which column is what.

The mapping is a YAML file (``examples/clickstream.map.yaml``)::

    columns: {user: user_id, event: event, time: timestamp}
    properties: {cart_id: session_id}       # event property: column
    events: {purchase: Order Completed}     # name in the file: name in the journeys; others keep theirs
    first_event: Signed Up                  # one more event a second before each customer's first; optional

Without one, the columns ``user_id``, ``event`` and ``timestamp`` are taken, and every other column is a property. In a
file of JSON lines (``.jsonl``), a column is a path: ``context.page``.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, TextIO

import yaml
from pydantic import Field, ValidationError

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.text import Frozen
from orchestrator.files.yaml_text import load_yaml

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,15})?")
_EPOCH = re.compile(r"[0-9]{10}([0-9]{3})?")
_BOOLEANS = {"true": True, "false": False}


class EventFileProblem(ValueError):
    """The file or its mapping cannot be read; the message says where and what to do."""


class Columns(Frozen):
    """Which column says who, what and when."""

    user: str = "user_id"
    event: str = "event"
    time: str = "timestamp"


class EventMapping(Frozen):
    """How rows become events."""

    columns: Columns = Columns()
    properties: dict[str, str] | None = Field(None, description="None: every other column, by its own name.")
    attributes: dict[str, str] = Field(default_factory=dict, description="Customer attribute: column.")
    events: dict[str, str] = Field(default_factory=dict)
    first_event: str | None = None


class EventLogs(dict[str, list[CustomerEvent]]):
    """Events by customer, each customer's in order; customers in the order in which the file names them."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, Any]] = {}
        """The last value that a customer's rows have, by customer."""


def read_mapping(path: Path | None) -> EventMapping:
    """The mapping of a YAML file; the plain one without a file. Raises :class:`EventFileProblem`."""
    if path is None:
        return EventMapping()
    try:
        return EventMapping.model_validate(load_yaml(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, ValidationError, OSError) as error:
        raise EventFileProblem(f"{path}: {_first_line(error)}") from error


def read_log(path: Path, mapping: EventMapping) -> EventLogs:
    """All events of a file, by customer. Times without a zone are UTC. Raises :class:`EventFileProblem`.

    Message ids are derived from the rows, so reading the file again gives the same ones.
    """
    logs = EventLogs()
    lines = ".jsonl" in path.suffixes
    with opened(path) as file:
        for number, row in _json_lines(path, file) if lines else _csv_rows(path, file, mapping):
            _add(logs, row, mapping, f"{path}, line {number}")
    for user, events in logs.items():
        events.sort(key=lambda one: one.occurred_at)  # stable: what happens in one second stays in the file's order
        if mapping.first_event is not None and events[0].name != mapping.first_event:
            before = events[0].occurred_at - timedelta(seconds=1)
            events.insert(0, CustomerEvent(_id(user, "first"), mapping.first_event, before))
    return logs


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The file as text, unzipped where it is zipped. Raises :class:`EventFileProblem`."""
    try:
        zipped = path.suffix == ".gz"
        with gzip.open(path, "rt", encoding="utf-8-sig") if zipped else path.open(encoding="utf-8-sig") as file:
            yield file
    except OSError as error:
        raise EventFileProblem(f"{path}: {error.strerror or error}") from error


def _csv_rows(path: Path, file: TextIO, mapping: EventMapping) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = csv.DictReader(file)
    try:
        _require(path, rows.fieldnames or (), mapping)
        key_columns = {mapping.columns.user, mapping.columns.event, mapping.columns.time}
        for row in rows:
            text = {column: value or "" for column, value in row.items() if isinstance(column, str)}
            yield rows.line_num, {n: value if n in key_columns else typed(value) for n, value in text.items()}
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise EventFileProblem(f"{path}, after line {rows.line_num}: {error}") from error


def _json_lines(path: Path, file: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    number = 0
    try:
        for number, line in enumerate(file, 1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise EventFileProblem(f"{path}, line {number}: an object is expected.")
                yield number, row
    except (json.JSONDecodeError, RecursionError) as error:
        raise EventFileProblem(f"{path}, line {number}: {error}") from error
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise EventFileProblem(f"{path}, after line {number}: {error}") from error


def typed(value: str) -> str | int | float | bool:
    """Text that is plainly a number, true or false, as such; ``007`` and telephone numbers stay text."""
    value = value.strip()
    if _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return _BOOLEANS.get(value.lower(), value)


def _require(path: Path, found: object, mapping: EventMapping) -> None:
    columns = mapping.columns
    wanted = [columns.user, columns.event, columns.time, *(mapping.properties or {}).values()]
    has = list(found) if isinstance(found, list) else []
    for name in [*wanted, *mapping.attributes.values()]:
        if name not in has:
            raise EventFileProblem(f"{path} has no column “{name}”. It has: {', '.join(has) or 'none'}. See --map.")


def _add(logs: EventLogs, row: Mapping[str, Any], mapping: EventMapping, place: str) -> None:
    columns = mapping.columns
    user, name, time = (_text(lookup(row, column)) for column in (columns.user, columns.event, columns.time))
    if not user or not name:
        raise EventFileProblem(f"{place}: column “{columns.user if not user else columns.event}” is empty.")
    events = logs.setdefault(user, [])
    own = mapping.properties
    if own is None:
        own = {column: column for column in row if column not in {columns.user, columns.event, columns.time}}
    found = {ours: lookup(row, column) for ours, column in own.items()}
    properties = {ours: value for ours, value in found.items() if value is not None and value != ""}
    message_id = _id(user, str(len(events)), name, time)
    events.append(
        CustomerEvent(message_id, mapping.events.get(name, name), _instant(time, columns.time, place), properties)
    )
    for attribute, column in mapping.attributes.items():
        value = lookup(row, column)
        if value is not None and value != "":
            logs.attributes.setdefault(user, {})[attribute] = value


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _instant(value: str, column: str, place: str) -> datetime:
    if _EPOCH.fullmatch(value):  # seconds, or milliseconds
        return datetime.fromtimestamp(int(value[:10]), UTC) + timedelta(milliseconds=int(value[10:] or 0))
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise EventFileProblem(f"{place}: column “{column}” has “{value}”, which is no ISO 8601 time.") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _id(*parts: str) -> str:
    return "file-" + blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False)[0]
        return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
    return " ".join(str(error).split())
