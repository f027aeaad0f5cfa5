"""Weights that follow what is known: more customers for arms that are probably better (multi-armed allocation).

Thompson, "On the likelihood that one unknown probability exceeds another" (Biometrika 25, 1933): an arm's share is its
probability to be best, here computed, not drawn. Top-two: Russo, "Simple Bayesian Algorithms for Best Arm
Identification" (Operations Research 68(6), 2020): with probability 1/2 the second best is taken instead, which finds
the best arm sooner, where plain Thompson sampling loses fewer goals on the way.

Each arm keeps a floor: an arm without customers could never show that it has become better. Weights that follow the
outcomes make later differences of means a little biased (an arm that began badly is not looked at again): to learn how
much better an arm is, leave the weights alone.
"""

import math
from collections.abc import Mapping

from orchestrator.core.experiments.analysis import Analysis, Finding

FLOOR = 0.1


def thompson_weights(
    best: Mapping[str, float], *, floor: float = FLOOR, top_two: bool = False, whole: int = 100
) -> dict[str, int]:
    """Whole weights that sum to ``whole``, from each arm's probability to be best (any weights; they are normed).

    Each arm has ``floor`` of the whole at least, rounded down; the rest goes by probability, by largest remainders.

    Raises:
        ValueError: there is no arm, a probability is negative or all are 0, or the floors exceed the whole.
    """
    total = math.fsum(best.values())
    if not best or not total > 0 or any(chance < 0 for chance in best.values()):
        raise ValueError("There are no probabilities to weigh by.")
    if not 0 <= floor * len(best) <= 1 or whole < len(best):
        raise ValueError("The floors leave nothing to weigh.")
    chances = {arm: chance / total for arm, chance in best.items()}
    if top_two and len(chances) > 1:
        chances = _top_two(chances)
    exact = {arm: whole * (floor + (1 - floor * len(chances)) * chance) for arm, chance in chances.items()}
    weights = {arm: math.floor(weight + 1e-9) for arm, weight in exact.items()}
    order = sorted(exact, key=lambda arm: (weights[arm] - exact[arm], list(exact).index(arm)))
    for arm in order[: whole - sum(weights.values())]:
        weights[arm] += 1
    return weights


def next_weights(
    analysis: Analysis, *, floor: float = FLOOR, top_two: bool = False, whole: int = 100
) -> dict[str, int] | None:
    """The weights that an analysis suggests; None while it has too few to say, or its arms cannot be trusted."""
    found = {result.arm: result.chance.best for result in analysis.arms if result.chance is not None}
    if len(found) < len(analysis.arms) or analysis.verdict.code in (Finding.SAMPLE_RATIO, Finding.GUARD_BROKEN):
        return None
    if any(result.finding is Finding.TOO_FEW for result in analysis.arms):
        return None
    return thompson_weights(found, floor=floor, top_two=top_two, whole=whole)


def _top_two(chances: Mapping[str, float]) -> dict[str, float]:
    """Half by the chance to be best, half by the chance to be best of the others than the one drawn first."""
    second = {
        arm: math.fsum(first * chance / (1 - first) for other, first in chances.items() if other != arm and first < 1)
        for arm, chance in chances.items()
    }
    if not (left := math.fsum(second.values())):  # one arm is certain: the others have the second place between them
        second = {arm: float(chance < 1) for arm, chance in chances.items()}
        left = math.fsum(second.values())
    return {arm: (chance + second[arm] / left) / 2 for arm, chance in chances.items()}
