"""Whose event is this? Identities, and the customers they mean.

Two rules keep this right with several intake processes at work. Whoever stores events holds a shared lock, and whoever
re-points what is stored (``identity_merge``) holds it exclusively: no event can be stored for a customer while he is
merged away. And what a process remembers of identities is checked, under that lock, against a counter of merges.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
from uuid_utils.compat import uuid7

from orchestrator.store.intake.held_merges import Pair, load_apart
from orchestrator.store.intake.incoming import IdentityKey, Incoming

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

IDENTITY_LOCK = 0x49_44_45_4E
"""Advisory lock between storing (shared) and merging (exclusive); "IDEN", an arbitrary constant of ours."""

_LOCK_SHARED = "select pg_advisory_xact_lock_shared(%s)"
_MERGES = "select last_value from identity_merges"
_LOOK_UP = """
with asked as (select * from json_to_recordset(%s::json) as asked(kind text, value text))
select kind, value, customers.id, customers.external_id is not null,
  identities.taken_over >= 20 and identities.taken_since > now() - interval '1 day'
from asked join identities using (kind, value) join customers on customers.id = identities.customer_id
union
select 'user', external_id, id, true, false
from asked join customers on customers.external_id = asked.value where asked.kind = 'user'
"""

_LINK = """
insert into identities (kind, value, customer_id)
select kind, value, customer from json_to_recordset(%s::json) as given(kind text, value text, customer uuid)
order by kind, value  -- everybody locks in one order
on conflict (kind, value) do update set customer_id = identities.customer_id
returning kind, value, customer_id
"""

_CREATE = """
insert into customers (id, external_id, created_at, updated_at)
select id, external_id, at, at
from json_to_recordset(%s::json) as given(id uuid, external_id text, at timestamptz)
on conflict do nothing
"""


class IdentityOwner(NamedTuple):
    """The customer whom an identity means. ``named``: they have an external id, so are no anonymous visitor.
    ``crowded``: it changed hands so often that it is nobody's own (``identity_merge`` counts)."""

    customer: UUID
    named: bool
    crowded: bool = False


Known = Mapping[IdentityKey, IdentityOwner]


class Unsettled(Exception):
    """These events say that customers are one who are kept as two: ``identity_merge.settle`` comes first."""

    def __init__(self, events: Sequence[Incoming]) -> None:
        super().__init__(f"{len(events)} events")
        self.events = events


@dataclass
class Identities:
    """Remembers which customers identities mean. ``size``: how many it remembers at most."""

    size: int = 100_000
    _remembered: dict[IdentityKey, IdentityOwner] = field(default_factory=dict)
    _merges: int = -1
    _apart: frozenset[Pair] = frozenset()
    """Pairs that no call merges, as long as nobody decides that they are one person."""

    async def begin(self, connection: Connection) -> None:
        """To be called first in every transaction that stores events: takes the lock, and forgets what is outdated."""
        await connection.execute(_LOCK_SHARED, (IDENTITY_LOCK,))
        [(merges,)] = await (await connection.execute(_MERGES)).fetchall()
        if merges != self._merges:
            self._remembered.clear()
            self._apart = await load_apart(connection)
            self._merges = merges

    async def resolve(
        self, connection: Connection, events: Sequence[Incoming], at: datetime, *, settled: Collection[str]
    ) -> Known:
        """Whom the events' identities mean; who is new is created as of ``at`` (journey time).

        Raises :class:`Unsettled`, unless the events are settled as far as they can be: ``settled`` has their ids.
        """
        known = await self._look_up(connection, {key for event in events for key in _mentioned(event)})
        self._check(events, known, settled)
        if any(key not in known for event in events for key in event.keys):
            known |= await link(connection, wanted_links(events, known), at)
            self._check(events, known, settled)  # another process may have made the same identities, and otherwise
        return known

    def remember(self, known: Known) -> None:
        """To be called when what was resolved is committed. The least recently seen is forgotten first."""
        for key, identity_owner in known.items():
            self._remembered.pop(key, None)
            self._remembered[key] = identity_owner
        for key in list(self._remembered)[: max(0, len(self._remembered) - self.size)]:
            del self._remembered[key]

    def forget(self, keys: Iterable[IdentityKey], merges: int | None) -> None:
        """To be called when a merge of our own is committed; ``merges``: the counter after it, where it moved."""
        for key in keys:
            self._remembered.pop(key, None)
        if merges == self._merges + 1:
            self._merges = merges

    def keep_apart(self, pairs: Iterable[Pair]) -> None:
        """To be called when merges that this process holds are committed."""
        self._apart |= frozenset(pairs)

    def _check(self, events: Sequence[Incoming], known: Known, settled: Collection[str]) -> None:
        unsettled = [
            event for event in events if event.message_id not in settled and _is_unsettled(event, known, self._apart)
        ]
        if unsettled:
            raise Unsettled(unsettled)

    async def _look_up(self, connection: Connection, keys: Iterable[IdentityKey]) -> dict[IdentityKey, IdentityOwner]:
        found, missing = {}, []
        for key in keys:
            identity_owner = self._remembered.get(key)
            if identity_owner is None:
                missing.append(key)
            else:
                found[key] = identity_owner
        return found | await look_up(connection, missing) if missing else found


def wanted_links(events: Sequence[Incoming], known: Known) -> dict[IdentityKey, IdentityOwner]:
    """The identities that have to be made, so that every event has a customer.

    Events with two identities come first: whoever says that a visitor and a user are one decides for the others.
    """
    wanted: dict[IdentityKey, IdentityOwner] = {}
    for event in sorted(events, key=lambda event: -len(event.keys)):
        owner: IdentityOwner | None = None
        for key in event.keys:
            identity_owner = known.get(key) or wanted.get(key)
            if identity_owner is None:
                identity_owner = wanted[key] = owner or IdentityOwner(uuid7(), event.user_id is not None)
            owner = owner or identity_owner
    return wanted


async def look_up(connection: Connection, keys: Iterable[IdentityKey]) -> dict[IdentityKey, IdentityOwner]:
    """Whom these identities mean, of those that exist."""
    asked = orjson.dumps([{"kind": kind, "value": value} for kind, value in keys]).decode()
    cursor = await connection.execute(_LOOK_UP, (asked,))
    return {
        (kind, value): IdentityOwner(customer, named, crowded)
        for kind, value, customer, named, crowded in await cursor.fetchall()
    }


async def link(connection: Connection, wanted: Known, at: datetime) -> dict[IdentityKey, IdentityOwner]:
    """Makes identities and the customers they mean. What another process made in the meantime is kept and returned."""
    rows = [
        {"kind": kind, "value": value, "customer": identity_owner.customer}
        for (kind, value), identity_owner in wanted.items()
    ]
    cursor = await connection.execute(_LINK, (orjson.dumps(rows).decode(),))
    made = {(kind, value): customer for kind, value, customer in await cursor.fetchall()}
    names = {customer: value for (kind, value), customer in made.items() if kind == "user"}
    ours = {identity_owner.customer for identity_owner in wanted.values()} & set(made.values())
    people = [{"id": customer, "external_id": names.get(customer), "at": at} for customer in sorted(ours)]
    await connection.execute(_CREATE, (orjson.dumps(people).decode(),))
    return {key: IdentityOwner(customer, customer in names or wanted[key].named) for key, customer in made.items()}


def _mentioned(event: Incoming) -> list[IdentityKey]:
    """All identities to look up; an alias does not say of which kind its previous id is."""
    if event.previous_id is None:
        return event.keys
    return [*event.keys, ("anonymous", event.previous_id), ("user", event.previous_id)]


def _is_unsettled(event: Incoming, known: Known, apart: Collection[Pair]) -> bool:
    """Whether the event says that two identities are one customer, and they are not."""
    if event.user_id is None:
        return False
    user = known.get(("user", event.user_id))
    if event.previous_id is not None and event.previous_id != event.user_id:
        previous = [known.get(("anonymous", event.previous_id)), known.get(("user", event.previous_id))]
        if user is None or not any(one is not None and one.customer == user.customer for one in previous):
            return user is None or not any(
                one is not None and (one.customer, user.customer) in apart for one in previous
            )
        return False
    if event.anonymous_id is None:
        return False
    visitor = known.get(("anonymous", event.anonymous_id))
    if visitor is None or (user is not None and visitor.customer == user.customer):
        return False
    if user is not None and (visitor.customer, user.customer) in apart:
        return False
    # A visitor who is known to be somebody else stays so (a shared device), unless the event is an identification.
    return not visitor.named or (event.kind == "identify" and not visitor.crowded)
