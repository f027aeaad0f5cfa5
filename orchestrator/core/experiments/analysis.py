"""What an experiment tells so far. It may be asked at any time and any number of times: nothing is spent by looking.

Several arms: each is compared with the control at ``rate`` divided by the number of comparisons (Bonferroni), so that
``rate`` bounds the chance that any of them is ever wrongly found better or worse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, sqrt

from orchestrator.core.experiments.comparison import Comparison, Estimate, compare, covariate_slope, estimates
from orchestrator.core.experiments.guards import GuardResult
from orchestrator.core.experiments.posterior import Beta, Chance, Normal, Posterior, chances
from orchestrator.core.experiments.sample_ratio import RATE, SampleRatio, check_ratio
from orchestrator.core.experiments.sums import ArmSums

TIGHTEST_AT = 10_000
"""Exposed customers, all arms together, where intervals are tightest unless a plan says otherwise."""


@dataclass(frozen=True, slots=True)
class Least:
    """What each arm must have before an interval is told: exposed customers, and events that carry its figure."""

    exposed: int = 100
    events: float = 25


class Finding(StrEnum):
    """What can be said: of an arm against the control, or of the experiment."""

    SAMPLE_RATIO = "sample_ratio"
    """The arms do not have the customers that their shares promise: no figure counts."""
    GUARD_BROKEN = "guard_broken"
    TOO_FEW = "too_few"
    NO_DIFFERENCE_YET = "no_difference_yet"
    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding on the experiment, and of which arm.

    ``better``: ``arm`` has the highest mean of those that are better than the control. ``worse``: every arm is worse,
    so the control is best. ``too_few``: the arm that lacks most, with so many customers and events more.
    """

    code: Finding
    arm: str | None = None
    needs_exposed: int = 0
    needs_events: int = 0


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: ``total`` / ``exposed`` = ``mean``; ``adjusted`` is the mean by CUPED (the mean itself without).

    ``chance`` is None where the metric does not vary yet; ``comparison`` and ``finding`` are None of the control.
    """

    arm: str
    exposed: int
    total: float
    mean: float
    adjusted: float
    standard_error: float
    chance: Chance | None
    comparison: Comparison | None
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All of it, arms in the order in which they were given. ``theta`` is 0 where no covariate was used."""

    control: str
    rate: float
    proportion: bool
    theta: float
    arms: tuple[ArmResult, ...]
    sample_ratio: SampleRatio | None
    guards: tuple[GuardResult, ...]
    verdict: Verdict

    def arm(self, name: str) -> ArmResult:
        """The result of the arm of this name.

        Raises:
            KeyError: there is none.
        """
        for result in self.arms:
            if result.arm == name:
                return result
        raise KeyError(name)


def analyse(
    arms: Sequence[ArmSums],
    control: str,
    *,
    rate: float = 0.05,
    proportion: bool = True,
    shares: Mapping[str, float] | None = None,
    guards: Sequence[GuardResult] = (),
    tightest_at: float = TIGHTEST_AT,
    least: Least = Least(),
    ratio_rate: float = RATE,
    with_chances: bool = True,
) -> Analysis:
    """What the sums of the arms tell, at this look.

    Args:
        rate: how often at most any arm is ever wrongly found better or worse than the control.
        proportion: every outcome is 1 or 0; otherwise it is an amount.
        shares: the intended weights by arm, to check the arms' sizes by; without them nothing is checked.
        guards: what ``check_guard`` said of guard metrics.
        tightest_at: exposed customers, all arms together, where the intervals are to be tightest. State it before
            the experiment begins and leave it.
        with_chances: also the probability to be best and the expected loss, which take a few milliseconds.

    Raises:
        ValueError: no arm is the control, fewer than two arms, two of one name, a rate outside 0..1, ``tightest_at``
            below 1, sums that cannot be of ones and zeros, or shares that do not fit.
    """
    _check(arms, control, rate, tightest_at, proportion)
    theta = covariate_slope(arms)
    by_arm = dict(zip((arm.arm for arm in arms), estimates(arms, theta), strict=True))
    ratio = check_ratio({arm.arm: arm.n for arm in arms}, shares, ratio_rate) if shares is not None else None
    drawn = _chances(arms, by_arm, proportion and not theta) if with_chances else {}
    compared = _compared(
        arms, control, by_arm, rate, _tightest_for_two(tightest_at, arms, control, shares), proportion, least
    )
    results = []
    for arm in arms:
        estimate, comparison = by_arm[arm.arm], compared.get(arm.arm)
        finding = _finding(comparison) if comparison else None
        figures = (arm.arm, arm.n, arm.y, arm.mean, estimate.mean, sqrt(estimate.variance))
        results.append(ArmResult(*figures, drawn.get(arm.arm), comparison, finding))
    verdict = _verdict(arms, results, ratio, guards, proportion, least)
    return Analysis(control, rate, proportion, theta, tuple(results), ratio, tuple(guards), verdict)


def _check(arms: Sequence[ArmSums], control: str, rate: float, tightest_at: float, proportion: bool) -> None:
    names = [arm.arm for arm in arms]
    if len(names) < 2 or len({*names}) < len(names):
        raise ValueError("An experiment has two arms or more, each with a name of its own.")
    if control not in names:
        raise ValueError(f"No arm is {control!r}.")
    if not 0 < rate < 1 or not tightest_at >= 1:
        raise ValueError("The rate must be between 0 and 1, and the intervals tightest at one customer or more.")
    if proportion and any(abs(arm.y - arm.yy) > 1e-6 * max(1, arm.n) or not 0 <= arm.y <= arm.n for arm in arms):
        raise ValueError("Outcomes of a proportion are 1 or 0.")


def _tightest_for_two(
    tightest_at: float, arms: Sequence[ArmSums], control: str, shares: Mapping[str, float] | None
) -> dict[str, float]:
    """By arm: what the whole experiment's ``tightest_at`` is to its comparison with the control (as two equal arms)."""
    weights = {arm.arm: shares[arm.arm] if shares else 1.0 for arm in arms}
    whole, own = sum(weights.values()), weights[control]
    both = {name: 4 * weight * own / (weight + own) if weight and own else 0.0 for name, weight in weights.items()}
    return {name: max(1.0, tightest_at * part / (whole or 1.0)) for name, part in both.items()}


def _compared(
    arms: Sequence[ArmSums],
    control: str,
    by_arm: Mapping[str, Estimate],
    rate: float,
    tightest_at: Mapping[str, float],
    proportion: bool,
    least: Least,
) -> dict[str, Comparison]:
    """Each arm but the control, compared with it."""
    reference = next(arm for arm in arms if arm.arm == control)
    each, enough = rate / (len(arms) - 1), not _lacks(reference, proportion, least)
    return {
        arm.arm: compare(
            arm,
            reference,
            by_arm[arm.arm],
            by_arm[control],
            rate=each,
            tightest_at=tightest_at[arm.arm],
            told=enough and not _lacks(arm, proportion, least),
        )
        for arm in arms
        if arm.arm != control
    }


def _chances(arms: Sequence[ArmSums], by_arm: Mapping[str, Estimate], as_counts: bool) -> dict[str, Chance]:
    if as_counts:
        drawn: list[Posterior] = [Beta(1 + arm.y, 1 + arm.n - arm.y) for arm in arms]
    else:
        drawn = [Normal(by_arm[arm.arm].mean, sqrt(by_arm[arm.arm].variance)) for arm in arms]
        if not all(one.deviation for one in drawn):
            return {}
    return dict(zip((arm.arm for arm in arms), chances(drawn), strict=True))


def _events(arm: ArmSums, proportion: bool) -> float:
    return min(arm.y, arm.n - arm.y) if proportion else arm.effective_events


def _lacks(arm: ArmSums, proportion: bool, least: Least) -> bool:
    return arm.n < least.exposed or _events(arm, proportion) < least.events


def _finding(comparison: Comparison) -> Finding:
    if comparison.low is None or comparison.high is None:
        return Finding.TOO_FEW
    if comparison.low > 0:
        return Finding.BETTER
    return Finding.WORSE if comparison.high < 0 else Finding.NO_DIFFERENCE_YET


def _verdict(
    arms: Sequence[ArmSums],
    results: Sequence[ArmResult],
    ratio: SampleRatio | None,
    guards: Sequence[GuardResult],
    proportion: bool,
    least: Least,
) -> Verdict:
    if ratio is not None and ratio.blocks:
        return Verdict(Finding.SAMPLE_RATIO)
    broken = next((guard for guard in guards if guard.broken), None)
    if broken is not None:
        return Verdict(Finding.GUARD_BROKEN, broken.arm)
    found = {result.arm: result.finding for result in results if result.finding is not None}
    better = [result for result in results if result.finding is Finding.BETTER]
    if better:
        return Verdict(Finding.BETTER, max(better, key=lambda result: result.adjusted).arm)
    if Finding.TOO_FEW in found.values():
        worst = min(arms, key=lambda arm: min(arm.n / max(1, least.exposed), _events(arm, proportion) / least.events))
        exposed = max(0, least.exposed - worst.n)
        return Verdict(Finding.TOO_FEW, worst.arm, exposed, max(0, ceil(least.events - _events(worst, proportion))))
    return Verdict(Finding.WORSE if set(found.values()) == {Finding.WORSE} else Finding.NO_DIFFERENCE_YET)
