"""Arms whose weights were changed under way: compared within each period of constant weights, never across them.

Between two periods customers differ (a season, a campaign), and an arm that had more of them in the better one would
look better without being so (Simpson's paradox). Within a period chance alone divides them. The differences of the
periods are averaged with the weights n m / (n + m), the precision each has; for an arm's mean likewise, so that the
relative difference is one of comparable means. Weights that follow earlier outcomes (``allocation``) do no harm then:
given the past, each period's difference is unbiased, and the weighted sum is the martingale that always-valid
intervals are of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.core.experiments.comparison import Estimate, estimate
from orchestrator.core.experiments.methods.always_valid import information
from orchestrator.core.experiments.sums import ArmSums, pooled


@dataclass(frozen=True, slots=True)
class Period:
    """The sums of those who were exposed while the weights stayed as they were: ``shares``, None if not known."""

    arms: Sequence[ArmSums]
    shares: Mapping[str, float] | None = None

    def get(self, arm: str) -> ArmSums:
        """The arm's sums; of nobody, where it is not in this period."""
        return next((sums for sums in self.arms if sums.arm == arm), ArmSums(arm, 0, 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two arms made comparable. ``raw_variance`` of the difference without covariate; ``together`` were they one arm.

    ``information``: in customers, as if of two equal arms.
    """

    of_arm: Estimate
    of_control: Estimate
    raw_variance: float
    together: float
    information: float


def wholes(periods: Sequence[Period]) -> list[ArmSums]:
    """Each arm over all periods, in the order in which they first appear."""
    names = dict.fromkeys(arm.arm for period in periods for arm in period.arms)
    return [pooled((period.get(name) for period in periods), name) for name in names]


def covariate_slope(periods: Sequence[Period]) -> float:
    """theta of all arms together, within periods; 0 where the covariate does not vary."""
    parts = [pooled(period.arms) for period in periods]
    variance = math.fsum((part.n - 1) * part.covariate_variance for part in parts if part.n > 1)
    if variance <= 1e-12 * math.fsum(part.xx for part in parts):
        return 0.0
    return math.fsum((part.n - 1) * part.covariance for part in parts if part.n > 1) / variance


def paired(periods: Sequence[Period], arm: str, control: str, theta: float = 0.0, middle: float = 0.0) -> Pair:
    """The two arms over all periods in which both have customers (two at least, to know how they vary).

    ``theta`` and ``middle``: of the covariate, its slope and the mean that means are adjusted to.
    """
    both = [(period.get(arm), period.get(control)) for period in periods]
    usable = [pair for pair in both if min(pair[0].n, pair[1].n) > 1]
    if not usable:
        one, other = (estimate(pooled(side, arm), theta, middle) for side in zip(*both, strict=True))
        return Pair(one, other, 0.0, 0.0, 0.0)
    counts = [information(one.n, other.n) for one, other in usable]
    known = math.fsum(counts)
    weights = [count / known for count in counts]
    mine, theirs = (_averaged([estimate(pair[side], theta, middle) for pair in usable], weights) for side in (0, 1))
    return Pair(
        mine,
        theirs,
        _sum_of_squares([a.variance / a.n + c.variance / c.n for a, c in usable], weights),
        _sum_of_squares([pooled(pair).variance * (1 / pair[0].n + 1 / pair[1].n) for pair in usable], weights),
        known,
    )


def _averaged(estimates: Sequence[Estimate], weights: Sequence[float]) -> Estimate:
    mean = math.fsum(weight * one.mean for weight, one in zip(weights, estimates, strict=True))
    return Estimate(mean, _sum_of_squares([one.variance for one in estimates], weights))


def _sum_of_squares(variances: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(weight * weight * variance for weight, variance in zip(weights, variances, strict=True))
