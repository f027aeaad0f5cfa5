"""Whether a model foretells: what it expected beside what came, among those it learned from and afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from orchestrator.core.traits.models.bg_nbd import BgNbd
from orchestrator.core.traits.models.fitting import Numbers, numbers
from orchestrator.core.traits.orders import DAYS, OrderDays, Summary, end_of_period, repeats_after, repeats_by_period

BINS = 7
"""Repeat orders that have a row of their own; from here on they share one."""


@dataclass(frozen=True, slots=True)
class CountBin:
    """Customers with so many repeat orders by the last day learned from. ``label``: the count, ``7+`` the rest."""

    label: str
    actual: int
    expected: float


@dataclass(frozen=True, slots=True)
class HoldoutBin:
    """Customers with so many repeat orders before: what each ordered on average afterwards, and was to order."""

    label: str
    customers: int
    actual: float
    expected: float


@dataclass(frozen=True, slots=True)
class Period:
    """Repeat orders of all from the first day until ``until``. ``learned``: the model had seen this period whole."""

    until: date
    actual: int
    expected: float
    learned: bool


def arrays(summaries: Sequence[Summary]) -> tuple[Numbers, Numbers, Numbers]:
    """``x``, ``t_x`` and ``t`` of customers."""
    rows = ((one.x, one.t_x, one.t) for one in summaries)
    x, t_x, t = np.asarray(list(rows), dtype=np.float64).reshape(-1, 3).T
    return x, t_x, t


def count_bins(model: BgNbd, summaries: Sequence[Summary]) -> list[CountBin]:
    """How many customers have 0, 1, 2, … repeat orders, and how many were to, each by the time they were watched."""
    x, _, t = arrays(summaries)
    found, rest = [], float(len(summaries))
    for n in range(BINS):
        expected = float(model.count_probability(n, t).sum())
        rest -= expected
        found.append(CountBin(str(n), int((x == n).sum()), expected))
    return [*found, CountBin(f"{BINS}+", int((x >= BINS).sum()), max(0.0, rest))]


def holdout_bins(
    model: BgNbd, customers: Mapping[str, OrderDays], summaries: Sequence[Summary], until: date, unit: str
) -> list[HoldoutBin]:
    """Orders after ``until``, up to the last day on which anybody ordered, by repeat orders before; none where no
    order follows."""
    last = max(day for orders in customers.values() for day in orders.days)
    if last <= until:
        return []
    x, t_x, t = arrays(summaries)
    expected = model.expected_orders((last - until).days / DAYS[unit], x, t_x, t)
    actual = numbers(repeats_after(customers[one.customer], until) for one in summaries)
    found = []
    for n in range(BINS + 1):
        chosen = x == n if n < BINS else x >= BINS
        if count := int(chosen.sum()):
            means = float(actual[chosen].mean()), float(expected[chosen].mean())
            found.append(HoldoutBin(str(n) if n < BINS else f"{BINS}+", count, *means))
    return found


def cumulative(model: BgNbd, customers: Mapping[str, OrderDays], until: date, unit: str) -> list[Period]:
    """Repeat orders of the cohort, period by period, added up; the model counts each customer from their first day."""
    first, counts = repeats_by_period(customers, until, unit)
    starts = sorted(min(orders.days) for orders in customers.values() if min(orders.days) <= until)
    begun, cohort = np.unique(numbers((start - first).days for start in starts), return_counts=True)
    found, so_far = [], 0
    for number, count in enumerate(counts):
        so_far += count
        end = end_of_period(first, number, unit)
        watched = np.maximum(((end - first).days - begun) / DAYS[unit], 0.0)
        found.append(Period(end, so_far, float(cohort @ model.expected_repeats(watched)), end <= until))
    return found


def as_rows(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()}
        for row in rows
    ]
