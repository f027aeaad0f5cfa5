"""How likely each arm is the best, and what choosing it costs on average if it is not.

Arms are independent. A proportion's rate is beta distributed given its counts and a uniform prior, Beta(1 + reached,
1 + not reached); a mean is normal about what was found with its standard error (a flat prior, the central limit
theorem). Expected loss of an arm: the mean of how far it stays behind the best (Stucchi, VWO 2015, "Bayesian A/B
testing"). Both are integrals over one variable, of the arms' densities and distribution functions; they are taken by
Simpson's rule on a grid that is fine wherever any arm's density is, so that the same sums give the same figures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

REACH, STEPS = 9.0, 48
"""The grid of an arm: so many standard deviations to both sides, in so many steps each."""


@dataclass(frozen=True, slots=True)
class Beta:
    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    @property
    def deviation(self) -> float:
        whole = self.a + self.b
        return math.sqrt(self.a * self.b / (whole + 1)) / whole

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def densities(self, points: Sequence[float]) -> list[float]:
        constant = math.lgamma(self.a + self.b) - math.lgamma(self.a) - math.lgamma(self.b)
        a, b, exp, log, log1p = self.a - 1, self.b - 1, math.exp, math.log, math.log1p
        return [
            exp(constant + a * log(x) + b * log1p(-x)) if 0 < x < 1 else self._at_the_edge(x, constant) for x in points
        ]

    def _at_the_edge(self, x: float, constant: float) -> float:
        power = self.a - 1 if x <= 0 else self.b - 1
        return math.exp(constant) if power == 0 else 0.0


@dataclass(frozen=True, slots=True)
class Normal:
    mean: float
    deviation: float

    @property
    def support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def densities(self, points: Sequence[float]) -> list[float]:
        scale = 1 / (self.deviation * math.sqrt(2 * math.pi))
        return [scale * math.exp(-(((x - self.mean) / self.deviation) ** 2) / 2) for x in points]


Posterior = Beta | Normal


@dataclass(frozen=True, slots=True)
class Chance:
    """``best``: the probability to be the best arm. ``loss``: expected, in the unit of the metric, by choosing it."""

    best: float
    loss: float


def chances(arms: Sequence[Posterior]) -> list[Chance]:
    """Each arm's chance to have the highest mean. All must vary (a deviation above 0); a lone arm is the best."""
    points = _grid(arms)
    middles = [(low + high) / 2 for low, high in pairwise(points)]
    steps = [high - low for low, high in pairwise(points)]
    tables = [_Table.of(arm, points, middles, steps) for arm in arms]
    best = [max(0.0, _times_the_others(tables, index, steps)) for index in range(len(arms))]
    highest = points[-1] - _integral(
        _product([t.below for t in tables]), _product([t.below_mid for t in tables]), steps
    )
    whole = math.fsum(best)
    return [Chance(chance / whole, max(0.0, highest - table.mean)) for chance, table in zip(best, tables, strict=True)]


def _grid(arms: Sequence[Posterior]) -> list[float]:
    """Points in order, dense about each arm, each within what is possible."""
    points: set[float] = set()
    for arm in arms:
        low, high = arm.support
        step = arm.deviation * REACH / STEPS
        points.update(min(max(arm.mean + n * step, low), high) for n in range(-STEPS, STEPS + 1))
    return sorted(points)


@dataclass(frozen=True, slots=True)
class _Table:
    """An arm on the grid: its density and distribution function at the points and at the middles between them."""

    density: list[float]
    density_mid: list[float]
    below: list[float]
    below_mid: list[float]
    mean: float

    @classmethod
    def of(cls, arm: Posterior, points: list[float], middles: list[float], steps: list[float]) -> "_Table":
        at, mid = arm.densities(points), arm.densities(middles)
        below, below_mid, reached = [0.0], [], 0.0
        for i, step in enumerate(steps):
            below_mid.append(reached + step / 24 * (5 * at[i] + 8 * mid[i] - at[i + 1]))
            reached += step / 6 * (at[i] + 4 * mid[i] + at[i + 1])
            below.append(reached)
        below, below_mid = [value / reached for value in below], [value / reached for value in below_mid]
        # The mean that belongs to this very table: what the grid cuts off or rounds is then no loss.
        mean = points[-1] - _integral(below, below_mid, steps)
        return cls([value / reached for value in at], [value / reached for value in mid], below, below_mid, mean)


def _times_the_others(tables: Sequence[_Table], index: int, steps: list[float]) -> float:
    others = [table for place, table in enumerate(tables) if place != index]
    mine = tables[index]
    at = _product([mine.density, *(other.below for other in others)])
    mid = _product([mine.density_mid, *(other.below_mid for other in others)])
    return _integral(at, mid, steps)


def _integral(at: Sequence[float], mid: Sequence[float], steps: Sequence[float]) -> float:
    """Simpson's rule, by the values at the points and at the middles between them."""
    return math.fsum(step / 6 * (at[i] + 4 * mid[i] + at[i + 1]) for i, step in enumerate(steps))


def _product(rows: Sequence[list[float]]) -> list[float]:
    return [math.prod(column) for column in zip(*rows, strict=True)]
