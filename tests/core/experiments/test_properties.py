"""What holds whatever the figures are: of merging, order, names, sides and units."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.core.experiments.allocation import thompson_weights
from orchestrator.core.experiments.analysis import Analysis, analyse
from orchestrator.core.experiments.comparison import Estimate, fieller
from orchestrator.core.experiments.incremental import before_after, incremental
from orchestrator.core.experiments.methods.posterior import Beta, chances
from orchestrator.core.experiments.methods.sample_ratio import check_ratio
from orchestrator.core.experiments.sums import ArmSums

MONEY = st.floats(0, 1e6, allow_nan=False).map(lambda amount: round(amount, 2))
CUSTOMERS = st.lists(st.tuples(MONEY, MONEY), max_size=40)


def sums(arm: str, customers: list[tuple[float, float]]) -> ArmSums:
    return ArmSums.of(arm, [outcome for outcome, _ in customers], [before for _, before in customers])


@st.composite
def goals(draw: st.DrawFn, arm: str) -> ArmSums:
    n = draw(st.integers(0, 50_000))
    reached = draw(st.integers(0, n))
    return ArmSums(arm, n, reached, reached)


@st.composite
def amounts(draw: st.DrawFn, arm: str) -> ArmSums:
    """An arm of many, whose sums could be those of customers: the covariate within what correlation allows."""
    n, mean, spread = draw(st.integers(200, 90_000)), draw(st.floats(0.5, 50)), draw(st.floats(0.1, 100))
    before, width, correlation = draw(st.floats(0, 50)), draw(st.floats(0.1, 100)), draw(st.floats(-0.95, 0.95))
    covariance = correlation * spread * width
    return ArmSums(
        arm,
        n,
        n * mean,
        n * mean**2 + (n - 1) * spread**2,
        n * before,
        n * before**2 + (n - 1) * width**2,
        n * mean * before + (n - 1) * covariance,
    )


GOALS, AMOUNTS = st.tuples(goals("a"), goals("b"), goals("c")), st.tuples(amounts("a"), amounts("b"))


def flat(found: Analysis, arm: str) -> list[float]:
    """All numbers of an arm that is not the control; -1 for what is not told."""
    result = found.arm(arm)
    assert result.comparison is not None
    one, chance = result.comparison, result.chance
    told = [one.low, one.high, one.relative, one.relative_low, one.relative_high, chance.best if chance else None]
    return [one.difference, one.standard_error, *(-1.0 if figure is None else figure for figure in told)]


@given(CUSTOMERS, CUSTOMERS)
def test_parts_add_up_to_the_whole(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> None:
    whole, added = sums("a", one + other), sums("a", one) + sums("a", other)
    assert whole.n == added.n
    for field in ("y", "yy", "x", "xx", "xy", "mean"):
        assert getattr(added, field) == pytest.approx(getattr(whole, field), rel=1e-12)
    assert sums("a", one) + sums("a", other) == sums("a", other) + sums("a", one)


@given(CUSTOMERS)
def test_events_are_no_more_than_customers(customers: list[tuple[float, float]]) -> None:
    assert sums("a", customers).effective_events <= len(customers) * (1 + 1e-9)


@given(GOALS)
def test_order_and_names_of_arms_do_not_matter(arms: tuple[ArmSums, ArmSums, ArmSums]) -> None:
    a, b, c = arms
    found = analyse(arms, "a")
    names = {"a": "x", "b": "z", "c": "y"}
    renamed = analyse([replace(arm, arm=names[arm.arm]) for arm in (c, a, b)], "x")
    for arm in (b.arm, c.arm):
        assert flat(renamed, names[arm]) == pytest.approx(flat(found, arm), rel=1e-9, abs=1e-9)
        assert renamed.arm(names[arm]).finding == found.arm(arm).finding
    assert renamed.verdict.code == found.verdict.code
    assert math.fsum(result.chance.best for result in found.arms if result.chance) == pytest.approx(1)


@given(AMOUNTS)
def test_seen_from_the_other_arm_everything_is_turned_round(arms: tuple[ArmSums, ArmSums]) -> None:
    of_b = analyse(arms, "a", proportion=False).arm("b")
    of_a = analyse(arms, "b", proportion=False).arm("a")
    one, other = of_b.comparison, of_a.comparison
    assert one is not None
    assert other is not None
    assert one.difference == pytest.approx(-other.difference)
    assert one.standard_error == pytest.approx(other.standard_error)
    if one.low is not None and one.high is not None:
        assert (one.low, one.high) == pytest.approx((-other.high if other.high is not None else 0, -(other.low or 0)))


@given(AMOUNTS, st.sampled_from([0.001, 0.01, 1300.0]))
def test_the_currencys_unit_does_not_matter(arms: tuple[ArmSums, ArmSums], unit: float) -> None:
    found = analyse(arms, "a", proportion=False)
    scaled = [ArmSums(a.arm, a.n, a.y * unit, a.yy * unit**2, a.x * unit, a.xx * unit**2, a.xy * unit**2) for a in arms]
    other = analyse(scaled, "a", proportion=False)
    assert (other.verdict.code, other.verdict.arm) == (found.verdict.code, found.verdict.arm)
    assert other.theta == pytest.approx(found.theta, rel=1e-6, abs=1e-9)
    mine, theirs = flat(found, "b"), flat(other, "b")
    # Of a small difference of large means few digits are left: it is held to what its standard error is.
    assert theirs[0] / unit == pytest.approx(mine[0], rel=1e-6, abs=1e-6 * mine[1])
    assert theirs[1] / unit == pytest.approx(mine[1], rel=1e-6)
    assert theirs[4:] == pytest.approx(mine[4:], rel=1e-5, abs=1e-6)


@given(AMOUNTS)
def test_cuped_never_widens_much_and_a_constant_covariate_does_nothing(arms: tuple[ArmSums, ArmSums]) -> None:
    plain = [ArmSums(arm.arm, arm.n, arm.y, arm.yy) for arm in arms]
    constant = [ArmSums(arm.arm, arm.n, arm.y, arm.yy, arm.n * 7.0, arm.n * 49.0, arm.y * 7.0) for arm in arms]
    assert analyse(constant, "a", proportion=False) == analyse(plain, "a", proportion=False)


MEANS = st.builds(Estimate, st.floats(0.01, 10), st.floats(1e-6, 1))


@given(MEANS, MEANS, st.floats(1, 5))
def test_the_relative_interval_says_no_difference_when_the_absolute_one_does(
    arm: Estimate, control: Estimate, reach: float
) -> None:
    low, high = fieller(arm, control, reach)
    assume(low is not None)
    assert low is not None
    assert high is not None
    margin = abs(arm.mean - control.mean) - reach * math.sqrt(arm.variance + control.variance)
    assume(abs(margin) > 1e-9)
    assert (low <= 0 <= high) == (margin < 0)
    for edge in (low, high):
        ratio = 1 + edge
        away = abs(arm.mean - ratio * control.mean)
        assert away == pytest.approx(reach * math.sqrt(arm.variance + ratio**2 * control.variance), rel=1e-6)


@given(st.lists(st.integers(0, 100_000), min_size=2, max_size=5), st.floats(0.01, 100))
def test_shares_are_weights_of_any_size(counts: list[int], scale: float) -> None:
    arms = dict(zip("abcde", counts, strict=False))
    one = check_ratio(arms, {arm: place + 1.0 for place, arm in enumerate(arms)})
    other = check_ratio(arms, {arm: (place + 1.0) * scale for place, arm in enumerate(arms)})
    assert one.p == pytest.approx(other.p, rel=1e-6)
    assert one.blocks == other.blocks or math.isclose(one.p, 0.01, rel_tol=1e-6)
    assert math.fsum(one.expected.values()) == pytest.approx(sum(counts))


def test_nobody_where_nobody_should_be_is_no_fault_and_somebody_is() -> None:
    assert not check_ratio({"a": 10, "b": 0}, {"a": 1, "b": 0}).blocks
    assert check_ratio({"a": 1000, "b": 1}, {"a": 1, "b": 0}).blocks
    assert check_ratio({}, {"a": 1, "b": 1}).p == 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.sampled_from([0.0, 0.05, 0.1]), st.booleans())
def test_weights_sum_and_keep_the_floor(best: list[float], floor: float, top_two: bool) -> None:
    assume(sum(best) > 1e-6)
    arms = dict(zip("abcdef", best, strict=False))
    weights = thompson_weights(arms, floor=floor, top_two=top_two)
    assert sum(weights.values()) == 100
    assert all(weight >= math.floor(100 * floor) for weight in weights.values())
    if not top_two:
        ordered = sorted(arms, key=lambda arm: arms[arm])
        assert all(weights[a] <= weights[b] + 1 for a, b in pairwise(ordered))


def test_a_lone_arm_is_the_best() -> None:
    [chance] = chances([Beta(3, 4)])
    assert (chance.best, chance.loss) == pytest.approx((1, 0))


@given(amounts("treated"), amounts("held out"))
def test_what_was_brought_in_is_per_customer_times_customers(treated: ArmSums, held_out: ArmSums) -> None:
    found = incremental(treated, held_out, proportion=False)
    assert found.total == pytest.approx(found.per_customer * treated.n)
    assert found.comparison == before_after(held_out, treated, proportion=False)
    if found.total_low is not None and found.total_high is not None:
        assert found.total_low <= found.total <= found.total_high
    plain = incremental(replace(treated, x=0, xx=0, xy=0), replace(held_out, x=0, xx=0, xy=0), proportion=False)
    assert plain.share == pytest.approx(1 - held_out.mean / treated.mean)
    assert plain.per_customer == pytest.approx(treated.mean - held_out.mean)


def test_a_holdout_by_hand() -> None:
    """12% of 9,000 treated bought, 10% of 1,000 held out: a sixth of the 1,080 is owed to the messages."""
    found = incremental(ArmSums("t", 9000, 1080, 1080), ArmSums("h", 1000, 100, 100), shares=(9, 1))
    assert (found.per_customer, found.total, found.share) == pytest.approx((0.02, 180, 1 / 6))
    assert found.low is not None
    assert found.low < 0
    assert found.analysis.sample_ratio is not None
    assert not found.analysis.sample_ratio.blocks
