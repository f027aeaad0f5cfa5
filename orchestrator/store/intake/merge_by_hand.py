"""Somebody of the team says that two customers are one person: what would stay, and then that it is so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.customers.traits import Profile, merged
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import driver_connection
from orchestrator.store.intake.merge import count_merge, lock_identities, merge_customers
from orchestrator.store.intake.profiles import read_profiles

_WHO = text("select coalesce(merged_into, id) from customers where id = :customer")
_IDENTITIES = text(
    "select kind, value from identities where customer_id = :customer order by kind desc, value limit 50"
)
_COUNTS = text("""
select (select count(*) from events where customer_id = :customer) as events,
    (select count(*) from sends where customer_id = :customer) as messages,
    (select count(*) from runs where customer_id = :customer) as runs
""")
_LIVE = text("""
select r.id, r.journey_key, r.key, r.customer_id, r.entered_at,
    row_number() over (partition by r.journey_key, r.key order by r.entered_at, r.id) > 1 as ends
from runs r where r.customer_id in (:source, :target) and r.finished_at is null and r.ending is null
order by r.entered_at limit 100
""")
_DECIDED = text("""
update held_merges set decision = 'merged', decided_at = :at, decided_by = :by
where (source_id, target_id) in ((:source, :target), (:target, :source)) and decision is distinct from 'merged'
""")


@dataclass(frozen=True)
class MergedValue:
    """One name of a profile: what each says, and what stays. None: nothing."""

    name: str
    source: Any
    target: Any
    stays: Any


@dataclass(frozen=True)
class MergedRun:
    """A run under way. ``ends``: the other customer has an earlier one of the same journey, which goes on instead."""

    id: UUID
    journey_key: str
    key: str
    of_source: bool
    entered_at: datetime
    ends: bool


@dataclass(frozen=True)
class MergePreview:
    """What merging ``source`` into ``target`` would do. ``values``: contact, attributes, tags; ``moves``: how many
    events, messages and runs become the other's."""

    source: UUID
    target: UUID
    values: tuple[MergedValue, ...]
    consents: tuple[MergedValue, ...]
    identities: tuple[tuple[str, str], ...]
    runs: tuple[MergedRun, ...]
    moves: Mapping[str, int]


async def preview_merge(db: AsyncConnection, source: UUID, target: UUID) -> MergePreview | None:
    """What would stay; None where either is nobody, or both are one already. The caller rolls back: rows are locked."""
    pair = await _pair(db, source, target)
    if pair is None:
        return None
    source, target = pair
    profiles = await read_profiles(await driver_connection(db), [source, target])
    known, other = profiles[target], profiles[source]
    united = merged(known, other)
    standing = [profile.consents.standing for profile in (other, known, united)]
    identities = [tuple(row) for row in await db.execute(_IDENTITIES, {"customer": source})]
    runs = [
        MergedRun(row.id, row.journey_key, row.key, row.customer_id == source, row.entered_at, row.ends)
        for row in await db.execute(_LIVE, {"source": source, "target": target})
    ]
    moves = (await db.execute(_COUNTS, {"customer": source})).mappings().one()
    return MergePreview(
        source,
        target,
        tuple(_values(_names(other), _names(known), _names(united))),
        tuple(_values(*standing)),
        tuple((kind, value) for kind, value in identities),
        tuple(runs),
        {str(name): int(count) for name, count in moves.items()},
    )


async def merge_by_hand(db: AsyncConnection, source: UUID, target: UUID, by: By, at: datetime) -> UUID | None:
    """Make ``source`` a part of ``target``, as of ``at`` (journey time), and keep in the audit log that it was done.

    Returns who remains; None where either is nobody, or both are one already. The caller commits.
    """
    connection = await driver_connection(db)
    await lock_identities(connection)
    pair = await _pair(db, source, target)
    if pair is None:
        return None
    source, target = pair
    await merge_customers(connection, source, target, at)
    await count_merge(connection)
    await db.execute(_DECIDED, {"source": source, "target": target, "at": at, "by": by.who})
    await record(db, by, Change("customer.merged", str(target), {}, {"merged": str(source)}))
    return target


async def _pair(db: AsyncConnection, source: UUID, target: UUID) -> tuple[UUID, UUID] | None:
    """Whom the two have become."""
    first: UUID | None = (await db.execute(_WHO, {"customer": source})).scalar_one_or_none()
    second: UUID | None = (await db.execute(_WHO, {"customer": target})).scalar_one_or_none()
    return None if first is None or second is None or first == second else (first, second)


def _names(profile: Profile) -> Mapping[str, Any]:
    contact = {name: value for name, value in profile.contact.items() if value is not None}
    attributes = {f"attributes.{name}": value for name, value in sorted(profile.attributes.items())}
    return {**contact, **attributes, **({"tags": list(profile.tags)} if profile.tags else {})}


def _values(source: Mapping[str, Any], target: Mapping[str, Any], stays: Mapping[str, Any]) -> Iterator[MergedValue]:
    for name in dict.fromkeys((*stays, *target, *source)):
        yield MergedValue(name, source.get(name), target.get(name), stays.get(name))
