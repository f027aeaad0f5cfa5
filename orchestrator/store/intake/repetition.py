"""What libraries say again and again: the same traits in every call of a customer's. Only what differs is stored.

What was said last stands with the identity, in the database: it is what was committed, every process sees the same, and
nothing is forgotten by a restart. It is read and written under the identity's row lock, in the transaction that stores
the events themselves.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from orchestrator.core.timing import Clock
from orchestrator.store.intake.identities import Connection
from orchestrator.store.intake.incoming import IdentityKey, Incoming

_LAST = """
select identities.kind, identities.value, traits_hash, traits_at
from identities join json_to_recordset(%s::json) as asked(kind text, value text) using (kind, value)
order by identities.kind, identities.value for no key update of identities
"""
# An identity of which nothing was repeated yet needs no memory: most are only ever told of by what changes.
_SAID = """
update identities set traits_hash = decode(said.hash, 'hex'), traits_at = said.at
from json_to_recordset(%s::json) as said(kind text, value text, hash text, at timestamptz, repeated boolean)
where identities.kind = said.kind and identities.value = said.value
  and (said.repeated or traits_hash is not null) and (traits_at is null or traits_at <= said.at)
"""


class LastSaid(NamedTuple):
    """What was last said of an identity. ``at``: journey time."""

    traits: bytes
    at: datetime


async def drop_repetitions(connection: Connection, events: Sequence[Incoming], clock: Clock) -> list[Incoming]:
    """The events that say something new.

    One is a repetition when, by each of its identities, exactly this was said last, and not of a later instant.
    """
    if not any(event.repeated for event in events):
        return list(events)
    last = await _read(connection, {key for event in events if event.repeated for key in event.keys})
    kept: list[Incoming] = []
    for event in events:
        said = _said(event, clock)
        if said is not None and event.repeated and all(_repeats(said, last.get(key)) for key in event.keys):
            continue
        kept.append(event)
        if said is not None:
            last |= {key: said for key in event.keys if key not in last or said.at >= last[key].at}
    return kept


async def remember_said(connection: Connection, stored: Sequence[Incoming], clock: Clock) -> None:
    """Writes down what these events, which are stored now, say last of whom. The caller commits."""
    last: dict[IdentityKey, LastSaid] = {}
    repeated: set[IdentityKey] = set()
    for event in stored:
        said = _said(event, clock)
        if said is not None:
            last |= {key: said for key in event.keys if key not in last or said.at >= last[key].at}
            repeated.update(event.keys if event.repeated else ())
    if last:
        rows: list[dict[str, Any]] = [
            {"kind": key[0], "value": key[1], "hash": one.traits.hex(), "at": one.at, "repeated": key in repeated}
            for key, one in sorted(last.items())
        ]
        await connection.execute(_SAID, (orjson.dumps(rows).decode(),))


def _said(event: Incoming, clock: Clock) -> LastSaid | None:
    """What a call says of its customer's traits; None: nothing."""
    if event.kind != "identify" or event.traits is None:
        return None
    said = hashlib.blake2b(event.said_by.encode() + event.properties_json, digest_size=16).digest()
    return LastSaid(said, clock.at(event.occurred_at))


def _repeats(said: LastSaid, last: LastSaid | None) -> bool:
    return last is not None and last.traits == said.traits and last.at <= said.at


async def _read(connection: Connection, keys: set[IdentityKey]) -> dict[IdentityKey, LastSaid]:
    asked = orjson.dumps([{"kind": kind, "value": value} for kind, value in sorted(keys)]).decode()
    rows = await (await connection.execute(_LAST, (asked,))).fetchall()
    return {(kind, value): LastSaid(bytes(said), at) for kind, value, said, at in rows if said is not None}
