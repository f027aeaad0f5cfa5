"""How likely the always-valid interval leaves "no difference" behind it by the end of a plan, looking so often.

The standardised difference of two arms, over the information, is a Brownian motion with a drift. The chance that it has
crossed the boundary of ``always_valid`` at one of equally spaced looks is taken by the recursion of Armitage, McPherson
and Rowe, "Repeated Significance Tests on Accumulating Data" (JRSS A 132, 1969): the density of those who have not
crossed, carried from look to look. numpy is loaded when this is asked, not before.
"""

import math
from functools import lru_cache
from statistics import NormalDist

from orchestrator.core.experiments.methods.always_valid import multiplier

POINTS = 161
"""Of the grid at each look: odd, for Simpson's rule."""
BELOW = 5.0
"""So many standard deviations below its mean the motion is followed: beyond them is less than a millionth of it."""


@lru_cache(maxsize=1024)
def crossing_probability(drift: float, rate: float, looks: int) -> float:
    """The chance to cross upwards within ``looks`` equally spaced looks, the boundary tightest at the last of them.

    ``drift``: what the difference is in its standard errors at the last look.
    """
    import numpy as np

    step = 1 / looks
    deviation, crossed = math.sqrt(step), 0.0
    places, weights = np.zeros(1), np.ones(1)  # all begin at 0
    for look in range(1, looks + 1):
        time = look * step
        top = math.sqrt(time) * multiplier(time, 1.0, rate)
        low = drift * time - BELOW * math.sqrt(time)
        if low >= top:
            return 1.0
        grid, width = np.linspace(low, top, POINTS, retstep=True)
        apart = (grid[:, None] - places[None, :] - drift * step) / deviation
        density = np.exp(-apart * apart / 2) @ weights / (deviation * math.sqrt(2 * math.pi))
        simpson = np.full(POINTS, 2.0)
        simpson[1::2], simpson[0], simpson[-1] = 4.0, 1.0, 1.0
        weights = density * simpson * float(width) / 3
        places = grid
    crossed = 1 - float(weights.sum())
    return min(1.0, max(0.0, crossed))


@lru_cache(maxsize=1024)
def required_drift(rate: float, power: float, looks: int | None) -> float:
    """The difference in standard errors at the end that is found with probability ``power``.

    ``looks`` by the always-valid interval; None: one test at the end, at the fixed horizon.
    """
    normal = NormalDist()
    fixed = normal.inv_cdf(1 - rate / 2) + normal.inv_cdf(power)
    if looks is None:
        return fixed
    # Regula falsi (Illinois) on the normal scale, where the chance is nearly a straight line of the drift.
    aim = normal.inv_cdf(power)
    low, high = 0.0, fixed + 2 * multiplier(1.0, 1.0, rate)

    def miss(drift: float) -> float:
        return normal.inv_cdf(min(1 - 1e-12, max(1e-12, crossing_probability(drift, rate, looks)))) - aim

    of_low, of_high, found = miss(low), miss(high), high
    for _ in range(60):
        before, found = found, high - of_high * (high - low) / (of_high - of_low)
        if abs(found - before) < 1e-9:
            break
        of_found = miss(found)
        if of_found * of_high < 0:
            low, of_low = high, of_high
        else:
            of_low /= 2
        high, of_high = found, of_found
    return found
