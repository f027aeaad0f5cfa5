"""The closed forms agree with what they stand for: integrals, sums and simulated customers, also at their edges."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import gamma as gamma_distribution

from orchestrator.core.traits.models import bg_nbd
from orchestrator.core.traits.models.bg_nbd import BgNbd, log_likelihood
from orchestrator.core.traits.models.fitting import Numbers, numbers
from orchestrator.core.traits.models.value import customer_value

MODELS = [
    BgNbd(0.243, 4.414, 0.793, 2.426),
    BgNbd(1.5, 2.0, 1.0, 3.0),
    BgNbd(0.8, 12.0, 0.3, 0.7),
    BgNbd(2.0, 5.0, 0.2, 0.5),
    BgNbd(0.5, 3.0, 4.0, 9.0),
    BgNbd(0.8, 6.0, 8_000.0, 92_000.0),  # everybody leaves alike
]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_expected_repeats_are_the_sum_over_counts(model: BgNbd) -> None:
    t = np.array([0.5, 4.0, 20.0])
    summed = sum(n * model.count_probability(n, t) for n in range(1, 4000))
    assert model.expected_repeats(t) == pytest.approx(summed, rel=2e-3)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_probabilities_of_counts_are_those_of_a_mixture(model: BgNbd) -> None:
    """P(X = 1 | p, rate): one order and staying, or one and leaving, integrated over both distributions."""
    t = 6.0
    p_mean = beta_distribution.mean(model.a, model.b)

    def over_rates(rate: float) -> float:
        stays = (1 - p_mean) * rate * t * np.exp(-rate * t)
        leaves = p_mean * (1 - np.exp(-rate * t))
        return float((stays + leaves) * gamma_distribution.pdf(rate, model.r, scale=1 / model.alpha))

    expected = quad(over_rates, 0, 1, limit=400)[0] + quad(over_rates, 1, np.inf, limit=400)[0]
    assert model.count_probability(1, np.array([t]))[0] == pytest.approx(expected, rel=1e-4)


def test_heavy_buyers_overflow_nothing() -> None:
    x, t_x, t = np.array([0.0, 5000.0, 5000.0]), np.array([0.0, 520.0, 3.0]), np.array([520.0, 520.0, 520.0])
    for model in MODELS:
        assert np.all(np.isfinite(log_likelihood(model, x, t_x, t)))
        alive = model.p_alive(x, t_x, t)
        assert np.all((alive >= 0) & (alive <= 1))
        assert alive[0] == 1
        expected = model.expected_orders(13.0, x, t_x, t)
        assert np.all(np.isfinite(expected) & (expected >= 0))
        assert expected[1] > 10 > expected[2]


def test_beside_a_singular_parameter_the_values_are_continuous() -> None:
    x, t_x, t = np.array([0.0, 3.0]), np.array([0.0, 7.0]), np.array([10.0, 9.0])
    values = [BgNbd(0.7, 3.0, a, 2.0).expected_orders(5.0, x, t_x, t) for a in (0.9995, 1.0, 1.0005)]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-6)
    values = [BgNbd(0.7, 3.0, 0.4, b).expected_orders(5.0, x, t_x, t) for b in (0.5995, 0.6, 0.6005)]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-5)


def _simulated(model: BgNbd, customers: int, t: float, rng: np.random.Generator) -> tuple[Numbers, Numbers, Numbers]:
    rows = []
    for rate, leaving in zip(
        rng.gamma(model.r, 1 / model.alpha, customers), rng.beta(model.a, model.b, customers), strict=True
    ):
        at = last = 0.0
        count = 0
        while True:
            at += rng.exponential(1 / rate)
            if at > t:
                break
            last, count = at, count + 1
            if rng.random() < leaving:
                break
        rows.append((float(count), last, t))
    x, t_x, whole = np.asarray(rows).T
    return x, t_x, whole


def test_parameters_of_simulated_customers_are_found_again() -> None:
    truth = BgNbd(0.8, 4.0, 0.6, 3.0)
    x, t_x, t = _simulated(truth, 4000, 60.0, np.random.default_rng(7))
    fitted = bg_nbd.fit(x, t_x, t)
    assert fitted.log_likelihood >= float(log_likelihood(truth, x, t_x, t).sum())
    found = fitted.model
    assert (found.r, found.alpha, found.a / (found.a + found.b)) == pytest.approx((0.8, 4.0, 0.6 / 3.6), rel=0.12)


def test_the_value_of_a_year_is_less_than_its_orders_and_more_than_with_twice_the_discount() -> None:
    x, t_x, t = np.array([4.0]), np.array([30.0]), np.array([35.0])
    model, worth = MODELS[0], numbers([20.0])
    orders = model.expected_orders(52.0, x, t_x, t)
    year = customer_value(model, worth, x, t_x, t, 52, 52.18, 0.1)
    assert orders * 20 * 0.9 < year < orders * 20
    assert customer_value(model, worth, x, t_x, t, 52, 52.18, 0.2) < year
    assert customer_value(model, worth, x, t_x, t, 52, 52.18, 0.0) == pytest.approx(orders * 20)
