"""Gamma-Gamma: what a customer's orders are worth on average, apart from how often they order.

Each order's value is gamma distributed (shape ``p``) around the customer's own mean, whose rate is gamma distributed
among customers (``q``, ``gamma``).

Source: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025, equations 1a, 5.
The value must not hang together with the number of orders; where it does, the estimate is off (they tell how to look).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from orchestrator.core.traits.models.fitting import FitProblem, Numbers, fit_positive

FEWEST_CUSTOMERS = 10
ROUGHLY = 2_000
"""Customers by whom the first search goes, where there are many more."""


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Parameters: ``p``, ``q`` without a unit, ``gamma`` in the currency's."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float | None:
        """The mean value of an order of a customer of whom nothing is known; None where it is beyond all bounds."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else None

    def expected_value(self, x: Numbers, m_x: Numbers) -> Numbers:
        """The mean value of a customer's next orders, of the mean ``m_x`` of ``x`` orders (equation 5).

        NaN where nothing is known of the customer and the mean of all is beyond all bounds.
        """
        whole = self.p * x + self.q - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self.p * (self.gamma + m_x * x) / whole
        return np.where(whole > 0, value, np.nan)


@dataclass(frozen=True, slots=True)
class FittedGammaGamma:
    """A model, its log-likelihood, and whether the data told all parameters apart from nothing and everything."""

    model: GammaGamma
    log_likelihood: float
    certain: bool
    customers: int


def log_likelihood(model: GammaGamma, x: Numbers, m_x: Numbers) -> Numbers:
    """The logarithm of each customer's likelihood (equation 1a); ``x`` and ``m_x`` are positive."""
    p, q, gamma = model.p, model.q, model.gamma
    shape = p * x
    return np.asarray(
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(gamma)
        + (shape - 1) * np.log(m_x)
        + shape * np.log(x)
        - (shape + q) * np.log(gamma + m_x * x),
        dtype=np.float64,
    )


def fit(x: Numbers, m_x: Numbers) -> FittedGammaGamma:
    """The model of those customers who have orders (``x``) with a positive mean value (``m_x``).

    Raises:
        FitProblem: fewer than ten of them.
    """
    known = (x > 0) & (m_x > 0)
    count = int(known.sum())
    if count < FEWEST_CUSTOMERS:
        raise FitProblem(
            "too_few_customers", f"{FEWEST_CUSTOMERS} customers with orders of a value are needed; there are {count}."
        )
    orders, values = x[known], m_x[known]
    scale = float(np.mean(values))

    def likelihood(parameters: Numbers) -> float:
        p, q, gamma = parameters.tolist()
        return float(log_likelihood(GammaGamma(p, q, gamma * scale), orders, values).sum())

    part = slice(None, None, max(1, count // ROUGHLY))

    def roughly(parameters: Numbers) -> float:
        p, q, gamma = parameters.tolist()
        return float(log_likelihood(GammaGamma(p, q, gamma * scale), orders[part], values[part]).sum())

    rough = roughly if count > 2 * ROUGHLY else None
    (p, q, gamma), value, certain = fit_positive(
        likelihood, [(2.0, 2.0, 1.0), (6.0, 4.0, 0.5), (1.0, 10.0, 5.0)], rough
    )
    return FittedGammaGamma(GammaGamma(p, q, gamma * scale), value, certain, count)
