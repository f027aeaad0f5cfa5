"""What the statistics of an experiment are made of: a few sums for each arm, in any order, added up from anywhere.

``y`` is what is measured of a customer after their exposure (1 or 0 for a goal, an amount for revenue), ``x`` the same
or something near to it before their exposure, where it is known: the covariate of CUPED.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add


@dataclass(frozen=True, slots=True)
class ArmSums:
    """The exposed customers of one arm: how many, and the sums of their outcomes and covariates.

    ``n`` customers; ``y`` and ``yy`` the sums of outcomes and of their squares; ``x``, ``xx`` and ``xy`` those of the
    covariate, of its square, and of its product with the outcome. Amounts are in whatever unit the caller has.

    Raises:
        ValueError: ``n`` is negative, a sum is not finite, or a sum of squares is.
    """

    arm: str
    n: int
    y: float
    yy: float
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def __post_init__(self) -> None:
        if self.n < 0 or self.yy < 0 or self.xx < 0:
            raise ValueError(f"Arm {self.arm!r}: a count or a sum of squares is negative.")
        if not all(map(math.isfinite, (self.y, self.yy, self.x, self.xx, self.xy))):
            raise ValueError(f"Arm {self.arm!r}: a sum is not a finite number.")

    @classmethod
    def of(cls, arm: str, outcomes: Sequence[float], covariates: Sequence[float] = ()) -> "ArmSums":
        """The sums of customers, one outcome each and, if there are any, one covariate each.

        Raises:
            ValueError: there are covariates, but not as many as outcomes.
        """
        if covariates and len(covariates) != len(outcomes):
            raise ValueError(f"Arm {arm!r}: {len(outcomes)} outcomes, but {len(covariates)} covariates.")
        return cls(
            arm,
            len(outcomes),
            math.fsum(outcomes),
            math.fsum(y * y for y in outcomes),
            math.fsum(covariates),
            math.fsum(x * x for x in covariates),
            math.fsum(x * y for x, y in zip(covariates, outcomes, strict=False)),
        )

    def __add__(self, other: "ArmSums") -> "ArmSums":
        """Both parts of one arm as a whole.

        Raises:
            ValueError: the two are of different arms.
        """
        if self.arm != other.arm:
            raise ValueError(f"Arms {self.arm!r} and {other.arm!r} are not parts of one.")
        return _added(self.arm, self, other)

    @property
    def mean(self) -> float:
        """The mean outcome; 0 where there is nobody."""
        return self.y / self.n if self.n else 0.0

    @property
    def covariate_mean(self) -> float:
        return self.x / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """Of one customer's outcome, unbiased (divided by n - 1); 0 for fewer than two."""
        return max(0.0, _covariance(self.n, self.y, self.y, self.yy))

    @property
    def covariate_variance(self) -> float:
        return max(0.0, _covariance(self.n, self.x, self.x, self.xx))

    @property
    def covariance(self) -> float:
        """Of outcome and covariate, unbiased."""
        return _covariance(self.n, self.x, self.y, self.xy)

    @property
    def effective_events(self) -> float:
        """How many customers carry the sum, if those who do were alike: (sum y)² / sum y² (Kish's effective size).

        For a goal it is how many reached it; for revenue it falls behind the number of buyers the more a few of them
        count, and with it the trust that a mean of so many deserves.
        """
        return self.y * self.y / self.yy if self.yy else 0.0


def pooled(arms: Iterable[ArmSums], name: str = "") -> ArmSums:
    """Arms taken together, as if they were one."""
    return reduce(lambda whole, part: _added(name, whole, part), arms, ArmSums(name, 0, 0.0, 0.0))


def _added(name: str, one: ArmSums, other: ArmSums) -> ArmSums:
    mine, theirs = ((a.n, a.y, a.yy, a.x, a.xx, a.xy) for a in (one, other))
    return ArmSums(name, *map(add, mine, theirs))


def _covariance(n: int, a: float, b: float, ab: float) -> float:
    return (ab - a * b / n) / (n - 1) if n > 1 else 0.0
