"""BG/NBD: how often a customer orders, and whether they still do.

While they are customers, orders come at random at a rate of their own (gamma distributed among customers, ``r``,
``alpha``); after each order they leave for good with a chance of their own (beta distributed, ``a``, ``b``).

Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
Marketing Science 24(2), 275-284. Equation numbers below are theirs. Sums of likelihoods are taken of logarithms, and
Gauss' function by Euler's transformation, under which it neither overflows nor cancels.

Everywhere: ``x`` repeat orders (days with an order, without the first), ``t_x`` when the last came, ``t`` (``T`` of
the paper) how long the customer has been watched: both since the first order, in one unit of time.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln, gammaln, hyp2f1

from orchestrator.core.traits.models.fitting import FitProblem, Numbers, fit_positive

FEWEST_CUSTOMERS = 10
ROUGHLY = 2_000
"""Different customers by whom the first search goes, where there are many more."""
_SINGULAR = 1e-5
"""So near to a = 1, or to a pole, the closed form is 0/0: it is taken a little to both sides, and halved."""
_ASIDE = 1e-4


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Parameters: ``r`` and ``alpha`` (in the unit of time) of the rate, ``a`` and ``b`` of leaving."""

    r: float
    alpha: float
    a: float
    b: float

    def p_alive(self, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
        """The probability that a customer still is one. Without a repeat order it is 1: nobody leaves before."""
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(self._log_odds_gone(x, t_x, t), 700.0))), 1.0)

    def expected_orders(self, ahead: float | Numbers, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
        """Orders within the next ``ahead`` units, of customers of whom this much is known (equation 10)."""
        return self._while_customer(np.asarray(ahead, dtype=np.float64), x, t) * self.p_alive(x, t_x, t)

    def expected_repeats(self, t: Numbers) -> Numbers:
        """Repeat orders of a new customer within ``t`` units of their first (equation 9)."""
        return self._while_customer(t, np.zeros_like(t), np.zeros_like(t))

    def count_probability(self, x: int, t: Numbers) -> Numbers:
        """The probability of exactly ``x`` repeat orders within ``t`` units of the first (equation 8)."""
        stayed = betaln(self.a, self.b + x) - betaln(self.a, self.b)
        share = t / (self.alpha + t)
        with np.errstate(divide="ignore"):
            orders = gammaln(self.r + x) - gammaln(self.r) - gammaln(x + 1.0)
            orders = orders + self.r * np.log1p(-share) + (x * np.log(share) if x else 0.0)
        chance = np.exp(stayed + orders)
        if x:
            left = np.exp(betaln(self.a + 1, self.b + x - 1) - betaln(self.a, self.b))
            chance = chance + left * betainc(x, self.r, share)
        return np.asarray(chance, dtype=np.float64)

    def _log_odds_gone(self, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
        repeat = np.maximum(x, 1.0)
        ratio = np.log(self.alpha + t) - np.log(self.alpha + t_x)
        return np.asarray(np.log(self.a) - np.log(self.b + repeat - 1) + (self.r + x) * ratio, dtype=np.float64)

    def _while_customer(self, ahead: Numbers, x: Numbers, t: Numbers) -> Numbers:
        """Equation 10 without its division by the odds of being gone; (1 - z)**(r + x) is in Euler's transformation."""
        z = ahead / (self.alpha + t + ahead)

        def at(a: float) -> Numbers:
            c = a + self.b + x - 1
            with np.errstate(all="ignore"):
                rest = np.asarray(np.exp((a - 1) * np.log1p(-z)) * hyp2f1(a + self.b - 1 - self.r, a - 1, c, z))
                if not np.all(np.isfinite(rest)):
                    # Where everybody leaves alike (a, b without bounds), it is the form as printed that holds.
                    printed = np.exp((self.r + x) * np.log1p(-z)) * hyp2f1(self.r + x, self.b + x, c, z)
                    rest = np.where(np.isfinite(rest), rest, printed)
            return np.asarray(c / (a - 1) * (1 - rest), dtype=np.float64)

        whole = self.a + self.b - 1
        if abs(self.a - 1) > _SINGULAR and (whole > _SINGULAR or abs(whole - round(whole)) > _SINGULAR):
            return at(self.a)
        return (at(self.a - _ASIDE) + at(self.a + _ASIDE)) / 2


def log_likelihood(model: BgNbd, x: Numbers, t_x: Numbers, t: Numbers) -> Numbers:
    """The logarithm of each customer's likelihood (equation 6, taken apart as in their section 4)."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    repeat = np.maximum(x, 1.0)
    orders = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + x) - betaln(a, b)
    still = -(r + x) * np.log(alpha + t)
    gone = np.log(a) - np.log(b + repeat - 1) - (r + x) * np.log(alpha + t_x)
    return np.asarray(orders + stayed + np.where(x > 0, np.logaddexp(still, gone), still), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class FittedBgNbd:
    """A model, its log-likelihood, and whether the data told all parameters apart from nothing and everything."""

    model: BgNbd
    log_likelihood: float
    certain: bool


def fit(x: Numbers, t_x: Numbers, t: Numbers) -> FittedBgNbd:
    """The model of these customers, by maximum likelihood.

    Raises:
        FitProblem: fewer than ten customers, nobody with a repeat order, or nobody watched for any time.
    """
    if len(x) < FEWEST_CUSTOMERS:
        raise FitProblem("too_few_customers", f"{FEWEST_CUSTOMERS} customers are needed at least; there are {len(x)}.")
    if not np.any(x > 0) or not np.any(t > 0):
        raise FitProblem("no_repeats", "No customer ordered a second time: there is no rhythm to learn.")
    rows, weights = np.unique(np.column_stack((x, t_x, t)), axis=0, return_counts=True)
    unique_x, unique_t_x, unique_t = rows[:, 0], rows[:, 1], rows[:, 2]

    def likelihood(parameters: Numbers) -> float:
        return float(weights @ log_likelihood(BgNbd(*parameters.tolist()), unique_x, unique_t_x, unique_t))

    part = slice(None, None, max(1, len(weights) // ROUGHLY))

    def roughly(parameters: Numbers) -> float:
        chosen = (unique_x[part], unique_t_x[part], unique_t[part])
        return float(weights[part] @ log_likelihood(BgNbd(*parameters.tolist()), *chosen))

    length = float(np.mean(t[t > 0]))
    starts = [(1.0, length, 1.0, 1.0), (0.3, length / 8, 0.8, 2.5), (2.0, length, 0.2, 5.0)]
    found, value, certain = fit_positive(likelihood, starts, roughly if len(weights) > 2 * ROUGHLY else None)
    return FittedBgNbd(BgNbd(*found), value, certain)
