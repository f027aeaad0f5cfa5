"""Traits counted of one customer's events: a pure function of their log, as of an instant."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from orchestrator.core.conditions.compare import exact
from orchestrator.core.conditions.customer import Log, utc
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.measures import Measure, measured
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.traits.definition import ACTS_ON_MESSAGES, ENGAGED, Orders, OwnTrait, TraitSettings
from orchestrator.core.traits.orders import OrderDays

_MOST = Decimal(10) ** 15


def counted_traits(settings: TraitSettings, log: Log, now: datetime, tz: ZoneInfo) -> dict[str, Any]:
    """What of :attr:`TraitSettings.counted` this customer has; a trait of too few events is left out.

    Args:
        log: The events of :attr:`TraitSettings.events`, at least those that matter.
        tz: Where the days of orders are counted.
    """
    found = _orders(settings.orders, log, now, tz)
    channel = _preferred_channel(log, now)
    if channel is not None:
        found["preferred_channel"] = channel
    for trait in settings.traits:
        value = _own(trait, log, now)
        if value is not None:
            found[trait.key] = value
    return found


def order_days(orders: Orders, log: Log, now: datetime, tz: ZoneInfo) -> OrderDays:
    """The days on which the customer ordered, with what came to be paid in the workspace's currency."""
    found = OrderDays()
    for instant, event in _until(log, orders.event, now):
        own = currency_of(orders, event.properties) == orders.currency
        amount = amount_of(orders, event.properties) if own else None
        found.add(instant.astimezone(tz).date(), amount or Decimal(0))
    return found


def amount_of(orders: Orders, properties: Mapping[str, Any]) -> Decimal | None:
    """What an order came to; None where it does not say so in a number."""
    for place in orders.amount:
        value = lookup(properties, place)
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = Decimal(str(value).replace(",", "").strip())
            except InvalidOperation:
                continue
            if number.is_finite() and abs(number) <= _MOST:
                return number
    return None


def currency_of(orders: Orders, properties: Mapping[str, Any]) -> str:
    """The currency of an order, as three capital letters."""
    value = lookup(properties, orders.currency_property)
    plain = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha()
    return value.upper() if plain and isinstance(value, str) else orders.currency


def _until(log: Log, name: str, now: datetime) -> list[tuple[datetime, CustomerEvent]]:
    instants, events = log.named(name)
    return [(instant, event) for instant, event in zip(instants, events, strict=True) if instant <= utc(now)]


def _orders(orders: Orders, log: Log, now: datetime, tz: ZoneInfo) -> dict[str, Any]:
    made = _until(log, orders.event, now)
    if not made:
        return {"orders": 0}
    totals: dict[str, Decimal] = {}
    counts: Counter[str] = Counter()
    for _, event in made:
        amount = amount_of(orders, event.properties)
        if amount is not None:
            currency = currency_of(orders, event.properties)
            totals[currency] = totals.get(currency, Decimal(0)) + amount
            counts[currency] += 1
    found: dict[str, Any] = {
        "orders": len(made),
        "first_order_at": made[0][0].isoformat(),
        "last_order_at": made[-1][0].isoformat(),
    }
    if totals:
        found["order_total"] = {currency: _plain(total) for currency, total in sorted(totals.items())}
        found["order_mean"] = {currency: _plain(total / counts[currency]) for currency, total in sorted(totals.items())}
    return found | _intervals(sorted({instant.astimezone(tz).date() for instant, _ in made}))


def _intervals(days: list[date]) -> dict[str, Any]:
    """Mean days between days with an order, of two; how much they vary, of three."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    found: dict[str, Any] = {}
    if gaps:
        found["order_interval_days"] = round(fmean(gaps), 2)
    if len(gaps) > 1:
        found["order_interval_deviation_days"] = round(stdev(gaps), 2)
    return found


def _preferred_channel(log: Log, now: datetime) -> str | None:
    """The channel whose messages the customer acts on most; of two alike the one that they acted on last."""
    since, weights, last = utc(now) - ENGAGED, Counter[str](), dict[str, datetime]()
    for name, weight in ACTS_ON_MESSAGES.items():
        for instant, event in _until(log, name, now):
            channel = event.properties.get("channel")
            if instant > since and isinstance(channel, str) and channel:
                weights[channel] += weight
                last[channel] = max(instant, last.get(channel, instant))
    return max(weights, key=lambda channel: (weights[channel], last[channel], channel), default=None)


def _own(trait: OwnTrait, log: Log, now: datetime) -> Any:
    since = utc(now) - trait.within if trait.within is not None else None
    found = [
        (instant, event)
        for instant, event in _until(log, trait.event, now)
        if (since is None or instant > since) and (trait.where is None or matches(trait.where, event))
    ]
    times, events = [instant for instant, _ in found], [event for _, event in found]
    if trait.measure == "most_frequent" or trait.measure == "distinct":
        return _among(trait, events)
    measure: Measure = trait.measure
    value, per = measured(measure, trait.property, times, events, now)
    if value is None or per == 1:
        return _plain(value) if isinstance(value, Decimal) else value
    try:
        return round(float(Fraction(exact(value)) / per), 6)
    except OverflowError:  # beyond what JSON carries
        return None


def _among(trait: OwnTrait, events: list[CustomerEvent]) -> Any:
    """Of the values of a property, those of a list each by itself: how many there are, or the most frequent; of two
    alike the one seen last."""
    seen: dict[bytes, Any] = {}
    counts: Counter[bytes] = Counter()
    place: dict[bytes, int] = {}
    for n, event in enumerate(events):
        value = lookup(event.properties, trait.property or "")
        for one in value if isinstance(value, list) else [value]:
            if one is not None and not isinstance(one, dict | list):
                key = orjson.dumps(one)
                seen[key], place[key] = one, n
                counts[key] += 1
    if trait.measure == "distinct":
        return len(seen)
    return seen[max(counts, key=lambda key: (counts[key], place[key], key))] if counts else None


def _plain(number: Decimal) -> int | float:
    """A number as JSON has it: whole where it is whole, else to six places."""
    return int(number) if number == number.to_integral_value() else round(float(number), 6)


def best_hour(hours: Mapping[int, int], fewest: int = 5) -> int | None:
    """The local hour with most acts, the earlier on a tie; None of fewer than ``fewest``."""
    if sum(hours.values()) < fewest:
        return None
    return min(hours, key=lambda hour: (-hours[hour], hour))
