"""Orders by customer and day, and what models need of them: repeat orders, the last of them, how long one watched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
"""Units of time, in days."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one customer ordered on one occasion."""

    customer: str
    day: date
    amount: Decimal


@dataclass(slots=True)
class OrderDays:
    """What one customer ordered, by day: orders of one day are one."""

    days: dict[date, Decimal] = field(default_factory=dict)

    def add(self, day: date, amount: Decimal) -> None:
        """One more order."""
        self.days[day] = self.days.get(day, Decimal(0)) + amount


@dataclass(frozen=True, slots=True)
class Summary:
    """What models need of one customer. Times in units since the first order; ``mean`` of the repeat orders' values,
    0 where there is none."""

    customer: str
    x: float
    t_x: float
    t: float
    mean: float = 0.0


def by_customer(orders: Iterable[Order]) -> dict[str, OrderDays]:
    """Orders of each customer by day, customers in the order in which they come."""
    found: dict[str, OrderDays] = {}
    for order in orders:
        found.setdefault(order.customer, OrderDays()).add(order.day, order.amount)
    return found


def summarised(customers: Mapping[str, OrderDays], until: date, unit: str) -> list[Summary]:
    """Those who had ordered by the end of a day, as of then. ``unit``: of :data:`DAYS`."""
    length, found = DAYS[unit], []
    for customer, orders in customers.items():
        days = sorted(day for day in orders.days if day <= until)
        if days:
            repeats = days[1:]
            mean = sum(orders.days[day] for day in repeats) / len(repeats) if repeats else Decimal(0)
            t_x, t = (days[-1] - days[0]).days / length, (until - days[0]).days / length
            found.append(Summary(customer, float(len(repeats)), t_x, t, float(mean)))
    return found


def repeats_after(orders: OrderDays, until: date) -> int:
    """Days with an order after a day, of a customer who had ordered by then."""
    return sum(day > until for day in orders.days)


def repeats_by_period(customers: Mapping[str, OrderDays], until: date, unit: str) -> tuple[date, list[int]]:
    """Repeat orders in each period since the cohort's first day: of those who had ordered by ``until``, on to the end.

    Returns:
        The first day of the first period; the counts, the last period perhaps cut short.
    """
    cohort = [sorted(orders.days) for orders in customers.values() if min(orders.days) <= until]
    first = min(days[0] for days in cohort)
    last = max(days[-1] for days in cohort)
    counts = [0] * (int((last - first).days / DAYS[unit]) + 1)
    for days in cohort:
        for day in days[1:]:
            counts[int((day - first).days / DAYS[unit])] += 1
    return first, counts


def end_of_period(first: date, number: int, unit: str) -> date:
    """The last day of the n-th period (from 0) that begins at ``first``."""
    return first + timedelta(days=round(DAYS[unit] * (number + 1)) - 1)
