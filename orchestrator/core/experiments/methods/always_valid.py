"""How many standard errors an interval must reach that may be looked at any number of times.

Asymptotic confidence sequences: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences" (arXiv 2103.06476; Annals of Statistics 52(6), 2024). Their two-sided boundary
(Theorem 2.2) divided by the standard error sigma / sqrt(t), with v = t rho²:

    sqrt(2 (v + 1) / v * log(sqrt(v + 1) / alpha))

It holds at all t at once with probability 1 - alpha, once t is large enough for the central limit theorem. rho² is
chosen before: the boundary is tightest at one t of one's choice (their appendix on tuning rho) where
v + 1 = -W(-alpha² / e) on the lower branch of Lambert's function, which depends on alpha alone.

Their one-sided boundary (appendix on one-sided sequences):

    sqrt(2 (v + 1) / v * log(1 + sqrt(v + 1) / (2 alpha)))
"""

import math
from functools import lru_cache


def multiplier(time: float, tightest_at: float, rate: float) -> float:
    """Standard errors to both sides, so that the truth is ever outside with probability ``rate`` at most.

    ``time`` and ``tightest_at`` are amounts of information, in one unit: numbers of exposed customers.
    """
    v = time / tightest_at * tuned(rate)
    return math.sqrt(2 * (v + 1) / v * (math.log1p(v) / 2 - math.log(rate)))


def one_sided_multiplier(time: float, tightest_at: float, rate: float) -> float:
    """Standard errors to one side, so that the truth is ever beyond with probability ``rate`` at most."""
    v = time / tightest_at * tuned(2 * rate)
    return math.sqrt(2 * (v + 1) / v * math.log1p(math.sqrt(v + 1) / (2 * rate)))


@lru_cache(maxsize=256)
def tuned(rate: float) -> float:
    """v where the boundary is tightest: the root of v = log(v + 1) - 2 log(rate), by iteration (it contracts)."""
    v = -2 * math.log(rate)
    for _ in range(200):
        v, before = math.log1p(v) - 2 * math.log(rate), v
        if abs(v - before) < 1e-13 * v:
            break
    return v


def until_told(time: float, tightest_at: float, rate: float, errors: float) -> float | None:
    """How many times the information it takes until a difference that is ``errors`` standard errors now leaves 0.

    If it goes on being what it is now; None if that needs more than a thousand times as much.
    """
    low, high = 1.0, 1000.0

    def told(times: float) -> bool:
        return errors * math.sqrt(times) > multiplier(time * times, tightest_at, rate)

    if not told(high):
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if told(middle) else (middle, high)
    return high


def information(n: int, other: int) -> float:
    """What a comparison of two arms knows, as customers of two equal arms: their number, were they equal.

    A difference of means has the variance s² (1/n + 1/m); with n = m = t/2 that is 4 s² / t.
    """
    return 4 * n * other / (n + other) if n and other else 0.0
