"""Profiles in bulk: read under lock, changed in memory by ``core.customers.traits``, written back in one statement."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from orchestrator.core.customers.consents import compare
from orchestrator.core.customers.traits import CONTACT, Profile, Traits, with_traits
from orchestrator.store.customers.consents import Said, record_many
from orchestrator.store.database import dump_json

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_READ = """
select id, attributes, consents, consented_at, tags, profile_at, email, phone, locale, time_zone
from customers where id = any(%s) order by id for no key update
"""

_WRITE = """
update customers set attributes = given.attributes, consents = given.consents, consented_at = given.consented_at,
  tags = given.tags, profile_at = given.profile_at, email = given.email, phone = given.phone, locale = given.locale,
  time_zone = given.time_zone, updated_at = %s
from json_to_recordset(%s::json) as given(id uuid, attributes jsonb, consents jsonb, consented_at jsonb, tags jsonb,
  profile_at timestamptz, email text, phone text, locale text, time_zone text)
where customers.id = given.id
"""


async def read_profiles(connection: Connection, customers: Iterable[UUID]) -> dict[UUID, Profile]:
    """The customers' profiles, locked until the transaction ends, in one order for everybody."""
    cursor = await connection.execute(_READ, (sorted(set(customers)),))
    return {
        row[0]: Profile(
            contact=dict(zip(CONTACT, row[6:], strict=True)),
            attributes=row[1],
            consents=row[2],
            consented_at=row[3],
            tags=tuple(row[4]),
            at=row[5],
        )
        for row in await cursor.fetchall()
    }


async def write_profiles(connection: Connection, profiles: Mapping[UUID, Profile], at: datetime) -> None:
    """Writes whole profiles, as of ``at`` (journey time)."""
    rows = [
        {
            "id": customer,
            "attributes": profile.attributes,
            "consents": profile.consents,
            "consented_at": profile.consented_at,
            "tags": profile.tags,
            "profile_at": profile.at,
            **profile.contact,
        }
        for customer, profile in profiles.items()
    ]
    await connection.execute(_WRITE, (at, dump_json(rows)))


async def update_profiles(connection: Connection, said: Mapping[UUID, list[Traits]], at: datetime) -> None:
    """Applies what was said of each customer, in the order in which it was said; records what became of consents."""
    profiles = await read_profiles(connection, said)
    changed: list[Said] = []
    for customer, profile in profiles.items():
        for traits in sorted(said[customer], key=lambda traits: traits.at):
            before, profile = profile.consents, with_traits(profile, traits)
            if changes := compare(before, profile.consents):
                evidence = {"message": traits.cause}
                changed.append(Said(customer, changes, traits.at, traits.source, evidence, traits.history))
        profiles[customer] = profile
    await write_profiles(connection, profiles, at)
    await record_many(connection, changed, at)
