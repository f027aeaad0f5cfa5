"""What messages brought that would not have come by itself: those who got them against a holdout that did not.

The difference per customer is a comparison of two arms, with the same always-valid interval; times the treated
customers it is what they brought in all. Attribution tells what came after a message, this what came because of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.core.experiments.analysis import TIGHTEST_AT, Analysis, analyse, analyse_periods
from orchestrator.core.experiments.comparison import Comparison
from orchestrator.core.experiments.periods import Period
from orchestrator.core.experiments.sums import ArmSums


@dataclass(frozen=True, slots=True)
class Incremental:
    """Per treated customer and in total; bounds are None while there are too few to tell.

    ``share``: which part of what the treated did is owed to the treatment; None where they did nothing.
    """

    customers: int
    per_customer: float
    low: float | None
    high: float | None
    total: float
    total_low: float | None
    total_high: float | None
    share: float | None
    comparison: Comparison
    analysis: Analysis


def incremental(
    treated: ArmSums,
    held_out: ArmSums,
    *,
    rate: float = 0.05,
    proportion: bool = True,
    shares: tuple[float, float] | None = None,
    tightest_at: float = TIGHTEST_AT,
) -> Incremental:
    """What the treated have more than they would have had. ``shares``: of treated and held out, to check them by.

    Raises:
        ValueError: the two have one name, or what ``analyse`` refuses.
    """
    weights = None if shares is None else dict(zip((treated.arm, held_out.arm), shares, strict=True))
    period = Period((held_out, treated), weights)
    return incremental_by_period(
        [period], treated.arm, held_out.arm, rate=rate, proportion=proportion, tightest_at=tightest_at
    )


def incremental_by_period(
    periods: Sequence[Period],
    treated: str,
    held_out: str,
    *,
    rate: float = 0.05,
    proportion: bool = True,
    tightest_at: float = TIGHTEST_AT,
) -> Incremental:
    """The same of a holdout whose share was changed: one period for each share, of these two arms.

    Raises:
        ValueError: what ``analyse_periods`` refuses.
    """
    found = analyse_periods(
        periods, held_out, rate=rate, proportion=proportion, tightest_at=tightest_at, with_chances=False
    )
    arm = found.arm(treated)
    comparison = arm.comparison
    if comparison is None:
        raise ValueError("The treated are not those held out.")
    each, low, high = comparison.difference, comparison.low, comparison.high
    return Incremental(
        customers=arm.exposed,
        per_customer=each,
        low=low,
        high=high,
        total=each * arm.exposed,
        total_low=None if low is None else low * arm.exposed,
        total_high=None if high is None else high * arm.exposed,
        share=each / arm.adjusted if arm.adjusted else None,
        comparison=comparison,
        analysis=found,
    )


def before_after(
    before: ArmSums, after: ArmSums, *, rate: float = 0.05, proportion: bool = True, tightest_at: float = TIGHTEST_AT
) -> Comparison:
    """What is different since a change, of customers before it and others after it.

    No chance decided who came when: season, campaigns and the weather are in it too. An experiment tells more.

    Raises:
        ValueError: what ``analyse`` refuses.
    """
    found = analyse(
        (before, after), before.arm, rate=rate, proportion=proportion, tightest_at=tightest_at, with_chances=False
    )
    comparison = found.arm(after.arm).comparison
    if comparison is None:
        raise ValueError("What came before and after is not one arm.")
    return comparison
