"""What fitting comes to: parameters, how likely, what was expected beside what came, and each customer's figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from orchestrator.core.traits.models import bg_nbd, gamma_gamma, sbg
from orchestrator.core.traits.models.fitting import FitProblem, numbers
from orchestrator.core.traits.models.holdout import arrays, as_rows, count_bins, cumulative, holdout_bins
from orchestrator.core.traits.models.value import customer_value
from orchestrator.core.traits.orders import DAYS, OrderDays, Summary

AHEAD = (30, 90)
"""Days for which orders are foretold."""
YEAR = 365.25
UNCERTAIN = "a parameter lies at its bound: these figures do not tell it"


@dataclass
class Report:
    """Models by name with their parameters, tables by name, and figures by customer."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    customers: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything but the customers, whose place is a file."""
        return {**self.facts, "models": self.models, **self.tables}

    def lines(self) -> Iterator[str]:
        """Everything but the customers, for a terminal."""
        yield "  ".join(f"{name}: {value}" for name, value in self.facts.items())
        for name, model in self.models.items():
            yield ""
            yield f"{name}: " + "  ".join(f"{key}={_shown(value)}" for key, value in model.items() if value is not None)
        for name, rows in self.tables.items():
            if rows:
                yield ""
                yield f"{name}:"
                yield "  " + "".join(f"{column:>14}" for column in rows[0])
                for row in rows:
                    yield "  " + "".join(f"{_shown(value):>14}" for value in row.values())


def report_on_customers(
    summaries: Sequence[Summary],
    unit: str,
    valued: bool,
    orders: Mapping[str, OrderDays] | None = None,
    until: date | None = None,
) -> Report:
    """BG/NBD, and Gamma-Gamma where values are known. ``orders``: what the summaries are of, also what came after
    ``until``. Raises :class:`FitProblem` where BG/NBD cannot be fitted; of values it is told in the report."""
    x, t_x, t = arrays(summaries)
    fitted = bg_nbd.fit(x, t_x, t)
    facts = {"customers": len(summaries), "repeat_customers": int((x > 0).sum()), "unit": unit}
    report = Report(facts=facts | ({"until": until.isoformat()} if until else {}))
    report.models["bg_nbd"] = _model(fitted)
    worth = _worth(report, summaries) if valued else None
    report.tables["repeat_orders"] = as_rows(count_bins(fitted.model, summaries))
    if orders is not None and until is not None:
        held = holdout_bins(fitted.model, orders, summaries, until, unit)
        report.tables["holdout"] = as_rows(held)
        report.tables["cumulative"] = as_rows(cumulative(fitted.model, orders, until, unit)) if held else []
    report.customers = customer_figures(summaries, fitted.model, worth, unit)
    return report


def report_on_cohort(surviving: Sequence[float]) -> Report:
    """sBG, and the shares that it expects beside those that came, on to twice the time."""
    fitted = sbg.fit(surviving)
    periods = np.arange(0, 2 * len(surviving) - 1, dtype=np.float64)
    expected = fitted.model.survival(periods)
    rows = [
        {
            "period": n,
            "actual": surviving[n] / surviving[0] if n < len(surviving) else None,
            "expected": float(expected[n]),
        }
        for n in range(len(periods))
    ]
    return Report({"sbg": _model(fitted)}, {"survival": rows}, facts={"subscribers": surviving[0]})


def customer_figures(
    summaries: Sequence[Summary], orders: bg_nbd.BgNbd, worth: gamma_gamma.GammaGamma | None, unit: str
) -> list[dict[str, Any]]:
    """For each customer: P(alive), orders expected in 30 and 90 days, and what they will bring within a year."""
    x, t_x, t = arrays(summaries)
    columns = {"p_alive": orders.p_alive(x, t_x, t)}
    for days in AHEAD:
        columns[f"expected_orders_{days}"] = orders.expected_orders(days / DAYS[unit], x, t_x, t)
    if worth is not None:
        per_year = YEAR / DAYS[unit]
        means = numbers(one.mean for one in summaries)
        # Orders without a value tell nothing of what orders are worth.
        each = worth.expected_value(np.where(means > 0, x, 0.0), means)
        columns["mean_value"] = each
        columns["clv"] = customer_value(orders, each, x, t_x, t, round(per_year), per_year)
    names = list(columns)
    return [
        {"customer_id": one.customer, **{name: _number(columns[name][n]) for name in names}}
        for n, one in enumerate(summaries)
    ]


def _worth(report: Report, summaries: Sequence[Summary]) -> gamma_gamma.GammaGamma | None:
    x, means = numbers(one.x for one in summaries), numbers(one.mean for one in summaries)
    try:
        fitted = gamma_gamma.fit(x, means)
    except FitProblem as problem:
        report.models["gamma_gamma"] = {"problem": str(problem)}
        return None
    known = (x > 0) & (means > 0)
    link = float(np.corrcoef(x[known], means[known])[0, 1]) if np.ptp(x[known]) and np.ptp(means[known]) else 0.0
    report.models["gamma_gamma"] = {**_model(fitted), "mean": fitted.model.mean, "customers": fitted.customers}
    report.models["gamma_gamma"]["correlation"] = link
    return fitted.model


def _model(fitted: bg_nbd.FittedBgNbd | gamma_gamma.FittedGammaGamma | sbg.FittedSbg) -> dict[str, Any]:
    found = {**asdict(fitted.model), "log_likelihood": fitted.log_likelihood}
    return found if fitted.certain else {**found, "warning": UNCERTAIN}


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "" if value is None else str(value)
