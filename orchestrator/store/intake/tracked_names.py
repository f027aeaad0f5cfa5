"""Which names the workspace has seen: for the compiler, which knows a typing error by it, and for pickers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg

MOST_NAMES = 1_000
"""Of events, of attributes, and of properties in each event: who puts ids into names gets no longer pick lists."""

LONGEST = 200
"""Characters of a name that is listed; a longer one stays in its event and out of the lists."""

_READ = "select kind, event, name from seen_names"
_INSERT = """
insert into seen_names (kind, event, name, type, first_seen)
select kind, event, name, type, at
from json_to_recordset(%s::json) as given(kind text, event text, name text, type text, at timestamptz)
on conflict do nothing
"""

NewName = tuple[str, str, str, str]
"""Kind, event, name, JSON type."""


@dataclass
class SeenNames:
    """What this process knows to be recorded, so that only new names cost a statement."""

    _seen: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Names by kind (``event``, ``property``, ``attribute``) and, of properties, by event."""

    async def load(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        """Starts from what is recorded."""
        cursor = await connection.execute(_READ)
        for kind, event, name in await cursor.fetchall():
            self._seen.setdefault((kind, event), set()).add(name)

    def new_in_event(self, event: str, properties: Mapping[str, Any]) -> list[NewName]:
        """The names in an event that are not recorded yet."""
        known = self._seen.get(("property", event))
        if known is not None and known >= properties.keys():
            return []
        return [*self._new("event", "", {event: None}), *self._new("property", event, properties)]

    def new_in_attributes(self, attributes: Mapping[str, Any]) -> list[NewName]:
        """The names among attributes that are not recorded yet."""
        return self._new("attribute", "", attributes)

    async def record(
        self, connection: psycopg.AsyncConnection[tuple[Any, ...]], names: Iterable[NewName], at: datetime
    ) -> None:
        """Writes new names, as of ``at`` (journey time)."""
        fields = ("kind", "event", "name", "type")
        rows = [{**dict(zip(fields, name, strict=True)), "at": at} for name in sorted(set(names))]
        await connection.execute(_INSERT, (orjson.dumps(rows).decode(),))

    def remember(self, names: Iterable[NewName]) -> None:
        """To be called when they are committed."""
        for kind, event, name, _ in names:
            self._seen.setdefault((kind, event), set()).add(name)
            if kind == "event":
                self._seen.setdefault(("property", name), set())

    def _new(self, kind: str, event: str, values: Mapping[str, Any]) -> list[NewName]:
        known = self._seen.get((kind, event), set())
        if len(known) >= MOST_NAMES:
            return []
        fresh = (name for name in values if name not in known and 0 < len(name) <= LONGEST)
        return [(kind, event, name, json_type(values[name])) for name in fresh]


def json_type(value: Any) -> str:
    """The JSON type of a value; empty for null, which says nothing about it."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
        case list() | tuple():
            return "array"
    return ""
