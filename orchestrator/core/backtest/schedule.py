"""In which order customers are walked, so that the first few say as much as can be."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

FIRST, LARGEST = 40, 5_120
"""Customers of the first round; each round has twice as many as the one before, up to so many."""
CHUNKS, SMALLEST, MOST_AT_ONCE = 8, 10, 160
"""Into how many a round is cut, and customers of one of them: the first figures wait for the first round."""
LEAST = 10
"""Customers of each stratum in a round: intervals of fewer are wide."""
WEIGHT = {"none": 0.1}
"""Of a customer in a round, against others: nobody enters who did nothing that lets in, so these say little."""


class Chunk(NamedTuple):
    """Some customers of a stratum, by their places in it."""

    stratum: str
    first: int
    many: int


def chunks(sizes: Mapping[str, int], most: int | None = None) -> Iterator[Chunk]:
    """All customers, or ``most`` of them, in rounds that have some of every stratum. Each stratum in its own order, so
    that at any time those who were walked of it are a random sample."""
    done = dict.fromkeys(sizes, 0)
    left = sum(sizes.values()) if most is None else min(most, sum(sizes.values()))
    size = FIRST
    while left > 0:
        weights = {name: (sizes[name] - done[name]) * WEIGHT.get(name, 1.0) for name in sizes}
        whole = sum(weights.values())
        for name, weight in weights.items():
            wanted = max(LEAST, round(size * weight / whole)) if weight else 0
            wanted = min(wanted, sizes[name] - done[name], left)
            at_once = min(MOST_AT_ONCE, max(SMALLEST, size // CHUNKS))
            for first in range(done[name], done[name] + wanted, at_once):
                yield Chunk(name, first, min(at_once, done[name] + wanted - first))
            done[name] += wanted
            left -= wanted
        size = min(LARGEST, size * 2)
