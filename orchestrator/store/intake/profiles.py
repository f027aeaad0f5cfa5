"""Profiles in bulk: read under lock, changed in memory by ``core.customers.traits``, written back in one statement."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from orchestrator.core.customers.consent_record import ConsentAct, records_as_json
from orchestrator.core.customers.consents import Heard
from orchestrator.core.customers.traits import CONTACT, Profile, Traits, with_consents, with_names
from orchestrator.store.customers.consents import Said, read_stored, record_many
from orchestrator.store.database import dump_json

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_READ = """
select id, attributes, tags, profile_at, said_at, consents, consented_at, consent_record, created_at,
  email, phone, locale, time_zone
from customers where id = any(%s) order by id for no key update
"""

_WRITE = """
update customers set attributes = given.attributes, consents = given.consents, consented_at = given.consented_at,
  consent_record = given.consent_record, tags = given.tags, profile_at = given.profile_at, said_at = given.said_at,
  email = given.email, phone = given.phone, locale = given.locale, time_zone = given.time_zone, updated_at = %s
from json_to_recordset(%s::json) as given(id uuid, attributes jsonb, consents jsonb, consented_at jsonb,
  consent_record jsonb, tags jsonb, profile_at timestamptz, said_at jsonb, email text, phone text, locale text,
  time_zone text)
where customers.id = given.id
"""


async def read_profiles(connection: Connection, customers: Iterable[UUID]) -> dict[UUID, Profile]:
    """The customers' profiles, locked until the transaction ends, in one order for everybody."""
    cursor = await connection.execute(_READ, (sorted(set(customers)),))
    return {
        row[0]: Profile(
            contact=dict(zip(CONTACT, row[9:], strict=True)),
            attributes=row[1],
            consents=read_stored(row[5], row[6], row[7], known_since=row[8], last_said=row[3]),
            tags=tuple(row[2]),
            at=row[3],
            said_at=row[4],
        )
        for row in await cursor.fetchall()
    }


async def write_profiles(connection: Connection, profiles: Mapping[UUID, Profile], at: datetime) -> None:
    """Writes whole profiles, as of ``at`` (journey time)."""
    rows = [
        {
            "id": customer,
            "attributes": profile.attributes,
            "consents": profile.consents.standing,
            "consented_at": profile.consents.dates,
            "consent_record": records_as_json(profile.consents.records),
            "tags": profile.tags,
            "profile_at": profile.at,
            "said_at": profile.said_at,
            **dict.fromkeys(CONTACT),
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
            profile, heard = with_consents(with_names(profile, traits), traits)
            changed += [_said(customer, traits, became, act) for became, act in heard if became.lines]
        profiles[customer] = profile
    await write_profiles(connection, profiles, at)
    await record_many(connection, changed, at)


def _said(customer: UUID, traits: Traits, heard: Heard, act: ConsentAct | None) -> Said:
    evidence = {"message": traits.cause, **traits.evidence, **({} if act is None else act.evidence)}
    at = traits.at if act is None else act.at
    return Said(customer, heard.changes, at, traits.source, evidence, traits.history, heard.lines)
