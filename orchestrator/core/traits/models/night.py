"""A night's models of a workspace's customers, and each customer's figures by them: arrays side by side."""

from array import array
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from orchestrator.core.traits.models import bg_nbd, gamma_gamma
from orchestrator.core.traits.models.fitting import FitProblem, Numbers
from orchestrator.core.traits.models.holdout import BINS
from orchestrator.core.traits.models.value import customer_value
from orchestrator.core.traits.orders import OrderDays, summarised

HELD_OUT = timedelta(days=90)
"""The last days, which a second model does not see, to be held against what came."""
UNIT = "day"
PER_YEAR, AHEAD = 365.25, (30, 90)
QUINTILES = (0.2, 0.4, 0.6, 0.8)
WEEK = 7
MOST_LEARNED = 100_000
"""Customers whom the models learn from; figures are everybody's. With more, parameters change in the third digit."""


@dataclass
class Columns:
    """What is known of customers who have ordered: ``x``, ``t_x``, ``t``, mean of repeat orders, total; and as of
    the beginning of the days held out, with the orders that followed."""

    ids: list[UUID] = field(default_factory=list)
    now: "array[float]" = field(default_factory=lambda: array("d"))
    before: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, customer: UUID, orders: OrderDays, today: date) -> None:
        """One customer more; one without orders until today is left out."""
        key = str(customer)
        found = summarised({key: orders}, today, UNIT)
        if not found:
            return
        one, total = found[0], float(sum(amount for day, amount in orders.days.items() if day <= today))
        self.ids.append(customer)
        self.now.extend((one.x, one.t_x, one.t, one.mean, total))
        earlier = summarised({key: orders}, today - HELD_OUT, UNIT)
        if earlier:
            past = earlier[0]
            self.before.extend((past.x, past.t_x, past.t, one.x - past.x))


@dataclass(frozen=True)
class Night:
    """Figures by customer, row by row as :class:`Columns` has them, and what is told of the models.

    ``problem``: code of why BG/NBD could not be fitted; the figures then have no models.
    """

    ids: list[UUID]
    figures: dict[str, Numbers]
    report: dict[str, Any]
    problem: str = ""

    def of_customer(self, row: int) -> dict[str, Any]:
        """One customer's figures as attributes, those left out that are not known."""
        found: dict[str, Any] = {}
        for name, values in self.figures.items():
            value = float(values[row])
            if np.isfinite(value):
                found[name] = int(value) if name in ("recency", "frequency", "monetary") else round(value, 4)
        rfm = {name: found.pop(name) for name in ("recency", "frequency", "monetary") if name in found}
        return found | ({"rfm": rfm} if rfm else {})


def learn(columns: Columns) -> Night:
    """Fit the models to these customers, and hold one that saw less against what came."""
    rows = np.asarray(columns.now, dtype=np.float64).reshape(-1, 5)
    x, t_x, t, mean, total = rows.T
    figures = _quintiles(t - t_x, x, total) if len(rows) else {}
    report: dict[str, Any] = {}
    try:
        fitted = bg_nbd.fit(*_part(x, t_x, t))
    except FitProblem as problem:
        return Night(columns.ids, figures, report, problem.code)
    report["bg_nbd"] = _told(fitted)
    figures["p_alive"] = fitted.model.p_alive(x, t_x, t)
    for days in AHEAD:
        figures[f"expected_orders_{days}"] = fitted.model.expected_orders(float(days), x, t_x, t)
    try:
        worth = gamma_gamma.fit(*_part(x, mean))
        report["gamma_gamma"] = _told(worth)
        each = worth.model.expected_value(np.where(mean > 0, x, 0.0), mean)
        weekly = bg_nbd.BgNbd(fitted.model.r, fitted.model.alpha / WEEK, fitted.model.a, fitted.model.b)
        span = (x, t_x / WEEK, t / WEEK)
        figures["clv"] = customer_value(weekly, each, *span, round(PER_YEAR / WEEK), PER_YEAR / WEEK)
    except FitProblem as problem:
        report["gamma_gamma"] = {"problem": problem.code}
    report |= _held_out(columns)
    return Night(columns.ids, figures, report)


def _part(*columns: Numbers) -> tuple[Numbers, ...]:
    """Of all customers so many as are enough to learn from, evenly spread: ids say nothing of who one is."""
    step = -(-len(columns[0]) // MOST_LEARNED) or 1
    return tuple(column[::step] for column in columns)


def _quintiles(silent: Numbers, x: Numbers, total: Numbers) -> dict[str, Numbers]:
    """Scores from 1 to 5, 5 the best fifth; customers who are alike have the same score."""

    def scores(values: Numbers) -> Numbers:
        bounds = np.quantile(values, QUINTILES)
        return np.asarray(np.searchsorted(bounds, values, side="left") + 1, dtype=np.float64)

    return {"recency": 6 - scores(silent), "frequency": scores(x), "monetary": scores(total)}


def _held_out(columns: Columns) -> dict[str, Any]:
    """What a model that did not see the last days expected of them, beside what came; nothing where it cannot be."""
    rows = np.asarray(columns.before, dtype=np.float64).reshape(-1, 4)
    x, t_x, t, came = rows.T
    try:
        earlier = bg_nbd.fit(*_part(x, t_x, t))
    except FitProblem:
        return {}
    expected = earlier.model.expected_orders(float(HELD_OUT.days), x, t_x, t)
    bins = []
    for n in range(BINS + 1):
        chosen = x == n if n < BINS else x >= BINS
        if count := int(chosen.sum()):
            means = {"actual": float(came[chosen].mean()), "expected": float(expected[chosen].mean())}
            bins.append({"label": str(n) if n < BINS else f"{BINS}+", "customers": count, **means})
    total, foretold = float(came.sum()), float(expected.sum())
    drift = total / foretold - 1 if foretold > 0 else None
    return {"holdout": bins, "holdout_days": HELD_OUT.days, "came": total, "foretold": foretold, "drift": drift}


def _told(fitted: bg_nbd.FittedBgNbd | gamma_gamma.FittedGammaGamma) -> dict[str, Any]:
    model = fitted.model
    names = ("r", "alpha", "a", "b") if isinstance(model, bg_nbd.BgNbd) else ("p", "q", "gamma")
    parameters = {name: getattr(model, name) for name in names}
    return {**parameters, "log_likelihood": fitted.log_likelihood, "certain": fitted.certain}
