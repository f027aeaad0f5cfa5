"""Least samples against published ones, and that each question about power is the inverse of another."""

import math
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.core.experiments.power import (
    Design,
    Lift,
    Mean,
    Metric,
    Proportion,
    days_needed,
    exposed_by,
    least_sample,
    power_of,
    visible_lift,
)

HALVES = Design({"a": 1, "b": 1}, "a", always_valid=False)
WATCHED = replace(HALVES, always_valid=True)


@pytest.mark.parametrize(
    ("metric", "lift", "published"),
    [
        # Chow, Shao and Wang (2008), 4.2.1, and 3.2.1 with means 5 and 10; both are examples of powerandsamplesize.com.
        (Proportion(0.65), {"absolute": 0.20}, 70),
        (Mean(5, 10), {"absolute": 5}, 63),
        # Lehr's rule with 16 rounded up from 15.7; Kohavi et al. (2009), 3.2: 5% converting, 5% more, 122,000 each.
        (Proportion(0.05), {"relative": 0.05}, 122_000),
    ],
)
def test_published_samples(metric: Metric, lift: dict[str, Any], published: int) -> None:
    found = least_sample(metric, HALVES, **lift).by_arm["b"]
    assert found == pytest.approx(published, rel=0.002 if published > 1000 else 0)


def test_a_calculator_that_takes_the_controls_variance_for_both() -> None:
    """Evan Miller's calculator says 1,030 for 20% and 5 points more: his test's variance under the null is 2 p (1 - p).

    Ours is that of both arms as they are, so it asks for 1,091; with his formula our quantiles give his number.
    """
    assert least_sample(Proportion(0.2), HALVES, absolute=0.05).by_arm == {"a": 1091, "b": 1091}
    his = (1.959964 * math.sqrt(2 * 0.16) + 0.841621 * math.sqrt(0.16 + 0.1875)) ** 2 / 0.05**2
    assert round(his) == 1030


@pytest.mark.parametrize("design", [HALVES, WATCHED, Design({"a": 1, "b": 2, "c": 1}, "b", rate=0.1, power=0.9)])
@pytest.mark.parametrize("metric", [Proportion(0.04), Mean(30_000, 110_000)])
def test_sample_power_and_visible_lift_are_inverse(design: Design, metric: Metric) -> None:
    sample = least_sample(metric, design, relative=0.1)
    assert power_of(metric, design, sample.total, relative=0.1) == pytest.approx(design.power, abs=0.0005)
    seen = visible_lift(metric, design, sample.total)
    assert seen is not None
    assert seen.relative == pytest.approx(0.1, rel=0.001)
    assert sample.total == sum(sample.by_arm.values())


def test_what_costs_more_customers() -> None:
    plain = least_sample(Proportion(0.1), HALVES, relative=0.1).total
    watched = least_sample(Proportion(0.1), WATCHED, relative=0.1).total
    assert 1.6 * plain < watched < 1.8 * plain
    assert least_sample(Proportion(0.1), replace(HALVES, shares={"a": 9, "b": 1}), relative=0.1).total > 2.5 * plain
    three = Design({"a": 1, "b": 1, "c": 1}, "a", always_valid=False)
    assert least_sample(Proportion(0.1), three, relative=0.1).total > 1.5 * plain
    helped = least_sample(Mean(1, 3), replace(HALVES, correlation=0.6), relative=0.1).total
    assert helped == pytest.approx(0.64 * least_sample(Mean(1, 3), HALVES, relative=0.1).total, rel=0.001)


def test_days() -> None:
    assert days_needed(3760, 100) == 38
    assert days_needed(3800, 100, settling=3) == 41
    assert exposed_by(41, 100, settling=3) == 3800
    assert exposed_by(2, 100, settling=3) == 0
    assert visible_lift(Proportion(0.5), HALVES, 3) is None
    assert isinstance(visible_lift(Mean(0, 2), HALVES, 100), Lift)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: least_sample(Proportion(0.1), HALVES),
        lambda: least_sample(Proportion(0.1), HALVES, absolute=0.1, relative=0.1),
        lambda: least_sample(Proportion(0.1), HALVES, absolute=0.0),
        lambda: least_sample(Proportion(0.1), HALVES, absolute=math.nan),
        lambda: least_sample(Proportion(0.6), HALVES, relative=1.0),
        lambda: least_sample(Proportion(0.0), HALVES, absolute=0.1),
        lambda: least_sample(Mean(1, 0), HALVES, absolute=0.1),
        lambda: least_sample(Mean(1, 9), HALVES, absolute=1e-9),
        lambda: power_of(Mean(1, 9), HALVES, 0, absolute=1),
        lambda: visible_lift(Mean(1, 9), HALVES, 0),
        lambda: days_needed(100, 0),
        lambda: Design({"a": 1}, "a"),
        lambda: Design({"a": 1, "b": 0}, "a"),
        lambda: Design({"a": 1, "b": 1}, "c"),
        lambda: Design({"a": 1, "b": 1}, "a", power=0.01),
    ],
)
def test_what_cannot_be_planned_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        wrong()
