"""By which channels a customer can be reached, and what they agreed to: what the page of preferences shows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.customers.contacts import DEVICES

_READ = text(f"""
select c.id, c.email, c.phone, c.attributes, c.locale, c.consents, c.consented_at, {DEVICES} as devices
from customers was join customers c on c.id = coalesce(was.merged_into, was.id)
where was.id = :customer
""")


async def load_addresses(db: AsyncConnection, customer: UUID) -> Mapping[str, Any] | None:
    """Addresses, consents and their dates of a customer, followed to whom they turned out to be; None: unknown.

    ``id``, ``email``, ``phone``, ``attributes``, ``locale``, ``consents``, ``consented_at``, ``devices`` (addresses by
    kind).
    """
    row = (await db.execute(_READ, {"customer": customer})).mappings().one_or_none()
    return None if row is None else {str(name): value for name, value in row.items()}
