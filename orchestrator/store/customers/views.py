"""Many customers as conditions see them, read at once: for whoever decides of a set of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.connection_pool import DirectConnection
from orchestrator.store.customers.view import asked_segments, history_names, history_since, seen_of

_PROFILES = """
select id, attributes, consents, consented_at, created_at, stage, time_zone, tags, email, phone, locale, external_id,
    array(select kind from devices d where d.customer_id = customers.id and d.dropped_at is null) as devices
from customers where id = any(%(customers)s::uuid[])
"""
_HISTORY = """
select e.customer_id, e.message_id, e.name, e.occurred_at, e.properties
from unnest(%(customers)s::uuid[]) as who(id)
cross join unnest(%(names)s::text[], %(since)s::timestamptz[]) as asked(name, since)
join events e on e.customer_id = who.id and e.name = asked.name
    and e.occurred_at >= coalesce(asked.since, '-infinity')
order by e.occurred_at, e.message_id
"""
_SEGMENTS = """
select s.key, array(
    select m.customer_id from unnest(%(customers)s::uuid[]) as who(id)
    join segment_members m on m.customer_id = who.id and m.segment_key = s.key and m.build = s.live_build and m.member
) as members
from segments s where s.key = any(%(keys)s::text[]) and s.archived_at is null and s.live_build is not null
"""


@dataclass
class Views:
    """Customers, as far as the conditions that were named look at them. ``zone``: where their own is not known."""

    zone: str
    profiles: Mapping[UUID, DictRow] = field(default_factory=dict)
    histories: Mapping[UUID, Sequence[CustomerEvent]] = field(default_factory=dict)
    members: Mapping[str, Collection[UUID]] = field(default_factory=dict)
    """By segment, of those that can be told."""

    def view(self, customer: UUID) -> Customer:
        """One of them; one whom nobody knows is an empty one."""
        row, log = self.profiles.get(customer), Log(self.histories.get(customer, ()))
        segments = {key: customer in members for key, members in self.members.items()}
        if row is None:
            return Customer(zone=self.zone, history=log, segments=segments)
        return seen_of(row, log, segments, self.zone)


async def read_views(
    db: DirectConnection, customers: Collection[UUID], conditions: Collection[Condition], now: datetime, zone: str
) -> Views:
    """Profiles, and those parts of histories and memberships that these conditions ask about as of ``now``."""
    given = {"customers": sorted(customers)}
    if not customers:
        return Views(zone)
    names, keys = sorted(history_names(conditions)), sorted(asked_segments(conditions))
    since = history_since(conditions, now)
    profiles = await db.execute(_PROFILES, given)
    asked = {**given, "names": names, "since": [since.get(name) for name in names]}
    history = await db.execute(_HISTORY, asked) if names else None
    segments = await db.execute(_SEGMENTS, {**given, "keys": keys}) if keys else None
    views = Views(zone, {row["id"]: row for row in await profiles.fetchall()})
    if history is not None:
        histories: dict[UUID, list[CustomerEvent]] = defaultdict(list)
        for row in await history.fetchall():
            event = CustomerEvent(row["message_id"], row["name"], row["occurred_at"], row["properties"])
            histories[row["customer_id"]].append(event)
        views.histories = histories
    if segments is not None:
        views.members = {row["key"]: frozenset(row["members"] or ()) for row in await segments.fetchall()}
    return views
