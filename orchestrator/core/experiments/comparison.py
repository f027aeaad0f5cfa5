"""Two arms beside each other: the difference of their means, absolute and relative, with always-valid intervals.

CUPED: Deng, Xu, Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data" (WSDM 2013), equation 4 and section 3.2: y - theta (x - mean x) with theta = cov(y, x) / var(x),
one theta of all arms together.

The relative interval holds each ratio r that the data does not refute, by the same boundary, of mean - r control mean
(Fieller 1954). So it excludes "no difference" exactly when the absolute one does; the delta method's need not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.experiments.always_valid import information, multiplier
from orchestrator.core.experiments.sums import ArmSums, pooled


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its variance (the square of its standard error), adjusted by the covariate where there is one."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm less the control: the difference of means, its standard error, and intervals at ``rate``.

    ``low`` and ``high`` are None while there are too few to tell; the relative figures also while the control's mean
    cannot be told from 0. Relative: 0.1 is a tenth more than the control.
    """

    difference: float
    standard_error: float
    rate: float
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    variance_reduction: float


def covariate_slope(arms: Sequence[ArmSums]) -> float:
    """theta of all arms together; 0 where the covariate does not vary."""
    whole = pooled(arms)
    variance = whole.covariate_variance
    if variance <= 1e-12 * whole.xx / max(whole.n, 1):
        return 0.0
    return whole.covariance / variance


def estimates(arms: Sequence[ArmSums], theta: float) -> list[Estimate]:
    """Each arm's mean as if its covariate had the mean of all, and that mean's variance."""
    middle = pooled(arms).covariate_mean
    return [_estimate(arm, theta, middle) for arm in arms]


def _estimate(arm: ArmSums, theta: float, middle: float) -> Estimate:
    spread = arm.variance
    if theta:
        spread = max(0.0, spread + theta * theta * arm.covariate_variance - 2 * theta * arm.covariance)
    adjusted = arm.mean - theta * (arm.covariate_mean - middle) if arm.n else 0.0
    return Estimate(adjusted, spread / arm.n if arm.n else 0.0)


def compare(
    arm: ArmSums,
    control: ArmSums,
    of_arm: Estimate,
    of_control: Estimate,
    *,
    rate: float,
    tightest_at: float,
    told: bool,
) -> Comparison:
    """The comparison, with intervals if it can be ``told`` (there are enough). ``tightest_at``: as two equal arms."""
    variance = of_arm.variance + of_control.variance
    error = math.sqrt(variance)
    difference = of_arm.mean - of_control.mean
    raw = arm.variance / arm.n + control.variance / control.n if arm.n and control.n else 0.0
    relative = difference / of_control.mean if of_control.mean > 0 else None
    low = high = relative_low = relative_high = None
    if told and error:
        reach = multiplier(information(arm.n, control.n), tightest_at, rate)
        low, high = difference - reach * error, difference + reach * error
        relative_low, relative_high = fieller(of_arm, of_control, reach)
    return Comparison(
        difference=difference,
        standard_error=error,
        rate=rate,
        low=low,
        high=high,
        relative=relative,
        relative_low=relative_low,
        relative_high=relative_high,
        variance_reduction=1 - variance / raw if raw else 0.0,
    )


def fieller(arm: Estimate, control: Estimate, reach: float) -> tuple[float, float] | tuple[None, None]:
    """Bounds of mean / control mean - 1 at ``reach`` standard errors; none where the control's mean may be 0."""
    square = reach * reach
    a = control.mean**2 - square * control.variance
    if a <= 0 or control.mean <= 0:
        return None, None
    product = arm.mean * control.mean
    inner = product**2 - a * (arm.mean**2 - square * arm.variance)
    root = math.sqrt(max(0.0, inner))
    return (product - root) / a - 1, (product + root) / a - 1
