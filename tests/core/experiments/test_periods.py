"""Weights that were changed under way: what goes wrong when customers are thrown together, and does not by period."""

from collections.abc import Callable

import numpy as np
import pytest

from orchestrator.core.experiments.allocation import next_weights
from orchestrator.core.experiments.analysis import Finding, analyse, analyse_periods
from orchestrator.core.experiments.guards import Guard, check_guard, check_guard_by_period
from orchestrator.core.experiments.incremental import incremental, incremental_by_period
from orchestrator.core.experiments.periods import Period, paired, wholes
from orchestrator.core.experiments.sums import ArmSums
from tests.examples import some


def counts(arm: str, n: int, reached: int) -> ArmSums:
    return ArmSums(arm, n, reached, reached)


# A sale in the second half, when most got the variant: 5% and then 15% of both arms buy.
BEFORE = Period([counts("a", 9000, 450), counts("b", 1000, 50)], {"a": 9, "b": 1})
SALE = Period([counts("a", 1000, 150), counts("b", 9000, 1350)], {"a": 1, "b": 9})


def test_a_change_of_weights_makes_no_difference_of_its_own() -> None:
    together = analyse(wholes([BEFORE, SALE]), "a")
    assert together.verdict.code is Finding.BETTER
    found = analyse_periods([BEFORE, SALE], "a")
    comparison = found.arm("b").comparison
    assert comparison is not None
    assert comparison.difference == pytest.approx(0, abs=1e-12)
    assert found.verdict.code is Finding.NO_DIFFERENCE_YET
    assert found.sample_ratio is not None
    assert (found.sample_ratio.chi_square_p, found.sample_ratio.exposed) == (1, {"a": 10_000, "b": 10_000})
    assert not found.sample_ratio.blocks
    assert analyse(wholes([BEFORE, SALE]), "a", shares={"a": 9, "b": 1}).sample_ratio != found.sample_ratio
    assert [arm.mean for arm in found.arms] == pytest.approx([0.06, 0.14])  # what each arm had
    assert found.arm("b").adjusted == pytest.approx(found.arm("a").adjusted)  # what it would have had alike


def test_periods_by_hand() -> None:
    """Weights 900 and 1,600 (n m / (n + m)): the difference is (900 · 0.02 + 1600 · 0.04) / 2500."""
    first = Period([counts("a", 9000, 900), counts("b", 1000, 120)])
    second = Period([counts("a", 8000, 800), counts("b", 2000, 280)])
    pair = paired([first, second], "b", "a")
    assert pair.of_arm.mean - pair.of_control.mean == pytest.approx((900 * 0.02 + 1600 * 0.04) / 2500)
    assert pair.information == pytest.approx(4 * 2500)
    spread = 0.36**2 * (0.09 / 8999 + 0.1056 / 999) + 0.64**2 * (0.09 / 7999 + 0.1204 / 1999)
    assert pair.of_arm.variance + pair.of_control.variance == pytest.approx(spread)


def test_one_period_is_the_same_as_none() -> None:
    assert analyse(BEFORE.arms, "a", shares=BEFORE.shares) == analyse_periods([BEFORE], "a")
    assert check_guard(SALE.arms, "a", Guard("x")) == check_guard_by_period([SALE], "a", Guard("x"))


def test_an_arm_that_came_later_is_compared_with_the_control_of_its_own_time() -> None:
    later = Period([*SALE.arms, counts("c", 1000, 155)])
    found = analyse_periods([BEFORE, later], "a")
    comparison = found.arm("c").comparison
    assert comparison is not None
    assert comparison.difference == pytest.approx(0.155 - 0.15)
    never = analyse_periods([BEFORE, Period([counts("c", 1000, 155)])], "a")
    assert never.arm("c").finding is Finding.TOO_FEW


def test_a_holdout_whose_share_was_changed() -> None:
    found = incremental_by_period([BEFORE, SALE], "b", "a")
    assert (found.customers, found.per_customer, found.total) == pytest.approx((10_000, 0, 0), abs=1e-9)
    assert incremental(BEFORE.arms[1], BEFORE.arms[0], shares=(1, 9)) == incremental_by_period([BEFORE], "b", "a")
    with pytest.raises(ValueError, match="held out"):
        incremental_by_period([BEFORE], "a", "a")


def test_a_guard_is_not_broken_by_a_change_of_weights() -> None:
    guard = Guard("unsubscribed")
    assert check_guard(wholes([BEFORE, SALE]), "a", guard)[0].broken
    assert not check_guard_by_period([BEFORE, SALE], "a", guard)[0].broken


def weighed(seed: np.random.Generator, rates: Callable[[int], float], days: int = 28) -> list[Period]:
    """An experiment of equal arms whose weights follow, weekly, what is known (Thompson)."""
    weights, periods = {"a": 50, "b": 50}, []
    for week in range(days // 7):
        sums = dict.fromkeys("ab", (0, 0))
        for day in range(7):
            for arm, weight in weights.items():
                came = int(seed.poisson(4.0 * weight))
                n, reached = sums[arm]
                sums[arm] = (n + came, reached + int(seed.binomial(came, rates(7 * week + day))))
        periods.append(Period([counts(arm, *found) for arm, found in sums.items()], weights))
        weights = next_weights(analyse_periods(periods, "a")) or weights
    return periods


def differs(found: Finding) -> bool:
    return found in (Finding.BETTER, Finding.WORSE)


def found_different(trend: Callable[[int], float], experiments: int) -> tuple[float, float]:
    """The share of experiments of equal arms that are found different at any week's end: by period, and together."""
    seed, wrong, together = np.random.default_rng(20260501), 0, 0
    for _ in range(experiments):
        periods = weighed(seed, trend)
        looks = [periods[: week + 1] for week in range(len(periods))]
        wrong += any(differs(analyse_periods(look, "a", with_chances=False).verdict.code) for look in looks)
        together += any(differs(analyse(wholes(look), "a", with_chances=False).verdict.code) for look in looks)
    return wrong / experiments, together / experiments


@pytest.mark.parametrize(
    ("trend", "least_together"),
    [(lambda _day: 0.1, 0.0), (lambda day: 0.05 + day * 0.01, 0.5)],
    ids=["level", "rising"],
)
def test_weights_that_follow_find_no_more_false_winners_than_stated(
    trend: Callable[[int], float], least_together: float
) -> None:
    """By period. Thrown together, arms alike are found different in most experiments if the goal rises meanwhile."""
    wrong, together = found_different(trend, len(some(range(400), 5)))
    assert wrong <= 0.05
    assert together >= least_together
