"""Redemption: a shop tells, by event or by API, that a code was used. Counted once, whoever tells how often.

By event: an event that bears a code in one of the workspace's coupon properties (``coupon_properties``, by default
``coupon`` and ``coupon_code``), such as Segment's ``Order Completed``, or an event ``Coupon Redeemed`` with ``code``.
The router looks, so the code counts moments after the event was stored; what it finds is told as ``Coupon Redeemed``
in the customer's own log, where journeys can wait for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.coupons.pool import LONGEST_CODE
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import COUPON_REDEEMED
from orchestrator.store.events.system_events import add_event
from orchestrator.store.events.unrouted import Unrouted

PROPERTIES = ("coupon", "coupon_code")
REVENUE = ("revenue", "total", "value", "amount")
"""Where an order says what it came to (Segment's spec of ``Order Completed``: ``revenue``, ``total``)."""
MOST_CODES = 20
"""Of one event."""

_REDEEM = text("""
update coupon_codes set redeemed_at = :at, redeemed_by = :by, revenue = :revenue, currency = :currency
where code = any(cast(:codes as text[])) and redeemed_at is null
returning pool_key, code, customer_id, run_id, journey_key
""")
_NO_REVENUE = text("update coupon_codes set revenue = null where code = any(:codes)")
_KNOWN = text("select redeemed_at from coupon_codes where code = any(cast(:codes as text[]))")
_SETTING = text("select settings -> 'coupon_properties' from workspace")


@dataclass(frozen=True)
class Redemption:
    """A code that was used just now for the first time. ``customer_id``: whose it is, if a run took it."""

    pool: str
    code: str
    customer_id: UUID | None
    run_id: UUID | None
    journey: str | None


@dataclass(frozen=True)
class Order:
    """What it was used for."""

    at: datetime
    by: str
    """Message id of the event, or what the caller of the API says."""
    revenue: Decimal | None = None
    currency: str | None = None


def codes_in(name: str, properties: Mapping[str, Any], places: Sequence[str] = PROPERTIES) -> list[str]:
    """The codes that an event bears: a text, or a list of texts; ``code`` counts in ``Coupon Redeemed`` alone."""
    found: list[str] = []
    for place in (*places, "code") if name == COUPON_REDEEMED else places:
        value = properties.get(place)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and 0 < len(one.strip()) <= LONGEST_CODE:
                found.append(one.strip())
    return list(dict.fromkeys(found))[:MOST_CODES]


def order_of(properties: Mapping[str, Any], at: datetime, by: str) -> Order:
    """What an event says of the order; a number that cannot be read counts as not said."""
    revenue = next((number for place in REVENUE if (number := _decimal(properties.get(place))) is not None), None)
    currency = properties.get("currency")
    plain = isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()
    return Order(at, by, revenue, currency.upper() if plain and isinstance(currency, str) else None)


async def coupon_properties(engine: AsyncEngine) -> tuple[str, ...]:
    """The workspace's coupon properties."""
    async with engine.connect() as db:
        return _places((await db.execute(_SETTING)).scalar_one_or_none())


def _places(given: object) -> tuple[str, ...]:
    names = [name for name in given if isinstance(name, str) and name] if isinstance(given, list) else []
    return tuple(names) or PROPERTIES


async def redeem(db: AsyncConnection, codes: Sequence[str], order: Order) -> list[Redemption]:
    """Counts codes that were not counted before; the order's revenue is told of the first of them alone.

    Codes are compared as they are, and in capital letters, in which people's typing ends up.
    """
    given = {"codes": _spelt(codes), "at": order.at, "by": order.by}
    rows = (await db.execute(_REDEEM, {**given, "revenue": order.revenue, "currency": order.currency})).all()
    if len(rows) > 1 and order.revenue is not None:
        others = [row.code for row in rows[1:]]
        await db.execute(_NO_REVENUE, {"codes": others})
    return [Redemption(row.pool_key, row.code, row.customer_id, row.run_id, row.journey_key) for row in rows]


async def redeemed_before(db: AsyncConnection, codes: Sequence[str]) -> bool | None:
    """Whether one of the codes was counted before; None: there is no such code."""
    rows = (await db.execute(_KNOWN, {"codes": _spelt(codes)})).scalars().all()
    return any(at is not None for at in rows) if rows else None


async def redeem_events(
    engine: AsyncEngine, events: Sequence[Unrouted], settings: Mapping[str, Any] | None = None
) -> int:
    """Looks through events of customers for codes, and counts them; how many were new. ``settings``: the workspace's,
    where the caller has read them.

    Looking again changes nothing. The code and the event that tells of it are committed together.
    """
    places = await coupon_properties(engine) if settings is None else _places(settings.get("coupon_properties"))
    count = 0
    for event in events:
        customer_event = event.customer_event
        codes = codes_in(customer_event.name, customer_event.properties, places)
        if codes:
            order = order_of(customer_event.properties, customer_event.occurred_at, customer_event.message_id)
            async with engine.begin() as db:
                found = await redeem(db, codes, order)
                if customer_event.name != COUPON_REDEEMED:
                    await record_redemptions(db, found, order, event.customer_id)
            count += len(found)
    return count


async def record_redemptions(
    db: AsyncConnection, found: Sequence[Redemption], order: Order, customer: UUID | None
) -> None:
    """Add ``Coupon Redeemed`` to the log of whoever used the code: ``customer``, else the customer who was given it."""
    for one in found:
        who = customer or one.customer_id
        if who is not None:
            told = {"code": one.code, "pool": one.pool, "journey": one.journey, "order": order.by}
            worth = {"revenue": None if order.revenue is None else float(order.revenue), "currency": order.currency}
            properties = {name: value for name, value in {**told, **worth}.items() if value is not None}
            await add_event(db, who, COUPON_REDEEMED, properties, order.at, derived_event_id("coupon", one.code))


def _spelt(codes: Sequence[str]) -> list[str]:
    return sorted({spelt for code in codes for spelt in (code, code.upper())})


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 12 else None
