"""Maximum likelihood over positive parameters: the search that all models share.

The search goes over the logarithms, from several starts, first without slopes (Nelder-Mead, which no kink stops) and
then with them (L-BFGS-B, which ends sharply). The best end of all starts counts.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Numbers = npt.NDArray[np.float64]

LOWEST, HIGHEST = math.log(1e-6), math.log(1e5)
"""Bounds of the logarithms: beyond them a parameter says "none" or "all", and the data cannot tell how much so."""
NEAR_A_BOUND = 0.01


class FitProblem(ValueError):
    """The data does not tell the parameters. ``code`` names why, for whoever says it in another language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def numbers(values: Iterable[float]) -> Numbers:
    """Values as an array of floats, one dimension."""
    return np.asarray(list(values), dtype=np.float64)


def fit_positive(
    log_likelihood: Callable[[Numbers], float],
    starts: Sequence[Sequence[float]],
    rough: Callable[[Numbers], float] | None = None,
) -> tuple[tuple[float, ...], float, bool]:
    """The positive parameters that make the likelihood greatest.

    Args:
        log_likelihood: of an array of parameters; may be -inf or nan where they are impossible.
        starts: parameters to begin at, each positive.
        rough: The likelihood of a part of the data, where all of it takes long: the first search is content with it.

    Returns:
        The parameters; the log-likelihood there; whether all lie well within the bounds.

    Raises:
        FitProblem: the likelihood is finite at no start, or nowhere near one.
    """

    whole = _cost(log_likelihood)
    ends = [_rough(_cost(rough or log_likelihood), start) for start in starts]
    if rough is not None:
        ends = [min(ends, key=lambda end: end[1])]
    best_at, best = None, math.inf
    for at, _ in ends:
        value = whole(at)
        fine = minimize(whole, at, method="L-BFGS-B", bounds=[(LOWEST, HIGHEST)] * len(at))
        end, value = (fine.x, float(fine.fun)) if fine.fun <= value else (at, value)
        if value < best:
            best_at, best = np.clip(end, LOWEST, HIGHEST), value
    if best_at is None or best >= 1e299:
        raise FitProblem("no_fit", "The model fits these figures with no parameters.")
    inner = bool(np.all((best_at > LOWEST + NEAR_A_BOUND) & (best_at < HIGHEST - NEAR_A_BOUND)))
    return tuple(float(value) for value in np.exp(best_at)), -best, inner


def _cost(log_likelihood: Callable[[Numbers], float]) -> Callable[[Numbers], float]:
    """What is made least, of logarithms; beyond the bounds it grows."""

    def cost(logs: Numbers) -> float:
        inside = np.clip(logs, LOWEST, HIGHEST)
        value = log_likelihood(np.exp(inside))
        beyond = float(np.abs(logs - inside).sum())
        return -value + beyond if math.isfinite(value) else 1e300

    return cost


def _rough(cost: Callable[[Numbers], float], start: Sequence[float]) -> tuple[Numbers, float]:
    """Near the least, without slopes: where, within the bounds, and how little."""
    first = np.log(np.asarray(start, dtype=np.float64))
    found = minimize(cost, first, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-7})
    return np.clip(found.x, LOWEST, HIGHEST), float(found.fun)
