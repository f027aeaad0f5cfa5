"""Customers as simulations walk them: one for a test run; a sample, the same ones each time, for forecasts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.customers.consent_record import read_records, refused
from orchestrator.core.customers.consents import consent_dates
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.sending.frequency import LONGEST, Counted
from orchestrator.core.simulation.simulator import Person
from orchestrator.store.customers.contacts import DEVICES, contacts_in

MOST_EVENTS = 300
"""Of one customer: their newest."""
FAR_BACK = timedelta(days=400)
_PATIENCE = text("set local statement_timeout = 5000")
_COUNT = text("select count(*) from customers where merged_into is null")
PERSON = f"""
select id, attributes, consents, consented_at, consent_record, tags, stage, time_zone, locale, email, phone,
    external_id, created_at, {DEVICES} as devices,
    exists (select from complaints o where o.customer_id = c.id and o.resolved_at is null) as complaint
from customers c
"""
_ONE = text(f"{PERSON} where id = :id")
_COUNTED = text("""
select id, counted_at, channel, message_class, tags from sends
where customer_id = :id and counted_at > :since and counted_at <= :now
""")
_SAMPLE = text(f"""
{PERSON} where merged_into is null and (hashtextextended(id::text, 7) & 9223372036854775807) % :every = 0
order by id limit :size
""")
_EVENTS = text("""
select c.id as customer_id, e.* from unnest(cast(:ids as uuid[])) c(id) cross join lateral (
    select message_id, name, occurred_at, properties from events
    where customer_id = c.id and name = any(:names) and occurred_at > :since and occurred_at <= :now
    order by occurred_at desc limit :most
) e
""")
_SEGMENTS = text("""
select s.key, array_agg(m.customer_id) filter (where m.customer_id is not null) as members
from segments s left join segment_members m on m.customer_id = any(cast(:ids as uuid[]))
    and m.segment_key = s.key and m.build = s.live_build and m.member
where s.archived_at is null and s.live_build is not null group by s.key
""")
_IN_JOURNEY = text("select count(*) from runs where journey_key = :key and status in ('starting', 'running')")


@dataclass(frozen=True)
class Sample:
    """Customers with their events; ``of``: how many customers there are."""

    customers: list[tuple[Person, list[CustomerEvent]]]
    of: int


async def load_sample(engine: AsyncEngine, names: frozenset[str], now: datetime, size: int, time_zone: str) -> Sample:
    """About ``size`` customers, the same as long as they are the same, with their events of these names.

    Raises what SQLAlchemy raises where the database takes too long.
    """
    async with engine.begin() as db:
        await db.execute(_PATIENCE)
        of = int((await db.execute(_COUNT)).scalar_one())
        rows = list(await db.execute(_SAMPLE, {"every": max(1, of // size), "size": 2 * size}))
        given = {
            "ids": [row.id for row in rows],
            "names": sorted(names),
            "since": now - FAR_BACK,
            "now": now,
            "most": MOST_EVENTS,
        }
        events: dict[object, list[CustomerEvent]] = defaultdict(list)
        for row in await db.execute(_EVENTS, given):
            events[row.customer_id].append(CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties))
        inside = await segments_of(db, [row.id for row in rows])
    people = [person_of(row, time_zone, inside[row.id]) for row in rows]
    return Sample([(one, events[row.id]) for one, row in zip(people, rows, strict=True)], of)


async def load_person(engine: AsyncEngine, identity: UUID, now: datetime, time_zone: str) -> Person | None:
    """One customer as decisions on their messages see them, with what their frequency caps count; no events."""
    async with engine.connect() as db:
        row = (await db.execute(_ONE, {"id": identity})).one_or_none()
        if row is None:
            return None
        person = person_of(row, time_zone, (await segments_of(db, [row.id]))[row.id])
        given = {"id": identity, "since": now - LONGEST, "now": now}
        person.counted = [
            Counted(str(one.id), one.counted_at, one.channel, one.message_class, tuple(one.tags))
            for one in await db.execute(_COUNTED, given)
        ]
        return person


async def segments_of(db: AsyncConnection, customers: list[UUID]) -> dict[UUID, dict[str, bool]]:
    """Of every segment that can be told, whether each of these customers is in it."""
    rows = [(row.key, frozenset(row.members or ())) for row in await db.execute(_SEGMENTS, {"ids": customers})]
    return {customer: {key: customer in members for key, members in rows} for customer in customers}


def person_of(row: Any, time_zone: str, segments: dict[str, bool]) -> Person:
    """One row of :data:`PERSON`; ``time_zone``: the workspace's."""
    return Person(
        str(row.id),
        attributes=dict(row.attributes),
        consents={name: value is True for name, value in row.consents.items()},
        contacts=contacts_in(str(row.id), row._asdict()),
        tags=list(row.tags),
        stage=row.stage,
        zone=row.time_zone or time_zone,
        locale=row.locale,
        consented_at=consent_dates(row.consents, row.consented_at, row.created_at),
        refused=_refused(row),
        complaint=row.complaint,
        known={"external_id": row.external_id},
        time_zone=row.time_zone,
        segments=segments,
    )


def _refused(row: Any) -> frozenset[str]:
    """What the customer themselves refused."""
    records = read_records(row.consent_record)
    return frozenset(name for name in records if refused(records, name) is not None)


async def count_in_journey(engine: AsyncEngine, key: str) -> int:
    """Runs under way, all versions together."""
    async with engine.connect() as db:
        return int((await db.execute(_IN_JOURNEY, {"key": key})).scalar_one())
