"""Two arms beside each other: the difference of their means, absolute and relative, with always-valid intervals.

CUPED: Deng, Xu, Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
Pre-Experiment Data" (WSDM 2013), equation 4 and section 3.2: y - theta (x - mean x) with theta = cov(y, x) / var(x),
one theta of all arms together.

The relative interval holds each ratio r that the data does not refute, by the same boundary, of mean - r control mean
(Fieller 1954). So it excludes "no difference" exactly when the absolute one does; the delta method's need not.
"""

import math
from dataclasses import dataclass

from orchestrator.core.experiments.sums import ArmSums


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


def estimate(arm: ArmSums, theta: float = 0.0, middle: float = 0.0) -> Estimate:
    """The arm's mean as if its covariate had the mean ``middle``, and that mean's variance; of nobody, zeros."""
    if not arm.n:
        return Estimate(0.0, 0.0)
    spread = arm.variance
    if theta:
        spread = max(0.0, spread + theta * theta * arm.covariate_variance - 2 * theta * arm.covariance)
    return Estimate(arm.mean - theta * (arm.covariate_mean - middle), spread / arm.n)


def compare(arm: Estimate, control: Estimate, *, raw_variance: float, rate: float, reach: float | None) -> Comparison:
    """The comparison; with intervals of ``reach`` standard errors to each side, if it is given (there are enough)."""
    variance = arm.variance + control.variance
    error = math.sqrt(variance)
    difference = arm.mean - control.mean
    low = high = relative_low = relative_high = None
    if reach is not None and error:
        low, high = difference - reach * error, difference + reach * error
        relative_low, relative_high = fieller(arm, control, reach)
    return Comparison(
        difference=difference,
        standard_error=error,
        rate=rate,
        low=low,
        high=high,
        relative=difference / control.mean if control.mean > 0 else None,
        relative_low=relative_low,
        relative_high=relative_high,
        variance_reduction=1 - variance / raw_variance if raw_variance else 0.0,
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
