"""A thousand made-up experiments, looked at on each of 28 days: how often what is said is wrong, and how often found.

Checks of shares and guards, which are asked one by one, take a fifth of them outside of the long run.

``intervals`` is what ``analyse`` says, for all at once; ``test_the_two_are_one`` holds them to it.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from orchestrator.core.experiments.analysis import OF_AMOUNTS, OF_GOALS, TIGHTEST_AT, Finding, analyse
from orchestrator.core.experiments.guards import Guard, check_guard
from orchestrator.core.experiments.methods.sample_ratio import RATE, check_ratio
from orchestrator.core.experiments.power import Design, Mean, Metric, Proportion, least_sample, power_of
from tests.core.experiments.simulated import (
    Looks,
    difference_of,
    enough,
    entries,
    goals,
    intervals,
    revenue,
    with_covariate,
)
from tests.examples import some

EXPERIMENTS, DAYS, A_DAY = 1000, 28, 400.0
ONE_BY_ONE = len(some(range(EXPERIMENTS), 5))
"""Of those that cannot be taken all at once."""
HALVES, SMALL_ARM = (1.0, 1.0), (9.0, 1.0)
STATED = 0.05


def margin(rate: float, experiments: int = EXPERIMENTS) -> float:
    """Three standard deviations of a share that is ``rate``."""
    return 3 * math.sqrt(rate * (1 - rate) / experiments)


@cache
def of_goals(rate: float, lift: float = 1.0, shares: tuple[float, ...] = HALVES, delay: float = 0.0) -> Looks:
    seed = np.random.default_rng(20260301)
    return goals(seed, entries(seed, EXPERIMENTS, DAYS, A_DAY, shares), [rate, rate * lift], delay)


@cache
def of_revenue(buys: float, spread: float, lift: float = 1.0, shares: tuple[float, ...] = HALVES) -> Looks:
    seed = np.random.default_rng(20260302)
    came = entries(seed, EXPERIMENTS, DAYS, A_DAY, shares)
    return revenue(seed, came, [buys, buys * lift], [40_000, 40_000], spread)


@cache
def of_covariate(correlation: float, more: float = 0.0) -> Looks:
    seed = np.random.default_rng(20260303)
    came = entries(seed, EXPERIMENTS, DAYS, 100, HALVES)
    return with_covariate(seed, came, [3.0, 3.0 + more], correlation)


ALIKE: dict[str, Callable[[], Looks]] = {
    "goals 0.5%": lambda: of_goals(0.005),
    "goals 2%": lambda: of_goals(0.02),
    "goals 10%": lambda: of_goals(0.1),
    "goals 40%": lambda: of_goals(0.4),
    "goals 5%, four days late": lambda: of_goals(0.05, delay=4),
    "goals 5%, 90 to 10": lambda: of_goals(0.05, shares=SMALL_ARM),
    "revenue, 5% buy": lambda: of_revenue(0.05, 1.0),
    "revenue, 20% buy, a few for most": lambda: of_revenue(0.2, 1.5),
    "revenue, 20% buy, 90 to 10": lambda: of_revenue(0.2, 1.0, shares=SMALL_ARM),
    "amounts with CUPED": lambda: of_covariate(0.7),
}


def is_goal(name: str) -> bool:
    return name.startswith("goals")


def told(name: str, looks: Looks) -> npt.NDArray[np.bool_]:
    least = OF_GOALS if is_goal(name) else OF_AMOUNTS
    return enough(looks, least.exposed, least.events, proportion=is_goal(name))


def outside(name: str, looks: Looks, truth: float) -> float:
    """The share of experiments whose interval misses the truth at any look."""
    low, high = intervals(looks, STATED, TIGHTEST_AT)
    return float((((low > truth) | (high < truth)) & told(name, looks)).any(axis=1).mean())


@pytest.mark.parametrize("name", ALIKE)
def test_arms_alike_are_found_different_no_more_often_than_stated(name: str) -> None:
    assert outside(name, ALIKE[name](), 0.0) <= STATED


@pytest.mark.parametrize("name", ["goals 10%", "goals 5%, four days late", "revenue, 20% buy, a few for most"])
def test_the_classical_test_looked_at_daily_errs_far_more_often(name: str) -> None:
    """So the test above can fail: z > 1.96 at any of the looks is wrong in a seventh to a quarter of them."""
    looks = ALIKE[name]()
    difference, error = difference_of(looks)
    found = ((np.abs(difference) > 1.96 * error) & told(name, looks)).any(axis=1).mean()
    assert found > 2.5 * STATED
    at_the_end = (np.abs(difference) > 1.96 * error)[:, -1].mean()
    assert abs(at_the_end - STATED) < margin(STATED)


def test_skewed_amounts_need_the_buyers_that_are_asked_for() -> None:
    """Of five buyers in an arm of a tenth, a few of whom count for most, the interval errs more often than stated."""
    looks = of_revenue(0.2, 2.0, shares=SMALL_ARM)
    low, high = intervals(looks, STATED, TIGHTEST_AT)
    wrong = (low > 0) | (high < 0)
    assert (wrong & enough(looks, 100, 5, proportion=False)).any(axis=1).mean() > STATED
    assert (wrong & enough(looks, OF_AMOUNTS.exposed, OF_AMOUNTS.events, proportion=False)).any(axis=1).mean() < STATED


@pytest.mark.parametrize("name", ALIKE)
def test_the_two_are_one(name: str) -> None:
    looks = ALIKE[name]()
    low, high = intervals(looks, STATED, TIGHTEST_AT)
    enough_of = told(name, looks)
    for number in range(60):
        experiment, look = number * 16 % EXPERIMENTS, number * 5 % DAYS
        found = analyse(looks.arms(experiment, look), "a", proportion=is_goal(name), with_chances=False)
        comparison = found.arm("b").comparison
        assert comparison is not None
        if not enough_of[experiment, look]:
            assert comparison.low is comparison.high is None
            continue
        assert comparison.low == pytest.approx(low[experiment, look], rel=1e-6, abs=1e-9)
        assert comparison.high == pytest.approx(high[experiment, look], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "looks", "truth"),
    [
        ("goals", lambda: of_goals(0.1, 1.2), 0.02),
        ("goals", lambda: of_goals(0.02, 0.7), -0.006),
        ("goals", lambda: of_goals(0.05, 1.5, SMALL_ARM), 0.025),
        ("revenue", lambda: of_revenue(0.2, 1.0, 1.25), 0.05 * 40_000),
        ("revenue", lambda: of_revenue(0.2, 1.5, 1.25), 0.05 * 40_000),
        ("CUPED", lambda: of_covariate(0.7, 0.2), 0.2),
    ],
)
def test_an_interval_holds_the_true_lift_at_every_look(name: str, looks: Callable[[], Looks], truth: float) -> None:
    assert outside(name, looks(), truth) <= STATED


def test_the_relative_interval_holds_the_true_ratio_at_every_look() -> None:
    looks = of_goals(0.05, 1.3)
    missed = 0
    for experiment in range(0, EXPERIMENTS, 5):
        found = (analyse(looks.arms(experiment, look), "a", with_chances=False).arm("b") for look in range(2, DAYS, 3))
        for result in found:
            comparison = result.comparison
            if comparison is None or comparison.relative_low is None or comparison.relative_high is None:
                continue
            if not comparison.relative_low <= 0.3 <= comparison.relative_high:
                missed += 1
                break
    assert missed <= EXPERIMENTS / 5 * STATED


def test_several_arms_share_one_rate() -> None:
    seed = np.random.default_rng(20260304)
    looks = goals(seed, entries(seed, EXPERIMENTS, DAYS, 2 * A_DAY, [1, 1, 1, 1]), [0.1] * 4)
    wrong = np.zeros(EXPERIMENTS, bool)
    for arm in (1, 2, 3):
        low, high = intervals(looks, STATED / 3, TIGHTEST_AT / 2, arm)
        wrong |= ((low > 0) | (high < 0)).any(axis=1)
    assert wrong.mean() <= STATED
    low, _ = intervals(looks, STATED / 3, TIGHTEST_AT / 2, 2)
    comparison = analyse(looks.arms(7, 20), "a", with_chances=False).arm("c").comparison
    assert comparison is not None
    assert comparison.low == pytest.approx(low[7, 20])


@pytest.mark.parametrize("always_valid", [True, False])
@pytest.mark.parametrize(
    ("metric", "lift", "correlation"),
    [(Proportion(0.05), 0.25, 0.0), (Proportion(0.3), -0.1, 0.0), (Mean(4.98, 1.4142), 0.03, 0.7)],
)
def test_power_is_what_was_planned(metric: Metric, lift: float, correlation: float, always_valid: bool) -> None:
    design = Design({"a": 1, "b": 1}, "a", looks=DAYS, always_valid=always_valid, correlation=correlation)
    sample = least_sample(metric, design, relative=lift)
    seed = np.random.default_rng(20260305)
    came = np.full((EXPERIMENTS, DAYS, 2), math.ceil(sample.by_arm["b"] / DAYS), np.float64)
    if isinstance(metric, Proportion):
        looks = goals(seed, came, [metric.rate, metric.rate * (1 + lift)])
    else:
        looks = with_covariate(seed, came, [3.0, 3.0 + 0.03 * metric.mean], correlation)
    difference, error = difference_of(looks)
    if always_valid:
        low, high = intervals(looks, STATED, sample.total)
        found = (low > 0).any(axis=1) if lift > 0 else (high < 0).any(axis=1)
    else:
        found = (np.abs(difference) > 1.96 * error)[:, -1]
    planned = power_of(metric, design, float(came[0].sum()), relative=lift)
    assert planned == pytest.approx(0.8, abs=0.01)
    assert abs(found.mean() - planned) < margin(0.8)


RATIOS = [(HALVES, A_DAY), (SMALL_ARM, A_DAY), ((1.0, 1.0, 1.0, 1.0), A_DAY), (HALVES, 40.0), ((1.0, 2.0), 4000.0)]


def blocked(intended: Sequence[float], came: Sequence[float], a_day: float, experiments: int) -> list[int]:
    """The first day on which each experiment is blocked; those that never are left out."""
    seed = np.random.default_rng(20260306)
    exposed = np.cumsum(entries(seed, experiments, DAYS, a_day, came), axis=1).astype(int)
    shares = dict(zip("abcd", intended, strict=False))
    days = []
    for one in exposed:
        looks = (check_ratio(dict(zip(shares, map(int, row), strict=True)), shares).blocks for row in one)
        days += [next((day for day, blocks in enumerate(looks, 1) if blocks), 0)]
    return [day for day in days if day]


@pytest.mark.parametrize(("shares", "a_day"), RATIOS)
def test_a_sound_ratio_is_blocked_no_more_often_than_stated(shares: Sequence[float], a_day: float) -> None:
    assert len(blocked(shares, shares, a_day, ONE_BY_ONE)) <= RATE * ONE_BY_ONE


@pytest.mark.parametrize(
    ("came", "a_day", "share"), [([52.0, 48.0], 1000, 0.99), ([51.0, 49.0], 4000, 0.98), ([60.0, 40.0], 100, 0.99)]
)
def test_a_ratio_that_is_broken_is_caught(came: list[float], a_day: float, share: float) -> None:
    """Half and half was asked for. 52 to 48 is seen before 28,000, 51 to 49 before 112,000, 60 to 40 before 2,800."""
    assert len(blocked(HALVES, came, a_day, 100)) >= share * 100


def test_the_classical_ratio_check_looked_at_daily_errs_more_often() -> None:
    seed = np.random.default_rng(20260307)
    exposed = np.cumsum(entries(seed, EXPERIMENTS, DAYS, A_DAY, HALVES), axis=1)
    z = np.abs(exposed[..., 0] - exposed[..., 1]) / np.sqrt(exposed.sum(axis=2))
    assert (z > 2.5758).any(axis=1).mean() > 3 * RATE
    first = {"a": int(exposed[0, 9, 0]), "b": int(exposed[0, 9, 1])}
    assert check_ratio(first, {"a": 1, "b": 1}).chi_square_p == pytest.approx(math.erfc(z[0, 9] / math.sqrt(2)))


def stopped(rates: list[float], shares: Sequence[float], a_day: float, guard: Guard, experiments: int) -> float:
    """The share of experiments that the guard stops on any day."""
    seed = np.random.default_rng(20260308)
    looks = goals(seed, entries(seed, experiments, DAYS, a_day, shares), rates)
    ever = 0
    for experiment in range(experiments):
        days = (check_guard(looks.arms(experiment, day), "a", guard)[0].broken for day in range(DAYS))
        ever += any(days)
    return ever / experiments


@pytest.mark.parametrize("shares", [HALVES, SMALL_ARM, (1.0, 9.0)])
@pytest.mark.parametrize(("rate", "a_day"), [(0.001, 1000), (0.01, 400), (0.05, 400)])
def test_a_guard_stops_a_sound_arm_no_more_often_than_stated(
    shares: Sequence[float], rate: float, a_day: float
) -> None:
    assert stopped([rate, rate], shares, a_day, Guard("unsubscribed"), ONE_BY_ONE) <= STATED


def test_a_guard_bears_its_margin_and_stops_what_is_worse() -> None:
    bears = Guard("complained", margin=0.005)
    assert stopped([0.01, 0.015], HALVES, 1000, bears, ONE_BY_ONE) <= STATED
    assert stopped([0.01, 0.03], HALVES, 1000, bears, 100) >= 0.95
    assert stopped([0.9, 0.85], HALVES, 400, Guard("delivered", worse="lower"), 100) >= 0.95
    assert stopped([0.9, 0.95], HALVES, 400, Guard("delivered", worse="lower"), 100) == 0


def test_a_guard_stops_the_experiment() -> None:
    seed = np.random.default_rng(20260309)
    came = entries(seed, 1, DAYS, A_DAY, HALVES)
    asked, left = goals(seed, came, [0.1, 0.13]), goals(seed, came, [0.01, 0.06])
    broken = check_guard(left.arms(0, 27), "a", Guard("unsubscribed"))
    assert analyse(asked.arms(0, 27), "a", guards=broken).verdict.code is Finding.GUARD_BROKEN
