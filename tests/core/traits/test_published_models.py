"""The models give what their papers publish when given the papers' data."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from orchestrator.core.traits.models import bg_nbd, gamma_gamma, sbg
from orchestrator.core.traits.models.bg_nbd import BgNbd
from orchestrator.core.traits.models.fitting import FitProblem, numbers
from orchestrator.core.traits.models.gamma_gamma import GammaGamma
from orchestrator.core.traits.models.holdout import arrays, count_bins, cumulative, holdout_bins
from orchestrator.core.traits.models.sbg import Sbg
from orchestrator.core.traits.orders import Order, OrderDays, Summary, by_customer, summarised
from orchestrator.files.orders import read_orders

CDNOW = Path("tests/data/cdnow/orders.csv.gz")
UNTIL = date(1997, 9, 30)
PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def orders() -> dict[str, OrderDays]:
    return by_customer(read_orders(CDNOW))


@pytest.fixture(scope="module")
def summaries(orders: dict[str, OrderDays]) -> list[Summary]:
    return summarised(orders, UNTIL, "week")


def test_orders_become_the_summary_that_the_paper_has(summaries: list[Summary]) -> None:
    assert len(summaries) == 2357
    assert sum(one.x > 0 for one in summaries) == 946
    first = summaries[0]
    assert (first.customer, first.x) == ("0001", 2)
    assert (first.t_x, first.t, first.mean) == pytest.approx((30.43, 38.86, 22.345), abs=0.005)


def test_bg_nbd_on_cdnow(summaries: list[Summary]) -> None:
    """Fader, Hardie and Lee (2005), table 2."""
    fitted = bg_nbd.fit(*arrays(summaries))
    model = fitted.model
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.0006)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert fitted.certain


def test_gamma_gamma_on_cdnow(summaries: list[Summary]) -> None:
    """Fader and Hardie (2013), section 4."""
    fitted = gamma_gamma.fit(numbers(one.x for one in summaries), numbers(one.mean for one in summaries))
    model = fitted.model
    assert (model.p, model.q, model.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.006)
    assert fitted.customers == 946


@pytest.mark.parametrize(
    ("surviving", "alpha", "beta", "likelihood"),
    [
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.2),
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.3),
    ],
    ids=["high end", "regular"],
)
def test_sbg_on_the_papers_cohorts(surviving: list[float], alpha: float, beta: float, likelihood: float) -> None:
    """Fader and Hardie (2007), table 1 and section 3."""
    fitted = sbg.fit(surviving)
    assert (fitted.model.alpha, fitted.model.beta) == pytest.approx((alpha, beta), abs=0.0006)
    assert fitted.log_likelihood == pytest.approx(likelihood, abs=0.06)


def test_sbg_foretells_what_came_in_the_papers_later_years() -> None:
    """Their figure 5: of the high end cohort 39.4 % are left after twelve years, seven of which were learned from."""
    model = Sbg(0.668, 3.806)
    assert model.survival(np.array([12.0]))[0] == pytest.approx(0.394, abs=0.02)
    assert np.all(np.diff(model.retention(np.arange(1, 13.0))) > 0)


def test_expected_orders_of_a_customer_as_published() -> None:
    """Fader, Hardie and Lee's spreadsheet of the paper: customer 0001 makes 1.226 orders in the next 39 weeks."""
    one, t_x, t = np.array([2.0]), np.array([30.43]), np.array([38.86])
    assert PUBLISHED.expected_orders(39.0, one, t_x, t)[0] == pytest.approx(1.226, abs=0.0005)


def test_expected_value_of_a_customer_as_published() -> None:
    """Fader and Hardie (2013), section 4: customer 0001's two repeat orders of 22.35 lead to 24.66."""
    model = GammaGamma(6.25, 3.74, 15.44)
    assert model.expected_value(np.array([2.0]), np.array([22.35]))[0] == pytest.approx(24.66, abs=0.005)
    assert model.expected_value(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(model.mean or 0)


def test_the_holdout_of_cdnow_is_foretold_as_in_the_paper(
    orders: dict[str, OrderDays], summaries: list[Summary]
) -> None:
    """Their figures 2 to 4: counts within 5 %, the total after 39 more weeks within 4 %, and more after more."""
    bins = count_bins(PUBLISHED, summaries)
    assert sum(row.actual for row in bins) == len(summaries)
    assert sum(row.expected for row in bins) == pytest.approx(len(summaries))
    assert bins[0].actual == 1411
    assert bins[0].expected == pytest.approx(1411, rel=0.01)
    held = holdout_bins(PUBLISHED, orders, summaries, UNTIL, "week")
    assert [row.expected for row in held] == sorted(row.expected for row in held)
    weeks = cumulative(PUBLISHED, orders, UNTIL, "week")
    assert len(weeks) == 78
    assert weeks[-1].actual == pytest.approx(weeks[-1].expected, rel=0.05)
    assert [week.learned for week in weeks].count(True) == 39


def test_nothing_is_held_against_a_model_where_nothing_follows(orders: dict[str, OrderDays]) -> None:
    last = date(1998, 6, 30)
    assert holdout_bins(PUBLISHED, orders, summarised(orders, last, "week"), last, "week") == []


def test_data_that_tells_nothing_is_refused_with_the_reason() -> None:
    zeros = np.zeros(20)
    with pytest.raises(FitProblem) as problem:
        bg_nbd.fit(zeros, zeros, np.ones(20))
    assert problem.value.code == "no_repeats"
    with pytest.raises(FitProblem) as problem:
        bg_nbd.fit(np.ones(3), np.ones(3), np.ones(3))
    assert problem.value.code == "too_few_customers"
    with pytest.raises(FitProblem) as problem:
        sbg.fit([10, 10, 10])
    assert problem.value.code == "nobody_left"


def test_orders_of_one_day_count_once() -> None:
    one = [Order("a", date(2026, 1, 1), Decimal(5)), Order("a", date(2026, 1, 8), Decimal(10))]
    twice = [*one, Order("a", date(2026, 1, 8), Decimal(20))]
    (summary,) = summarised(by_customer(twice), date(2026, 1, 15), "week")
    assert summary == Summary("a", 1.0, 1.0, 2.0, 30.0)
