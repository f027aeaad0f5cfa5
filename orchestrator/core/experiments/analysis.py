"""What an experiment tells so far. It may be asked at any time and any number of times: nothing is spent by looking.

Several arms: each is compared with the control at ``rate`` divided by the number of comparisons (Bonferroni), so that
``rate`` bounds the chance that any of them is ever wrongly found better or worse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, sqrt

from orchestrator.core.experiments.comparison import Comparison, Estimate, compare, estimate
from orchestrator.core.experiments.guards import GuardResult
from orchestrator.core.experiments.methods.always_valid import multiplier, until_told
from orchestrator.core.experiments.methods.posterior import Beta, Chance, Normal, Posterior, chances
from orchestrator.core.experiments.methods.sample_ratio import RATE, SampleRatio, check_ratios
from orchestrator.core.experiments.periods import Pair, Period, covariate_slope, paired, wholes
from orchestrator.core.experiments.sums import ArmSums, pooled

TIGHTEST_AT = 10_000
"""Exposed customers, all arms together, where intervals are tightest unless a plan says otherwise."""


@dataclass(frozen=True, slots=True)
class Least:
    """What each arm must have before an interval is told: exposed customers, and events that carry its figure.

    Events are who reached a goal and, as well, who did not; of amounts, ``ArmSums.effective_events``. For a metric
    that may be negative (profit) these say nothing: give 0.
    """

    exposed: int
    events: float


OF_GOALS, OF_AMOUNTS = Least(100, 25), Least(100, 50)
"""By simulation: with fewer, intervals of rare goals, skewed amounts and small arms err more often than stated."""


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
    ``no_difference_yet``: ``needs_exposed`` customers more, all arms together, until the first arm could be told from
    the control, if it went on as it is; 0 where that is too far off to say.
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
    shares: Mapping[str, float] | None = None,
    rate: float = 0.05,
    proportion: bool = True,
    guards: Sequence[GuardResult] = (),
    tightest_at: float = TIGHTEST_AT,
    least: Least | None = None,
    ratio_rate: float = RATE,
    with_chances: bool = True,
) -> Analysis:
    """What the sums of the arms tell, at this look. ``shares``: the intended weights by arm, to check the sizes by.

    For everything else see ``analyse_periods``, of which this is the case of weights that were never changed.
    """
    return analyse_periods(
        [Period(arms, shares)],
        control,
        rate=rate,
        proportion=proportion,
        guards=guards,
        tightest_at=tightest_at,
        least=least,
        ratio_rate=ratio_rate,
        with_chances=with_chances,
    )


def analyse_periods(
    periods: Sequence[Period],
    control: str,
    *,
    rate: float = 0.05,
    proportion: bool = True,
    guards: Sequence[GuardResult] = (),
    tightest_at: float = TIGHTEST_AT,
    least: Least | None = None,
    ratio_rate: float = RATE,
    with_chances: bool = True,
) -> Analysis:
    """What arms tell whose weights were changed under way: one period for each set of weights.

    Args:
        periods: the earliest first.
        rate: how often at most any arm is ever wrongly found better or worse than the control.
        proportion: every outcome is 1 or 0; otherwise it is an amount.
        guards: what ``check_guard`` said of guard metrics.
        tightest_at: exposed customers, all arms together, where the intervals are to be tightest. State it before
            the experiment begins and leave it.
        least: before an interval is told; without, ``OF_GOALS`` or ``OF_AMOUNTS``.
        with_chances: also the probability to be best and the expected loss, which take a few milliseconds.

    Raises:
        ValueError: no arm is the control, fewer than two arms, two of one name, a rate outside 0..1, ``tightest_at``
            below 1, sums that cannot be of ones and zeros, or shares that do not fit.
    """
    _check(periods, control, rate, tightest_at, proportion)
    ratio = _ratio(periods, ratio_rate)
    least = least or (OF_GOALS if proportion else OF_AMOUNTS)
    arms, theta = wholes(periods), covariate_slope(periods)
    middle = pooled(arms).covariate_mean
    pairs = {arm.arm: paired(periods, arm.arm, control, theta, middle) for arm in arms if arm.arm != control}
    reference = next(arm for arm in arms if arm.arm == control)
    base = estimate(reference, theta, middle)
    adjusted = {arm: Estimate(base.mean + _difference(pair), pair.of_arm.variance) for arm, pair in pairs.items()}
    adjusted[control] = base
    counted = proportion and not theta and len(periods) == 1
    drawn = _chances(arms, adjusted, counted) if with_chances else {}
    tight = _tightest_for_two(tightest_at, arms, control, periods[0].shares)
    enough = {arm.arm for arm in arms if not _lacks(arm, proportion, least)}
    results = []
    for arm in arms:
        comparison = None
        if arm.arm != control:
            told = {arm.arm, control} <= enough
            comparison = _compared(pairs[arm.arm], rate / (len(arms) - 1), tight[arm.arm] if told else None)
        of_arm = adjusted[arm.arm]
        figures = (arm.arm, arm.n, arm.y, arm.mean, of_arm.mean, sqrt(of_arm.variance), drawn.get(arm.arm))
        results.append(ArmResult(*figures, comparison, _finding(comparison) if comparison else None))
    verdict = _verdict(arms, results, ratio, guards, proportion, least)
    if verdict.code is Finding.NO_DIFFERENCE_YET:
        verdict = replace(verdict, needs_exposed=_more_exposed(results, pairs, tight))
    return Analysis(control, rate, proportion, theta, tuple(results), ratio, tuple(guards), verdict)


def _check(periods: Sequence[Period], control: str, rate: float, tightest_at: float, proportion: bool) -> None:
    names = {arm.arm for period in periods for arm in period.arms}
    if any(len({arm.arm for arm in period.arms}) < len(period.arms) for period in periods) or len(names) < 2:
        raise ValueError("An experiment has two arms or more, each with a name of its own.")
    if control not in names:
        raise ValueError(f"No arm is {control!r}.")
    if not 0 < rate < 1 or not tightest_at >= 1:
        raise ValueError("The rate must be between 0 and 1, and the intervals tightest at one customer or more.")
    for arm in (arm for period in periods for arm in period.arms if proportion):
        if abs(arm.y - arm.yy) > 1e-6 * max(1, arm.n) or not 0 <= arm.y <= arm.n:
            raise ValueError("Outcomes of a proportion are 1 or 0.")


def _difference(pair: Pair) -> float:
    return pair.of_arm.mean - pair.of_control.mean


def _compared(pair: Pair, rate: float, tightest_at: float | None) -> Comparison:
    reach = multiplier(pair.information, tightest_at, rate) if tightest_at and pair.information else None
    return compare(pair.of_arm, pair.of_control, raw_variance=pair.raw_variance, rate=rate, reach=reach)


def _ratio(periods: Sequence[Period], rate: float) -> SampleRatio | None:
    """Of the periods whose shares are known."""
    known = [({a.arm: a.n for a in one.arms}, one.shares) for one in periods if one.shares is not None]
    return check_ratios(known, rate) if known else None


def _tightest_for_two(
    tightest_at: float, arms: Sequence[ArmSums], control: str, shares: Mapping[str, float] | None
) -> dict[str, float]:
    """By arm: what the whole experiment's ``tightest_at`` is to its comparison with the control (as two equal arms)."""
    weights = {arm.arm: shares.get(arm.arm, 0.0) if shares else 1.0 for arm in arms}
    whole, own = sum(weights.values()), weights[control]
    both = {name: 4 * weight * own / (weight + own) if weight and own else 0.0 for name, weight in weights.items()}
    return {name: max(1.0, tightest_at * part / (whole or 1.0)) for name, part in both.items()}


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
        return _too_few(arms, proportion, least)
    return Verdict(Finding.WORSE if set(found.values()) == {Finding.WORSE} else Finding.NO_DIFFERENCE_YET)


def _too_few(arms: Sequence[ArmSums], proportion: bool, least: Least) -> Verdict:
    """Of the arm that has the smallest part of what it needs."""

    def part(arm: ArmSums) -> float:
        return min(arm.n / max(1, least.exposed), _events(arm, proportion) / max(1.0, least.events))

    worst = min(arms, key=part)
    events = max(0, ceil(least.events - _events(worst, proportion)))
    return Verdict(Finding.TOO_FEW, worst.arm, max(0, least.exposed - worst.n), events)


def _more_exposed(results: Sequence[ArmResult], pairs: Mapping[str, Pair], tight: Mapping[str, float]) -> int:
    """Until the first arm that cannot be told from the control yet could be."""
    exposed, times = sum(result.exposed for result in results), []
    for result in results:
        found = result.comparison
        if found is not None and result.finding is Finding.NO_DIFFERENCE_YET:
            errors = abs(found.difference) / found.standard_error
            times.append(until_told(pairs[result.arm].information, tight[result.arm], found.rate, errors))
    known = [factor for factor in times if factor is not None]
    return ceil(exposed * (min(known) - 1)) if known else 0
