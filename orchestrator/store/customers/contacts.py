"""How a customer can be reached, as SQL reads it and the core takes it (``core.channels.contacts``)."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.channels.contacts import contacts_of

DEVICES = """(select jsonb_object_agg(d.kind, d.address) from (
    select distinct on (kind) kind, address from devices
    where customer_id = c.id and dropped_at is null order by kind, seen_at desc, id
) d)"""
"""By kind, the address of the device seen last, of the customer ``c``; null where there is none."""


def contacts_in(customer: str, row: Mapping[str, Any]) -> dict[str, str | None]:
    """By kind of contact. ``row``: the fields of the customer, ``attributes``, and :data:`DEVICES` as ``devices``."""
    return contacts_of(customer, row, row["devices"] or {}, row["attributes"] or {})
