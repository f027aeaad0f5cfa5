"""Totals of all customers from some of them: a random part of each stratum, with intervals that are honest.

Every stratum's size is known, and those walked of it are a random sample without replacement. A total is a sum of
weighted counts, many of them of few customers, so it has the gamma interval of Fay and Feuer, which holds for rare
things too: a normal one ends at zero where nobody was seen. Variances carry Student's factor for small strata and the
finite-population correction: the interval narrows with the part that was walked, and is a point when that is all. A
difference is of the same customer under both versions: gains less losses, each with its interval, put together by their
distances (MOVER).

Fay and Feuer (1997), *Statistics in Medicine* 16; Zou and Donner (2008), *Statistics in Medicine* 27.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

from orchestrator.core.backtest.measures import ANYWAY, OF_CUSTOMERS
from orchestrator.core.backtest.walk import CustomerOutcome

SHARE = 0.95
"""Of intervals that cover what comes out in the end."""
_Z = NormalDist().inv_cdf((1 + SHARE) / 2)
Key = tuple[str, ...]
"""``draft``, ``live`` or ``difference`` (draft less live) before a measure; ``differs`` before a kind of difference."""
DRAFT, LIVE, DIFFERENCE, DIFFERS = "draft", "live", "difference", "differs"


@dataclass(frozen=True)
class Estimate:
    """A total of all customers, and the interval in which it lies in :data:`SHARE` of all cases."""

    value: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(slots=True)
class Sums:
    """Of what is added up over customers: sums and sums of squares, of its positive and its negative values."""

    plus: int = 0
    plus_squares: int = 0
    minus: int = 0
    minus_squares: int = 0

    def add(self, value: int) -> None:
        if value > 0:
            self.plus, self.plus_squares = self.plus + value, self.plus_squares + value * value
        else:
            self.minus, self.minus_squares = self.minus - value, self.minus_squares + value * value

    def merge(self, other: "Sums") -> None:
        self.plus += other.plus
        self.plus_squares += other.plus_squares
        self.minus += other.minus
        self.minus_squares += other.minus_squares


@dataclass
class StratumTotals:
    """Customers walked of one stratum, added up. Merging in any order gives the same."""

    walked: int = 0
    sums: dict[Key, Sums] = field(default_factory=dict)

    def add(self, outcome: CustomerOutcome, *, compared: bool) -> None:
        """Count one customer in. ``compared``: there is a live version."""
        self.walked += 1
        for measure, value in outcome.draft.items():
            self._at((DRAFT, *measure)).add(value)
        if not compared:
            return
        for measure, value in outcome.live.items():
            self._at((LIVE, *measure)).add(value)
        for measure in outcome.draft.keys() | outcome.live.keys():
            if value := outcome.draft[measure] - outcome.live[measure]:
                self._at((DIFFERENCE, *measure)).add(value)
        for kind in outcome.differs:
            self._at((DIFFERS, kind)).add(1)

    def merge(self, other: "StratumTotals") -> None:
        self.walked += other.walked
        for key, sums in other.sums.items():
            self._at(key).merge(sums)

    def _at(self, key: Key) -> Sums:
        found = self.sums.get(key)
        if found is None:
            found = self.sums[key] = Sums()
        return found


@dataclass
class Totals:
    """All strata: how many customers each has, and what those come to who were walked."""

    sizes: Mapping[str, int]
    inert: frozenset[str] = frozenset()
    """Strata of customers who did nothing that lets anybody in: only what happens anyway happens to them."""
    strata: dict[str, StratumTotals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.strata = {name: self.strata.get(name, StratumTotals()) for name in self.sizes}

    @property
    def of(self) -> int:
        return sum(self.sizes.values())

    @property
    def walked(self) -> int:
        return sum(one.walked for one in self.strata.values())

    @property
    def complete(self) -> bool:
        """Whether everybody was walked: every figure is exact."""
        return self.walked == self.of

    @property
    def ready(self) -> bool:
        """Whether there are enough of every stratum to say anything."""
        return all(self.strata[name].walked >= min(size, 2) for name, size in self.sizes.items())

    def keys(self) -> set[Key]:
        """What anybody came to."""
        return {key for one in self.strata.values() for key in one.sums}

    def estimate(self, key: Key) -> Estimate:
        """A total of all customers; what nobody came to has an interval as well."""
        parts = [
            _Part(size, self.strata[name].walked, self.strata[name].sums.get(key, _NONE))
            for name, size in self.sizes.items()
            if size and not self._never(name, key)
        ]
        once = key[0] == DIFFERS or (key[0] != DIFFERENCE and key[1] in OF_CUSTOMERS)
        return _total(parts, once=once, signed=key[0] == DIFFERENCE)

    def _never(self, stratum: str, key: Key) -> bool:
        return stratum in self.inert and (key[0] == DIFFERS or key[1] != ANYWAY)


_NONE = Sums()


@dataclass(frozen=True)
class _Part:
    """One stratum's share in a total."""

    size: int
    walked: int
    sums: Sums


def _total(parts: list[_Part], *, once: bool, signed: bool) -> Estimate:
    plus = _sum([_Sum.of(part, part.sums.plus, part.sums.plus_squares) for part in parts])
    if not signed:
        seen = sum(part.sums.plus for part in parts)
        most = sum(part.size for part in parts) if once else plus.high
        return Estimate(plus.value, max(plus.low, seen), min(plus.high, most))
    minus = _sum([_Sum.of(part, part.sums.minus, part.sums.minus_squares) for part in parts])
    shared = sum(_shared(part) for part in parts)  # who comes to more does not come to less as well
    below = (plus.value - plus.low) ** 2 + (minus.high - minus.value) ** 2 + shared
    above = (plus.high - plus.value) ** 2 + (minus.value - minus.low) ** 2 + shared
    value = plus.value - minus.value
    return Estimate(value, value - sqrt(below), value + sqrt(above))


@dataclass(frozen=True)
class _Sum:
    """One stratum's total of what is never negative, its variance, and what one customer more would add to it."""

    value: float
    variance: float
    weight: float
    """0 where all were walked."""

    @classmethod
    def of(cls, part: _Part, total: int, squares: int) -> "_Sum":
        if part.walked == part.size:
            return cls(total, 0, 0)
        walked, unseen = max(1, part.walked), 1 - part.walked / part.size
        scale = part.size / walked
        if not total:
            return cls(0, 0, scale * unseen)
        alike = total * total / squares  # so many equal customers, each worth squares / total (Kish)
        others = max(1 - alike / walked, (walked - alike + 2) / (walked + 4))  # never none: not all are known
        student = (_quantile(walked - 1) / _Z) ** 2
        variance = scale * scale * unseen * squares * others * student
        return cls(total * scale, variance, scale * unseen * squares / total)


def _sum(parts: list[_Sum]) -> Estimate:
    """Fay's and Feuer's interval of the sum over strata."""
    value, variance = sum(one.value for one in parts), sum(one.variance for one in parts)
    weight = max((one.weight for one in parts), default=0.0)
    if not weight:
        return Estimate(value, value, value)
    low = variance / (2 * value) * _chi_squared(2 * value * value / variance, -_Z) if variance else value
    more, spread = value + weight, variance + weight * weight
    return Estimate(value, low, spread / (2 * more) * _chi_squared(2 * more * more / spread, _Z))


def _chi_squared(freedom: float, z: float) -> float:
    """A quantile, by Wilson and Hilferty's approximation."""
    part = 2 / (9 * freedom)
    return freedom * max(0.0, 1 - part + z * sqrt(part)) ** 3


def _shared(part: _Part) -> float:
    if part.walked in (0, part.size):
        return 0.0
    scale, unseen = part.size / part.walked, 1 - part.walked / part.size
    return 2 * scale * scale * unseen * part.sums.plus * part.sums.minus / part.walked * _quantile(part.walked - 1) ** 2


_FEW = {1: 12.706, 2: 4.303, 3: 3.182}


@lru_cache(maxsize=4096)
def _quantile(freedom: int) -> float:
    """Student's t for :data:`SHARE`, by its expansion in the normal one (Abramowitz and Stegun 26.7.5)."""
    if freedom < 4:
        return _FEW[max(1, freedom)]
    first = (_Z**3 + _Z) / 4
    second = (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96
    third = (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384
    return _Z + first / freedom + second / freedom**2 + third / freedom**3
