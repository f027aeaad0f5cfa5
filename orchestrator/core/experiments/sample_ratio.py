"""Do the arms have the customers that their shares promise? Where they have not, no figure of theirs can be trusted.

The always-valid test: Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data" (NeurIPS 2022): the Bayes
factor of a multinomial with a Dirichlet prior around the intended shares against exactly these shares. Under the latter
it is a martingale, so that it ever exceeds 1 / rate with probability ``rate`` at most (Ville), however often one looks.
The prior is a mixture of a wide Dirichlet, which sees gross faults early, and a narrow one (the authors' 10,000), which
sees small ones; a mixture of such factors is one.

Beside it the classical chi-square test, right for one look only.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

CONCENTRATIONS = (100.0, 10_000.0)
RATE = 0.01
"""How often at most a sound experiment is ever blocked."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """How the exposed divide, against how they should. ``p`` is always-valid, ``chi_square_p`` good for one look."""

    exposed: Mapping[str, int]
    expected: Mapping[str, float]
    p: float
    chi_square_p: float
    blocks: bool


def check_ratio(exposed: Mapping[str, int], shares: Mapping[str, float], rate: float = RATE) -> SampleRatio:
    """The check of ``exposed`` customers by arm against the intended ``shares`` (any weights; they are normed).

    Raises:
        ValueError: an arm has no share, a share is negative or not finite, all are 0, or ``rate`` is not within 0..1.
    """
    if missing := sorted(set(exposed) - set(shares)):
        raise ValueError(f"No share is stated for {', '.join(missing)}.")
    whole = math.fsum(shares.values())
    if not (math.isfinite(whole) and whole > 0 and all(share >= 0 for share in shares.values())):
        raise ValueError("Shares must be 0 or more, and not all 0.")
    if not 0 < rate < 1:
        raise ValueError("The rate must be between 0 and 1.")
    counts = {arm: exposed.get(arm, 0) for arm in shares}
    n = sum(counts.values())
    normed = {arm: share / whole for arm, share in shares.items()}
    if any(counts[arm] and not share for arm, share in normed.items()):
        p = chi = 0.0  # somebody where nobody should be
    else:
        there = [(counts[arm], share) for arm, share in normed.items() if share]
        p, chi = min(1.0, math.exp(-_log_bayes_factor(there))), chi_square_p(there)
    return SampleRatio(counts, {arm: n * share for arm, share in normed.items()}, p, chi, p <= rate)


def _log_bayes_factor(counts: list[tuple[int, float]]) -> float:
    """The logarithm of the mean of the factors, one for each concentration; never so small that exp overflows."""
    logs = [_log_factor(counts, concentration) for concentration in CONCENTRATIONS]
    highest = max(logs)
    return max(-700.0, highest + math.log(math.fsum(math.exp(log - highest) for log in logs) / len(logs)))


def _log_factor(counts: list[tuple[int, float]], concentration: float) -> float:
    n = sum(count for count, _ in counts)
    log = math.lgamma(concentration) - math.lgamma(concentration + n)
    for count, share in counts:
        prior = concentration * share
        log += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    return log


def chi_square_p(counts: list[tuple[int, float]]) -> float:
    """Pearson's test of (count, share): the chance of a statistic so high, were the shares as stated."""
    n = sum(count for count, _ in counts)
    if not n or len(counts) < 2:
        return 1.0
    statistic = math.fsum((count - n * share) ** 2 / (n * share) for count, share in counts)
    return chi_square_tail(statistic, len(counts) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The upper tail of chi-square, by the finite sums for whole degrees (Abramowitz and Stegun 26.4.4, 26.4.5)."""
    half = statistic / 2
    if degrees % 2:
        tail, power, first = math.erfc(math.sqrt(half)), 0.5, 0.5
    else:
        tail, power, first = math.exp(-half), 1.0, 1.0
    while power < degrees / 2:
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1)) if half else 0.0
        power += first if first == 1.0 else 1.0
    return min(1.0, tail)
