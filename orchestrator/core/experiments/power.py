"""Before an experiment begins: how many customers it needs, how long that takes, and what could be seen by a date.

For a difference of two means with the variances s² and shares f of N exposed, the standard error at N is
sqrt((s1² / f1 + s0² / f0) / N). A difference of ``drift`` standard errors is found with the power that is asked for: at
the fixed horizon drift = z(1 - rate / 2) + z(power) (Chow, Shao and Wang, "Sample Size Calculations in Clinical
Research", 2008, sections 3.2.1 and 4.2.1), by the always-valid interval what ``methods.crossing`` says. Looking at any
time costs 1.7 times the customers at most; a lift that is larger than planned ends the experiment before. CUPED
multiplies the variances by 1 - correlation² (Deng et al. 2013).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

from orchestrator.core.experiments.methods.crossing import crossing_probability, required_drift

MOST = 10**12
"""More customers than that no plan names."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A goal that ``rate`` of the control reach."""

    rate: float

    @property
    def mean(self) -> float:
        return self.rate

    def variance(self, difference: float = 0.0) -> float:
        """Of one customer's outcome, the rate being higher by ``difference``."""
        rate = min(max(self.rate + difference, 0.0), 1.0)
        return rate * (1 - rate)

    @property
    def most(self) -> float:
        """The highest difference that can be."""
        return 1 - self.rate


@dataclass(frozen=True, slots=True)
class Mean:
    """An amount: its mean and standard deviation over all customers, those of 0 included."""

    mean: float
    deviation: float

    def variance(self, difference: float = 0.0) -> float:
        """Of one customer's outcome: a lift moves an amount, not its spread."""
        return self.deviation * self.deviation

    @property
    def most(self) -> float:
        return math.inf


Metric = Proportion | Mean


@dataclass(frozen=True, slots=True)
class Design:
    """How the experiment is laid out. ``shares``: weights by arm; ``looks``: how often it is looked at until the end.

    ``always_valid=False`` is a test at the fixed horizon, for comparison: then one may look once only.
    """

    shares: Mapping[str, float]
    control: str
    rate: float = 0.05
    power: float = 0.8
    always_valid: bool = True
    looks: int = 28
    correlation: float = 0.0

    def __post_init__(self) -> None:
        if len(self.shares) < 2 or self.control not in self.shares:
            raise ValueError("A design has two arms or more, and one of them is the control.")
        if not all(0 < share < math.inf for share in self.shares.values()):
            raise ValueError("Every arm of a design has a share above 0.")
        if not (0 < self.rate < 1 and self.rate < self.power < 1 and -1 < self.correlation < 1 and self.looks >= 1):
            raise ValueError("The rate, the power, the correlation or the number of looks is out of bounds.")

    @property
    def each(self) -> float:
        """The rate of one comparison with the control (Bonferroni, as ``analyse`` has it)."""
        return self.rate / (len(self.shares) - 1)

    @property
    def drift(self) -> float:
        return required_drift(self.each, self.power, self.looks if self.always_valid else None)

    def share(self, arm: str) -> float:
        return self.shares[arm] / math.fsum(self.shares.values())

    def spread(self, metric: Metric, difference: float) -> float:
        """The variance of the estimated difference times all exposed: of the arm that is worst off."""
        known = 1 - self.correlation * self.correlation
        control = metric.variance() / self.share(self.control)
        least = min(self.share(arm) for arm in self.shares if arm != self.control)
        return known * (metric.variance(difference) / least + control)


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Exposed customers: of all arms together (what ``analyse`` takes as ``tightest_at``), and by arm."""

    total: int
    by_arm: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Lift:
    """A difference to the control. ``relative`` is None where the control's mean is 0."""

    absolute: float
    relative: float | None


def lift_of(metric: Metric, *, absolute: float | None = None, relative: float | None = None) -> float:
    """The absolute difference that is meant.

    Raises:
        ValueError: not exactly one is given, it is 0 or not finite, or it leads out of what the metric can be.
    """
    if (absolute is None) == (relative is None):
        raise ValueError("A lift is either absolute or relative.")
    if isinstance(metric, Proportion) and not 0 < metric.rate < 1:
        raise ValueError("A rate is between 0 and 1.")
    if isinstance(metric, Mean) and not metric.deviation > 0:
        raise ValueError("The deviation of an amount is above 0.")
    difference = metric.mean * relative if relative is not None else float(absolute or 0.0)
    if not difference or not math.isfinite(difference):
        raise ValueError("A lift is not 0, and finite.")
    if isinstance(metric, Proportion) and not 0 <= metric.rate + difference <= 1:
        raise ValueError("The lift leads below 0 or above 1.")
    return difference


def least_sample(
    metric: Metric, design: Design, *, absolute: float | None = None, relative: float | None = None
) -> SampleSize:
    """How many must be exposed so that this lift is found with the design's power.

    Raises:
        ValueError: the lift cannot be (see ``lift_of``), or would need more customers than there are people.
    """
    difference = lift_of(metric, absolute=absolute, relative=relative)
    needed = design.drift**2 * design.spread(metric, difference) / difference**2
    if needed > MOST:
        raise ValueError("So small a lift is not to be found.")
    by_arm = {arm: math.ceil(round(needed * design.share(arm), 6)) for arm in design.shares}
    return SampleSize(sum(by_arm.values()), by_arm)


def power_of(
    metric: Metric, design: Design, exposed: float, *, absolute: float | None = None, relative: float | None = None
) -> float:
    """The chance that this lift is found by the time that so many (all arms together) are exposed.

    Raises:
        ValueError: the lift cannot be, or nobody is exposed.
    """
    difference = lift_of(metric, absolute=absolute, relative=relative)
    if not exposed > 0:
        raise ValueError("Nobody would be exposed.")
    drift = abs(difference) / math.sqrt(design.spread(metric, difference) / exposed)
    if design.always_valid:
        return crossing_probability(drift, design.each, design.looks)
    normal = NormalDist()
    return normal.cdf(drift - normal.inv_cdf(1 - design.each / 2))


def visible_lift(metric: Metric, design: Design, exposed: float) -> Lift | None:
    """The least rise that is found with the design's power when so many are exposed; None if none that can be is.

    Raises:
        ValueError: nobody is exposed, or the metric cannot be.
    """
    if not exposed > 0:
        raise ValueError("Nobody would be exposed.")
    lift_of(metric, absolute=metric.most / 2 if math.isfinite(metric.most) else 1.0)

    def seen(difference: float) -> bool:
        return difference**2 * exposed >= design.drift**2 * design.spread(metric, difference)

    high = min(metric.most, design.drift * math.sqrt(design.spread(metric, 0.0) / exposed) * 16)
    if not seen(high):
        return None
    found = _least(seen, high)
    return Lift(found, found / metric.mean if metric.mean else None)


def _least(seen: Callable[[float], bool], high: float) -> float:
    low = 0.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high


def days_needed(exposed: int, a_day: float, settling: float = 0.0) -> int:
    """Days until so many have come at ``a_day``, and the last have had ``settling`` days to do what is measured.

    Raises:
        ValueError: nobody comes.
    """
    if not (a_day > 0 and math.isfinite(a_day) and settling >= 0):
        raise ValueError("Nobody would come.")
    return math.ceil(round(exposed / a_day + settling, 9))


def exposed_by(days: float, a_day: float, settling: float = 0.0) -> int:
    """How many will have been exposed, and had ``settling`` days since, after so many days."""
    return max(0, int((days - settling) * a_day))
