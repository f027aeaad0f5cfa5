"""How a run changes its customer: attributes, tags, and what it states of their consents; each change once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.commands import Change
from orchestrator.core.customers.consents import hear, in_turn
from orchestrator.core.customers.profile import apply_change
from orchestrator.store.customers.attribute_instants import attributes_said_at
from orchestrator.store.customers.consents import consent_columns, read_stored, record_words
from orchestrator.store.database import dump_json

_LOCK_PROFILE = text("""
select attributes, tags, consents, consented_at, consent_record, created_at, profile_at
from customers where id = :customer for update
""")
_CLAIM_CHANGES = text("""
insert into applied_changes (id, at) select id, :now from unnest(cast(:ids as text[])) as id
on conflict do nothing returning id
""")
_SET_PROFILE = text("""
update customers set attributes = cast(:attributes as jsonb), consents = cast(:consents as jsonb),
    consented_at = cast(:consented_at as jsonb), consent_record = cast(:consent_record as jsonb),
    tags = cast(:tags as jsonb), said_at = said_at || cast(:said_at as jsonb), updated_at = :now
where id = :customer
""")
_ATTRIBUTES = ("set", "remove", "increment")


async def apply_changes(
    db: AsyncConnection, run: UUID, customer: UUID, changes: Sequence[Change], now: datetime
) -> None:
    """Apply those changes that have not been applied before; the lock keeps two runs' increments apart.

    That a journey notes a consent is a statement: it never outranks what the customer did themselves.
    """
    profile = (await db.execute(_LOCK_PROFILE, {"customer": customer})).one_or_none()
    claimed = await db.execute(_CLAIM_CHANGES, {"ids": [change.id for change in changes], "now": now})
    fresh_ids = {row.id for row in claimed}
    fresh = [change for change in changes if change.id in fresh_ids]
    if profile is None or not fresh:
        return
    attributes, tags = dict(profile.attributes), list(profile.tags)
    said: dict[str, bool] = {}
    for change in fresh:
        apply_change(change, attributes, said, tags)
    before = read_stored(
        profile.consents,
        profile.consented_at,
        profile.consent_record,
        known_since=profile.created_at,
        last_said=profile.profile_at,
    )
    heard = hear(before, said, in_turn(before, said, now))
    given: dict[str, Any] = {"attributes": attributes, "tags": tags}
    encoded = {name: dump_json(value) for name, value in given.items()} | consent_columns(heard.consents)
    encoded["said_at"] = attributes_said_at([change.name for change in fresh if change.op in _ATTRIBUTES], now)
    await db.execute(_SET_PROFILE, {**encoded, "now": now, "customer": customer})
    await record_words(db, customer, heard, source="journey", evidence={"run": str(run)}, at=now)
