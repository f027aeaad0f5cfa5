"""Assignment by hash: even, stable, and independent of everything else."""

from collections import Counter

import pytest

from orchestrator.core.experiments.assignment import assign, bucket

CUSTOMERS = [f"customer-{n}" for n in range(20_000)]


def test_the_same_customer_has_the_same_arm_for_ever() -> None:
    """Written down: an edit of the hash would move everybody."""
    weights = {"a": 1, "b": 1, "c": 2}
    assert [assign("colour", f"customer-{n}", weights) for n in range(8)] == ["c", "a", "c", "c", "c", "c", "c", "b"]


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1}, {"a": 90, "b": 10}, {"a": 1, "b": 2, "c": 3}])
def test_customers_spread_by_weight(weights: dict[str, int]) -> None:
    """Each arm's share within four standard deviations of what it should be."""
    found = Counter(assign("x", customer, weights) for customer in CUSTOMERS)
    total, n = sum(weights.values()), len(CUSTOMERS)
    for arm, weight in weights.items():
        share = weight / total
        assert abs(found[arm] - n * share) < 4 * (n * share * (1 - share)) ** 0.5


def test_two_experiments_divide_customers_independently() -> None:
    pairs = Counter((assign("x", c, {"a": 1, "b": 1}), assign("y", c, {"a": 1, "b": 1})) for c in CUSTOMERS)
    assert all(abs(count - len(CUSTOMERS) / 4) < 4 * (len(CUSTOMERS) * 3 / 16) ** 0.5 for count in pairs.values())


def test_an_arm_of_weight_0_gets_nobody() -> None:
    assert {assign("x", customer, {"a": 0, "b": 1, "c": 0}) for customer in CUSTOMERS} == {"b"}


def test_raising_the_last_weight_moves_nobody_from_it() -> None:
    """With arms in order, only the borders move: who was in the last arm stays there when it grows."""
    before = {customer: assign("x", customer, {"a": 50, "b": 50}) for customer in CUSTOMERS}
    after = {customer: assign("x", customer, {"a": 40, "b": 60}) for customer in CUSTOMERS}
    assert all(after[customer] == "b" for customer, arm in before.items() if arm == "b")


def test_buckets_are_even() -> None:
    found = Counter(bucket("holdout/x", customer, 100) for customer in CUSTOMERS)
    assert set(found) == set(range(100))
    assert max(found.values()) < 2 * min(found.values())
