"""Our figures against those of others: tea-tasting, scipy, and what is printed in books and papers."""

import math
from itertools import pairwise

import numpy as np
import pytest
import tea_tasting
from scipy import integrate, special, stats
from tea_tasting.aggr import Aggregates

from orchestrator.core.experiments.analysis import analyse
from orchestrator.core.experiments.comparison import Comparison, estimate, fieller
from orchestrator.core.experiments.methods.always_valid import multiplier, one_sided_multiplier, tuned
from orchestrator.core.experiments.methods.posterior import Beta, Normal, chances
from orchestrator.core.experiments.methods.sample_ratio import CONCENTRATIONS, check_ratio, chi_square_tail
from orchestrator.core.experiments.periods import Period, covariate_slope
from orchestrator.core.experiments.power import Design, Mean, least_sample, power_of, visible_lift
from orchestrator.core.experiments.sums import ArmSums, pooled

FIXED = stats.norm.isf(0.025)


def compared(arms: list[ArmSums], *, proportion: bool) -> Comparison:
    found = analyse(arms, arms[0].arm, proportion=proportion, with_chances=False).arm(arms[1].arm).comparison
    assert found is not None
    return found


# tea-tasting 1.14, with its t distribution and its continuity correction off.


@pytest.fixture(scope="module")
def customers() -> list[ArmSums]:
    """Revenue and revenue before of 4,000 customers a tenth of whom buy, from tea-tasting's own generator."""
    data = tea_tasting.make_users_data(rng=42, covariates=True, n_users=4000)
    columns = {name: np.asarray(data[name].to_pylist()) for name in ("variant", "revenue", "revenue_covariate")}
    return [
        ArmSums.of(
            name, *(columns[field][columns["variant"] == at].tolist() for field in ("revenue", "revenue_covariate"))
        )
        for at, name in enumerate("ab")
    ]


def aggregates(arm: ArmSums) -> Aggregates:
    return Aggregates(
        arm.n,
        {"y": arm.mean, "x": arm.covariate_mean},
        {"y": arm.variance, "x": arm.covariate_variance},
        {("y", "x"): arm.covariance},
    )


@pytest.mark.parametrize("covariate", [None, "x"])
def test_difference_cuped_and_relative_difference(customers: list[ArmSums], covariate: str | None) -> None:
    arms = customers if covariate else [ArmSums(arm.arm, arm.n, arm.y, arm.yy) for arm in customers]
    theirs = tea_tasting.Mean("y", covariate, use_t=False).analyze_aggregates(*map(aggregates, arms))
    ours = compared(arms, proportion=False)
    assert ours.difference == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.standard_error == pytest.approx(theirs.effect_size / theirs.statistic, rel=1e-9)
    assert ours.relative == pytest.approx(theirs.rel_effect_size, rel=1e-9)
    assert (ours.variance_reduction > 0.25) == bool(covariate)
    # At the fixed horizon: the absolute interval is theirs. The relative one is theirs to a point: ours is Fieller's,
    # theirs the delta method's on the logarithm.
    reach = FIXED * ours.standard_error
    assert ours.difference - reach == pytest.approx(theirs.effect_size_ci_lower, rel=1e-9)
    theta = covariate_slope([Period(arms)])
    control, treated = (estimate(arm, theta, pooled(arms).covariate_mean) for arm in arms)
    low, high = fieller(treated, control, FIXED)
    assert low == pytest.approx(theirs.rel_effect_size_ci_lower, abs=0.005)
    assert high == pytest.approx(theirs.rel_effect_size_ci_upper, abs=0.005)


@pytest.mark.parametrize(("n", "m", "ratio"), [(2023, 1977, 1), (5200, 4800, 1), (900, 2100, 2)])
def test_sample_ratio(n: int, m: int, ratio: float) -> None:
    check = tea_tasting.SampleRatio(ratio, method="norm", correction=False)
    theirs = check.analyze({"a": Aggregates(n), "b": Aggregates(m)}, "a", "b")
    assert check_ratio({"a": n, "b": m}, {"a": 1, "b": ratio}).chi_square_p == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("covariate", [None, "x"])
def test_sample_size_and_power(customers: list[ArmSums], covariate: str | None) -> None:
    whole = pooled(customers)
    correlation = whole.covariance / math.sqrt(whole.variance * whole.covariate_variance) if covariate else 0.0
    metric = Mean(whole.mean, math.sqrt(whole.variance))
    design = Design({"a": 1, "b": 1}, "a", always_valid=False, correlation=correlation)
    theirs = tea_tasting.Mean("y", covariate, use_t=False, rel_effect_size=0.1)
    [sized] = theirs.solve_power_from_aggregates(aggregates(whole), "n_obs")
    assert least_sample(metric, design, relative=0.1).total == pytest.approx(sized.n_obs, abs=2)
    [power] = theirs.solve_power_from_aggregates(aggregates(whole), "power")
    assert power_of(metric, design, whole.n, relative=0.1) == pytest.approx(power.power, abs=0.001)
    lifted = tea_tasting.Mean("y", covariate, use_t=False, n_obs=20_000)
    [seen] = lifted.solve_power_from_aggregates(aggregates(whole), "rel_effect_size")
    lift = visible_lift(metric, design, 20_000)
    assert lift is not None
    assert lift.relative == pytest.approx(seen.rel_effect_size, rel=1e-4)


# scipy


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.01, 0.05 / 3])
def test_the_boundary_is_tightest_where_it_is_asked_to_be(rate: float) -> None:
    """By Lambert's function, as the paper has it; and no other rho gives less there."""
    assert tuned(rate) + 1 == pytest.approx(-special.lambertw(-(rate**2) / math.e, -1).real, rel=1e-9)
    least = multiplier(5000, 5000, rate)
    assert all(multiplier(5000, 5000 * off, rate) > least for off in (0.5, 0.8, 1.25, 2))
    assert multiplier(5000, 5000, rate) > stats.norm.isf(rate / 2)
    assert stats.norm.isf(rate) < one_sided_multiplier(5000, 5000, rate) < least


def test_the_boundary_is_where_the_mixture_reaches_one_in_rate() -> None:
    """The mixture is the normal likelihood ratio over a normal prior of the drift: integrated, it is 1 / rate there."""
    rate, time, tight = 0.05, 3000.0, 10_000.0
    rho = math.sqrt(tuned(rate) / tight)
    at = multiplier(time, tight, rate) * math.sqrt(time)

    def ratio(drift: float) -> float:
        return math.exp(drift * at - drift * drift * time / 2) * float(stats.norm.pdf(drift, 0, rho))

    found, _ = integrate.quad(ratio, -10 * rho, 10 * rho, points=[at / time], limit=200)
    assert found == pytest.approx(1 / rate, rel=1e-6)


@pytest.mark.parametrize("degrees", range(1, 8))
@pytest.mark.parametrize("statistic", [0.0, 0.3, 4.0, 30.0, 300.0])
def test_chi_square(degrees: int, statistic: float) -> None:
    assert chi_square_tail(statistic, degrees) == pytest.approx(stats.chi2.sf(statistic, degrees), rel=1e-9)


@pytest.mark.parametrize("counts", [[510, 490], [5300, 4700], [330, 310, 360]])
def test_the_sequential_ratio_check_is_a_bayes_factor(counts: list[int]) -> None:
    n, share = sum(counts), 1 / len(counts)
    under = stats.multinomial.logpmf(counts, n, [share] * len(counts))
    factors = [
        math.exp(stats.dirichlet_multinomial.logpmf(counts, [whole * share] * len(counts), n) - under)
        for whole in CONCENTRATIONS
    ]
    arms = dict(zip("abc", counts, strict=False))
    expected = min(1.0, 1 / float(np.mean(factors)))
    assert check_ratio(arms, dict.fromkeys(arms, 1.0)).p == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    "arms",
    [
        [Beta(1, 1), Beta(3, 9)],
        [Beta(501, 4501), Beta(560, 4442), Beta(520, 4480)],
        [Beta(2, 99), Beta(40_000, 1_960_000)],
        [Normal(10, 2), Normal(11, 0.01), Normal(9, 5)],
    ],
)
def test_chances_are_integrals(arms: list[Beta] | list[Normal]) -> None:
    """By adaptive quadrature over scipy's distributions."""
    frozen = [stats.beta(a.a, a.b) if isinstance(a, Beta) else stats.norm(a.mean, a.deviation) for a in arms]
    points = sorted({one.mean() + off * one.std() for one in frozen for off in (-8, -3, 0, 3, 8)})
    points = [point for point in points if not isinstance(arms[0], Beta) or 0 < point < 1]
    edges = [0.0, *points, 1.0] if isinstance(arms[0], Beta) else points
    for index, (one, found) in enumerate(zip(frozen, chances(arms), strict=True)):
        others = [other for place, other in enumerate(frozen) if place != index]
        best = sum(
            integrate.quad(lambda x, one=one, others=others: one.pdf(x) * math.prod(o.cdf(x) for o in others), *pair)[0]
            for pair in pairwise(edges)
        )
        highest = edges[-1] - sum(
            integrate.quad(lambda x: math.prod(o.cdf(x) for o in frozen), *pair)[0] for pair in pairwise(edges)
        )
        assert found.best == pytest.approx(best, abs=1e-5)
        assert found.loss == pytest.approx(highest - one.mean(), abs=1e-4 * max(o.std() for o in frozen))


# Printed


def test_evan_millers_closed_form_of_the_chance_to_be_better() -> None:
    """Miller, "Formulas for Bayesian A/B Testing" (2014), equation 6, of 120 of 1,000 against 145 of 1,000."""
    a, b = (121, 881), (146, 856)
    logs = (
        special.betaln(a[0] + i, a[1] + b[1]) - math.log(b[1] + i) - special.betaln(1 + i, b[1]) - special.betaln(*a)
        for i in range(b[0])
    )
    found = analyse([ArmSums("a", 1000, 120, 120), ArmSums("b", 1000, 145, 145)], "a").arm("b").chance
    assert found is not None
    assert found.best == pytest.approx(sum(math.exp(log) for log in logs), abs=1e-6)


def test_the_aspirin_study() -> None:
    """Agresti, "An Introduction to Categorical Data Analysis" (2007), 2.2.2 and 2.2.3.

    Heart attacks: 104 of 11,037 with aspirin, 189 of 11,034 with placebo: a difference of 0.0077 with the standard
    error 0.0015, an interval of (0.005, 0.011), a relative risk of 1.82 with one of (1.43, 2.30), by logarithms.
    Fieller's is a little higher on both sides.
    """
    arms = [ArmSums("aspirin", 11_037, 104, 104), ArmSums("placebo", 11_034, 189, 189)]
    found = compared(arms, proportion=True)
    assert found.difference == pytest.approx(0.0077, abs=5e-5)
    assert found.standard_error == pytest.approx(0.0015, abs=5e-5)
    assert found.difference - FIXED * found.standard_error == pytest.approx(0.005, abs=5e-4)
    assert found.difference + FIXED * found.standard_error == pytest.approx(0.011, abs=5e-4)
    assert found.relative == pytest.approx(0.82, abs=0.005)
    aspirin, placebo = map(estimate, arms)
    low, high = fieller(placebo, aspirin, FIXED)
    assert low == pytest.approx(0.43, abs=0.02)
    assert high == pytest.approx(1.30, abs=0.05)


def test_a_sample_ratio_that_looks_harmless() -> None:
    """Kohavi, Tang and Xu, "Trustworthy Online Controlled Experiments" (2020), chapter 3: p = 1.8e-6."""
    found = check_ratio({"a": 821_588, "b": 815_482}, {"a": 1, "b": 1})
    assert found.chi_square_p == pytest.approx(1.8e-6, rel=0.02)
    assert found.blocks
