"""Do the arms have the customers that their shares promise? Where they have not, no figure of theirs can be trusted.

The always-valid test: Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data" (NeurIPS 2022): the Bayes
factor of a multinomial with a Dirichlet prior around the intended shares against exactly these shares. Under the latter
it is a martingale, so that it ever exceeds 1 / rate with probability ``rate`` at most (Ville), however often one looks.
The prior is a mixture of a wide Dirichlet, which sees gross faults early, and a narrow one (the authors' 10,000), which
sees small ones; a mixture of such factors is one.

Beside it the classical chi-square test, right for one look only.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
    return check_ratios([(exposed, shares)], rate)


def check_ratios(periods: Sequence[tuple[Mapping[str, int], Mapping[str, float]]], rate: float = RATE) -> SampleRatio:
    """The same where the shares were changed: exposed customers and shares, period by period.

    Each period's factor begins where the last one's ended, so their product is one; and so for chi-square's sums.

    Raises:
        ValueError: as ``check_ratio``, of any period.
    """
    if not 0 < rate < 1:
        raise ValueError("The rate must be between 0 and 1.")
    log, statistic, degrees = 0.0, 0.0, 0
    exposed: Counter[str] = Counter()
    expected: dict[str, float] = {}
    for counts, shares in periods:
        normed = _normed(counts, shares)
        n = sum(counts.values())
        exposed.update(counts)
        expected |= {arm: expected.get(arm, 0.0) + n * share for arm, share in normed.items()}
        there = [(counts.get(arm, 0), share) for arm, share in normed.items() if share]
        if sum(count for count, _ in there) < n:
            log = statistic = math.inf  # somebody where nobody should be
            continue
        log += _log_bayes_factor(there)
        if n:
            statistic, degrees = statistic + _chi_square(there), degrees + len(there) - 1
    p = math.exp(-min(max(log, 0.0), 700.0)) if math.isfinite(log) else 0.0
    chi = chi_square_tail(statistic, degrees) if degrees and math.isfinite(statistic) else float(statistic == 0)
    return SampleRatio({arm: exposed[arm] for arm in expected}, expected, p, chi, p <= rate)


def _normed(exposed: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, float]:
    if missing := sorted(set(exposed) - set(shares)):
        raise ValueError(f"No share is stated for {', '.join(missing)}.")
    whole = math.fsum(shares.values())
    if not (math.isfinite(whole) and whole > 0 and all(share >= 0 for share in shares.values())):
        raise ValueError("Shares must be 0 or more, and not all 0.")
    return {arm: share / whole for arm, share in shares.items()}


def _log_bayes_factor(counts: list[tuple[int, float]]) -> float:
    """The logarithm of the mean of the factors, one for each concentration."""
    logs = [_log_factor(counts, concentration) for concentration in CONCENTRATIONS]
    highest = max(logs)
    return highest + math.log(math.fsum(math.exp(log - highest) for log in logs) / len(logs))


def _log_factor(counts: list[tuple[int, float]], concentration: float) -> float:
    n = sum(count for count, _ in counts)
    log = math.lgamma(concentration) - math.lgamma(concentration + n)
    for count, share in counts:
        prior = concentration * share
        log += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    return log


def _chi_square(counts: list[tuple[int, float]]) -> float:
    """Pearson's statistic of (count, share)."""
    n = sum(count for count, _ in counts)
    return math.fsum((count - n * share) ** 2 / (n * share) for count, share in counts)


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
