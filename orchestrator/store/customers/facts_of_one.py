"""What else is known of one customer: their devices, and what they ordered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

ORDER_EVENTS = ("Order Completed", "Order Refunded")
"""Of Segment's specification for commerce: https://segment.com/docs/connections/spec/ecommerce/v2/"""
MOST_ORDERS = 1_000
_VALUES = ("total", "revenue", "value")
"""Properties that hold what an order came to, the first that is a number."""
_DEVICES = text("""
select id, kind, created_at, seen_at, dropped_at from devices where customer_id = :customer
order by seen_at desc, id limit 50
""")
_ORDERS = text("""
select message_id, name, properties, occurred_at from events
where customer_id = :customer and name = any(:names) order by occurred_at desc limit :limit
""")


@dataclass(frozen=True)
class DeviceRow:
    """A device that can be pushed to. ``dropped_at``: since when a provider says that nobody is there."""

    id: UUID
    kind: str
    created_at: datetime
    seen_at: datetime
    dropped_at: datetime | None


@dataclass(frozen=True)
class Order:
    """One order, or what was given back of one. ``value`` None: not said."""

    id: str
    number: str
    value: Decimal | None
    currency: str
    refunded: bool
    at: datetime


@dataclass(frozen=True)
class Orders:
    """What a customer ordered: the newest, and of at most ``MOST_ORDERS`` how many and what they came to, less what
    was given back, by currency (empty: none was named)."""

    newest: tuple[Order, ...]
    count: int
    value: dict[str, Decimal]
    first_at: datetime | None
    last_at: datetime | None


async def load_devices(engine: AsyncEngine, customer: UUID) -> list[DeviceRow]:
    """Devices, the one seen last first."""
    async with engine.connect() as db:
        return [DeviceRow(*row) for row in await db.execute(_DEVICES, {"customer": customer})]


async def load_orders(engine: AsyncEngine, customer: UUID, shown: int = 10) -> Orders:
    """Orders, the newest first."""
    given = {"customer": customer, "names": list(ORDER_EVENTS), "limit": MOST_ORDERS}
    async with engine.connect() as db:
        rows = [_order(*row) for row in await db.execute(_ORDERS, given)]
    value: dict[str, Decimal] = {}
    for one in rows:
        if one.value is not None:
            value[one.currency] = value.get(one.currency, Decimal()) + (-one.value if one.refunded else one.value)
    bought = [one for one in rows if not one.refunded]
    first, last = (bought[-1].at, bought[0].at) if bought else (None, None)
    return Orders(tuple(rows[:shown]), len(bought), value, first, last)


def _order(message: str, name: str, said: dict[str, Any], at: datetime) -> Order:
    value = next((found for key in _VALUES if (found := _amount(said.get(key))) is not None), None)
    number, currency = said.get("order_id"), said.get("currency")
    return Order(
        message,
        str(number) if isinstance(number, str | int) else "",
        value,
        currency.upper()[:3] if isinstance(currency, str) else "",
        name == ORDER_EVENTS[1],
        at,
    )


def _amount(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        found = Decimal(str(given))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
