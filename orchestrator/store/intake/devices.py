"""Where pushes go: the tokens of apps and the subscriptions of browsers, each the customer's who used it last.

A device is known by its address. It is told of again each time the app or page opens, which is when it counts as seen;
of several of one kind a message goes to the one seen last (``store.sending.ledger``). A provider that answers that
nobody is there any more drops it; seen again, it is back.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.store.events.system_events import add_event
from orchestrator.store.intake.identities import Connection
from orchestrator.store.intake.incoming import DeviceKind, ReportedDevice

_NAMESPACE = UUID("6f1d8f3e-3c0b-5e0e-9f0a-50a0c0de0002")
MOST = 20
"""Devices of one kind that are kept of a customer; the one seen longest ago makes room."""

_REGISTER = """
insert into devices (id, customer_id, kind, address, created_at, seen_at)
values (%(id)s, %(customer)s, %(kind)s, %(address)s, %(at)s, %(at)s)
on conflict (id) do update set customer_id = excluded.customer_id, seen_at = excluded.seen_at,
    address = excluded.address, dropped_at = null
where devices.seen_at <= excluded.seen_at
"""
_MAKE_ROOM = """
delete from devices where id in (
    select id from devices where customer_id = %(customer)s and kind = %(kind)s
    order by dropped_at is null desc, seen_at desc, id offset %(most)s)
"""
# Whoever stores events locks devices in one order, so that two who tell of the same ones do not wait for each other.
_SEEN = "select id, customer_id, address, seen_at from devices where id = any(%s) and dropped_at is null"
_GONE = "update devices set dropped_at = %(at)s where id = %(id)s and customer_id = %(customer)s and dropped_at is null"
# Who can be reached is a condition: what waits for it is asked again.
_TELL = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (%(message)s, %(customer)s, 'system', %(name)s, '{}', '{}', %(at)s, %(at)s)
on conflict (message_id) do nothing
"""
_DROP = text("update devices set dropped_at = :at where id = :id and dropped_at is null returning customer_id")


def device_id(kind: DeviceKind, address: str) -> UUID:
    """The id of a device: of its token, or of its subscription's endpoint, whose keys may change."""
    if kind == "web_push":
        with suppress(ValueError, LookupError, TypeError):
            address = str(json.loads(address)["endpoint"])
    return uuid5(_NAMESPACE, f"{kind}:{address}")


async def update_devices(
    connection: Connection, told: Iterable[tuple[UUID, ReportedDevice, datetime]], fresh: timedelta = timedelta(0)
) -> None:
    """Store the devices that customers' calls reported: customer, device, journey time. The caller commits.

    Libraries name their device in every call. One that was seen less than ``fresh`` before (journey time), of the same
    customer, in the same place, need not be written down again.
    """
    ordered = sorted(((device_id(one.kind, one.address), customer, one, at) for customer, one, at in told), key=_order)
    rows = await (await connection.execute(_SEEN, ([device for device, *_ in ordered],))).fetchall()
    seen = {device: (customer, address, at) for device, customer, address, at in rows}
    for device, customer, one, at in ordered:
        before = seen.get(device)
        if before is not None and not one.gone and before[:2] == (customer, one.address) and at - before[2] < fresh:
            continue
        seen.pop(device, None)
        if not one.gone and (before is None or before[2] <= at):
            seen[device] = (customer, one.address, at)
        given = {"id": device, "customer": customer, "kind": one.kind, "address": one.address, "at": at, "most": MOST}
        if one.gone:
            changed = bool((await connection.execute(_GONE, given)).rowcount)
        else:
            changed = before is None or before[0] != customer
            await connection.execute(_REGISTER, given)
            await connection.execute(_MAKE_ROOM, given)
        if changed:
            message = derived_event_id(CUSTOMER_UPDATED, str(device), str(customer), at.isoformat())
            await connection.execute(_TELL, {**given, "message": message, "name": CUSTOMER_UPDATED})


def _order(one: tuple[UUID, UUID, ReportedDevice, datetime]) -> tuple[UUID, datetime]:
    return one[0], one[3]


async def drop_device(db: AsyncConnection, device: UUID, at: datetime) -> bool:
    """Nothing is sent there any more; whether it was known. The caller commits."""
    customer = (await db.execute(_DROP, {"id": device, "at": at})).scalar_one_or_none()
    if customer is not None:
        message = derived_event_id(CUSTOMER_UPDATED, str(device), str(customer), at.isoformat())
        await add_event(db, customer, CUSTOMER_UPDATED, {}, at, message)
    return customer is not None


class Devices:
    """For providers: what they learn of devices. A database that is away is no reason to tell of another fault."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def drop(self, device: UUID, at: datetime) -> None:
        """Delete a device that a provider reports as gone."""
        try:
            async with self._engine.connect() as db:
                await drop_device(db, device, at)
        except (DBAPIError, PoolTimeout, OSError):
            return
