"""sBG: how long subscribers stay, where the end of each subscription is seen.

At each renewal a subscriber leaves with a chance of their own, beta distributed among them (``alpha``, ``beta``). Those
who leave easily leave first, so the share that renews grows by itself.

Source: Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1), 76-90;
equations 5 to 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from orchestrator.core.traits.models.fitting import FitProblem, Numbers, fit_positive, numbers


@dataclass(frozen=True, slots=True)
class Sbg:
    """Parameters of the chance of leaving."""

    alpha: float
    beta: float

    def survival(self, periods: Numbers) -> Numbers:
        """The share that is still there after so many renewals (equation 6)."""
        log_share = betaln(self.alpha, self.beta + periods) - betaln(self.alpha, self.beta)
        return np.asarray(np.exp(log_share), dtype=np.float64)

    def retention(self, periods: Numbers) -> Numbers:
        """The share of those before it that renews the n-th time, n from 1 (equation 8)."""
        return np.asarray((self.beta + periods - 1) / (self.alpha + self.beta + periods - 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class FittedSbg:
    """A model, its log-likelihood, and whether the data told both parameters apart from nothing and everything."""

    model: Sbg
    log_likelihood: float
    certain: bool


def fit(surviving: Sequence[float]) -> FittedSbg:
    """The model of one cohort: how many there were at first, and after each renewal.

    Raises:
        FitProblem: fewer than two renewals, counts that grow, or nobody who left.
    """
    counts = numbers(surviving)
    lost = -np.diff(counts)
    if len(counts) < 3:
        raise FitProblem("too_few_periods", "Two renewals are needed at least.")
    if np.any(lost < 0) or counts[-1] < 0:
        raise FitProblem("growing", "A cohort cannot grow: each count is at most the one before it.")
    if not np.any(lost > 0):
        raise FitProblem("nobody_left", "Nobody left: there is nothing to learn from.")
    periods = np.arange(1, len(lost) + 1, dtype=np.float64)

    def likelihood(parameters: Numbers) -> float:
        alpha, beta = parameters.tolist()
        leaves = betaln(alpha + 1, beta + periods - 1) - betaln(alpha, beta)
        stays = betaln(alpha, beta + len(lost)) - betaln(alpha, beta)
        return float(lost @ leaves + counts[-1] * stays)

    (alpha, beta), value, certain = fit_positive(likelihood, [(1.0, 1.0), (0.5, 3.0), (3.0, 0.5)])
    return FittedSbg(Sbg(alpha, beta), value, certain)
