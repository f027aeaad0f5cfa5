"""Made-up experiments, many at once: sums by experiment and look, from the first customers to the last day.

Arrays have the shape (experiments, looks, arms). Every draw is of a seed of its own, so that figures can be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestrator.core.experiments.methods.always_valid import tuned
from orchestrator.core.experiments.sums import ArmSums

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """Sums of each arm as they stand at each look: customers, outcomes, squares and, with a covariate, its own."""

    n: Numbers
    y: Numbers
    yy: Numbers
    x: Numbers | None = None
    xx: Numbers | None = None
    xy: Numbers | None = None

    def arms(self, experiment: int, look: int) -> list[ArmSums]:
        """The same, as the product has it: arms "a", "b", ..."""
        fields = [self.n, self.y, self.yy, *([] if self.x is None else [self.x, self.xx, self.xy])]
        rows = [[float(field[experiment, look, arm]) for field in fields if field is not None] for arm in self.each]
        return [ArmSums("abcdefgh"[arm], int(row[0]), *row[1:]) for arm, row in zip(self.each, rows, strict=True)]

    @property
    def each(self) -> range:
        return range(self.n.shape[2])


def entries(seed: np.random.Generator, experiments: int, days: int, a_day: float, shares: Sequence[float]) -> Numbers:
    """Customers who are exposed on each day, by arm."""
    rates = a_day * np.asarray(shares) / sum(shares)
    return seed.poisson(rates, (experiments, days, len(shares))).astype(np.float64)


def goals(seed: np.random.Generator, came: Numbers, rates: list[float], delay: float = 0.0) -> Looks:
    """Each customer reaches a goal or not, at once or after ``delay`` days on average (as they come, geometric)."""
    reached = seed.binomial(came.astype(int), np.asarray(rates)).astype(np.float64)
    if delay:
        reached = _late(seed, reached, 1 / (1 + delay))
    n, y = np.cumsum(came, axis=1), np.cumsum(reached, axis=1)
    return Looks(n, y, y)


def _late(seed: np.random.Generator, reached: Numbers, chance: float) -> Numbers:
    """By the day on which it happens, of those who will, by the day on which they came: all outstanding alike."""
    happens, outstanding = np.zeros_like(reached), np.zeros(reached[:, 0].shape)
    for day in range(reached.shape[1]):
        outstanding = outstanding + reached[:, day]
        happens[:, day] = seed.binomial(outstanding.astype(int), chance)
        outstanding = outstanding - happens[:, day]
    return happens


def revenue(
    seed: np.random.Generator, came: Numbers, buys: list[float], worth: list[float], spread: float = 1.0
) -> Looks:
    """A few buy, for amounts that are lognormal: a few of them for very much. ``worth`` is the mean amount by arm."""
    buyers = seed.binomial(came.astype(int), np.asarray(buys))
    amounts = seed.lognormal(-spread * spread / 2, spread, int(buyers.sum()))
    owner = np.repeat(np.arange(buyers.size), buyers.ravel())
    scale = np.broadcast_to(np.asarray(worth), buyers.shape).ravel()[owner]
    y = np.bincount(owner, amounts * scale, buyers.size).reshape(buyers.shape)
    yy = np.bincount(owner, (amounts * scale) ** 2, buyers.size).reshape(buyers.shape)
    return Looks(np.cumsum(came, axis=1), np.cumsum(y, axis=1), np.cumsum(yy, axis=1))


def with_covariate(seed: np.random.Generator, came: Numbers, means: list[float], correlation: float) -> Looks:
    """Amounts that are known to correlate with those before the exposure (both skewed)."""
    count = came.astype(int)
    owner = np.repeat(np.arange(count.size), count.ravel())
    before = seed.gamma(2.0, 1.0, owner.size)
    own = seed.gamma(2.0, 1.0, owner.size)
    mean = np.broadcast_to(np.asarray(means), count.shape).ravel()[owner]
    outcome = mean + correlation * before + np.sqrt(1 - correlation**2) * own
    weights = (outcome, outcome**2, before, before**2, before * outcome)
    sums: list[Numbers] = [
        np.cumsum(np.bincount(owner, one, count.size).reshape(count.shape), axis=1).astype(np.float64)
        for one in weights
    ]
    return Looks(np.cumsum(came, axis=1), *sums)


def intervals(looks: Looks, rate: float, tightest_at: float, arm: int = 1) -> tuple[Numbers, Numbers]:
    """Always-valid bounds of arm less the first arm, for all looks at once: what ``analyse`` says of each.

    A test holds the two against each other; without this one a thousand experiments would take a minute.
    """
    n, m = looks.n[..., arm], looks.n[..., 0]
    with np.errstate(all="ignore"):
        difference, error = difference_of(looks, arm)
        v = 4 * n * m / (n + m) / tightest_at * tuned(rate)
        reach = np.sqrt(2 * (v + 1) / v * (np.log1p(v) / 2 - np.log(rate)))
    return difference - reach * error, difference + reach * error


def difference_of(looks: Looks, arm: int = 1) -> tuple[Numbers, Numbers]:
    """The difference of means and its standard error."""
    n = np.maximum(looks.n, 1)
    mean, spread = looks.y / n, (looks.yy - looks.y**2 / n)
    if looks.x is not None and looks.xx is not None and looks.xy is not None:
        whole = [field.sum(axis=2, keepdims=True) for field in (n, looks.y, looks.x, looks.xx, looks.xy)]
        theta = (whole[4] - whole[1] * whole[2] / whole[0]) / (whole[3] - whole[2] ** 2 / whole[0])
        mean = mean - theta * looks.x / n
        spread = spread + theta**2 * (looks.xx - looks.x**2 / n) - 2 * theta * (looks.xy - looks.x * looks.y / n)
    variance = np.maximum(spread, 0) / np.maximum(n - 1, 1) / n
    return mean[..., arm] - mean[..., 0], np.sqrt(variance[..., arm] + variance[..., 0])


def enough(looks: Looks, exposed: float, events: float, *, proportion: bool) -> npt.NDArray[np.bool_]:
    """Where both of the first two arms have what is asked before anything is told."""
    with np.errstate(all="ignore"):
        carried = np.where(looks.yy > 0, looks.y**2 / looks.yy, 0)
    if proportion:
        carried = np.minimum(looks.y, looks.n - looks.y)
    return np.asarray(((looks.n >= exposed) & (carried >= events))[..., :2].all(axis=2))
