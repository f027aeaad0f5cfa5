"""Somebody of the team changes a customer: by the same rules as a call of the shop's, and runs hear of it likewise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.customers.traits import Profile, Traits
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import driver_connection
from orchestrator.store.events.system_events import add_event
from orchestrator.store.intake.profiles import read_profiles, update_profiles
from orchestrator.store.intake.tracked_names import SeenNames

_WHO = text("select coalesce(merged_into, id) from customers where id = :customer")


@dataclass(frozen=True)
class Edited:
    """What became of a change. ``changed``: names of fields, attributes and tags that are different now;
    ``consents``: by name, how those that were spoken of stand; ``overruled``: those of them that stand otherwise than
    was said, because the customer's own word outranks it."""

    changed: tuple[str, ...] = ()
    consents: Mapping[str, bool] | None = None
    overruled: tuple[str, ...] = ()


async def edit_profile(
    db: AsyncConnection, customer: UUID, said: Traits, properties: Mapping[str, Any], by: By
) -> Edited | None:
    """Apply what somebody says of a customer, tell what waits for them, and keep in the audit log that it was done.

    Args:
        said: In journey time; ``cause`` is the message id of the event that tells of it.
        properties: Of that event, ``Customer Updated``, which is added where anything but a consent became different.

    The audit log keeps the names of what changed and never a value: an entry cannot be taken out of its chain when its
    customer is erased. None where there is no such customer. The caller commits.
    """
    who = (await db.execute(_WHO, {"customer": customer})).scalar_one_or_none()
    if who is None:
        return None
    connection = await driver_connection(db)
    before = (await read_profiles(connection, [who]))[who]
    await update_profiles(connection, {who: [said]}, said.at)
    after = (await read_profiles(connection, [who]))[who]
    changed = _differing(before, after)
    if changed:
        names = SeenNames()
        await names.record(connection, names.new_in_attributes(said.attributes), said.at)
        await add_event(db, who, CUSTOMER_UPDATED, properties, said.at, said.cause)
    words = {**said.consents, **{name: act.granted for name, act in said.acts.items()}}
    stands = {name: after.consents.standing.get(name) is True for name in words}
    edited = Edited(changed, stands, tuple(sorted(name for name in words if stands[name] is not words[name])))
    if changed or words:
        told = {"changed": list(changed), **({"consents": words} if words else {})}
        await record(db, by, Change("customer.changed", str(who), {}, told))
    return edited


def _differing(before: Profile, after: Profile) -> tuple[str, ...]:
    found = [name for name in after.contact if after.contact[name] != before.contact.get(name)]
    names = {**before.attributes, **after.attributes}
    missing = object()
    found += [
        f"attributes.{name}"
        for name in names
        if before.attributes.get(name, missing) != after.attributes.get(name, missing)
    ]
    found += [f"tags.{tag}" for tag in sorted({*before.tags} ^ {*after.tags})]
    return tuple(found)
