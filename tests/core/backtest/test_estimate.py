"""Totals of all customers from some of them: how often the interval holds what comes out in the end."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from orchestrator.core.backtest.estimate import SHARE, StratumTotals, Totals, _quantile
from orchestrator.core.backtest.walk import CustomerOutcome

DRAWS = 200
SIZES = {"none": 12_000, "one": 5_000, "some": 2_500, "many": 500}
WALKED = {"none": 60, "one": 200, "some": 150, "many": 90}
RATES = {"none": 0.0, "one": 0.5, "some": 0.7, "many": 0.9}


def outcome(random: Random, stratum: str) -> CustomerOutcome:
    """A made-up customer: who enters gets some messages; rare things happen to few; half of it differs."""
    draft: Counter[tuple[str, ...]] = Counter()
    live: Counter[tuple[str, ...]] = Counter()
    differs = set()
    if random.random() < 0.004:
        draft["goal_anyway", "bought"] = 1
    if random.random() < RATES[stratum]:
        draft["customers",] = draft["entries",] = live["customers",] = live["entries",] = 1
        draft["sent",] = min(40, int(random.expovariate(0.4)))
        live["sent",] = draft["sent",] if random.random() < 0.8 else int(random.expovariate(0.6))
        if random.random() < 0.01:
            draft["skipped", "no_address"] = 1
        if draft["sent",] != live["sent",]:
            differs.add("other_messages")
    return CustomerOutcome("c", +draft, +live, frozenset(differs))


@pytest.fixture(scope="module")
def population() -> dict[str, list[CustomerOutcome]]:
    random = Random(7)
    return {name: [outcome(random, name) for _ in range(size)] for name, size in SIZES.items()}


def totals(population: dict[str, list[CustomerOutcome]], drawn: dict[str, list[CustomerOutcome]]) -> Totals:
    found = Totals({name: len(all) for name, all in population.items()}, frozenset({"none"}))
    for name, people in drawn.items():
        for one in people:
            found.strata[name].add(one, compared=True)
    return found


KEYS = [
    ("draft", "customers"),
    ("draft", "sent"),
    ("live", "sent"),
    ("draft", "skipped", "no_address"),
    ("draft", "goal_anyway", "bought"),
    ("difference", "sent"),
    ("differs", "other_messages"),
]


@pytest.fixture(scope="module")
def draws(population: dict[str, list[CustomerOutcome]]) -> list[Totals]:
    random = Random(11)
    return [
        totals(population, {name: random.sample(all, WALKED[name]) for name, all in population.items()})
        for _ in range(DRAWS)
    ]


@pytest.mark.parametrize("key", KEYS, ids=" ".join)
def test_early_intervals_hold_the_final_number_in_the_share_that_they_state(
    population: dict[str, list[CustomerOutcome]], draws: list[Totals], key: tuple[str, ...]
) -> None:
    final = totals(population, population).estimate(key)
    assert final.exact
    found = [one.estimate(key) for one in draws]
    held = sum(one.low <= final.value <= one.high for one in found)
    print(key, held / DRAWS, sum(one.high - one.low for one in found) / DRAWS / max(1, final.value))
    assert held >= (SHARE - 0.03) * DRAWS  # 0.95 ± 0.03 is two standard deviations of 200 draws
    assert sum(one.value for one in found) / DRAWS == pytest.approx(final.value, rel=0.15)  # rare ones vary


def test_intervals_are_no_wider_than_they_have_to_be(
    population: dict[str, list[CustomerOutcome]], draws: list[Totals]
) -> None:
    final = totals(population, population).estimate(("draft", "customers")).value
    width = sum(one.high - one.low for one in (t.estimate(("draft", "customers")) for t in draws)) / DRAWS
    # Of simple sampling: 2 × 1.96 × N × sqrt(p (1 - p) / n) with p = 0.24, n = 500.
    assert width < 2 * 1.96 * 20_000 * (0.24 * 0.76 / 500) ** 0.5
    assert width > 0.05 * final


def test_they_narrow_to_a_point(population: dict[str, list[CustomerOutcome]]) -> None:
    widths = []
    for part in (0.02, 0.1, 0.5, 0.9, 1.0):
        found = totals(population, {name: all[: round(part * len(all))] for name, all in population.items()})
        told = found.estimate(("draft", "sent"))
        widths.append(told.high - told.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0
    assert found.complete


def test_what_nobody_has_come_to_may_still_come() -> None:
    found = Totals({"one": 1_000}, strata={"one": StratumTotals(walked=100)})
    told = found.estimate(("draft", "customers"))
    assert (told.value, told.low) == (0, 0)
    assert 20 < told.high < 50  # 3 in 100, a little less for the tenth that was seen


def test_nobody_enters_who_did_nothing_that_lets_in() -> None:
    found = Totals({"none": 1_000}, frozenset({"none"}), {"none": StratumTotals(walked=10)})
    assert found.estimate(("draft", "customers")).exact
    assert not found.estimate(("draft", "goal_anyway", "bought")).exact


def test_what_was_seen_is_no_longer_in_doubt() -> None:
    found = Totals({"one": 1_000}, strata={"one": StratumTotals(walked=400)})
    for _ in range(3):
        found.strata["one"].add(CustomerOutcome("c", Counter({("customers",): 1}), Counter()), compared=False)
    assert found.estimate(("draft", "customers")).low >= 3


@pytest.mark.parametrize(("freedom", "expected"), [(3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)])
def test_small_samples_have_students_quantile(freedom: int, expected: float) -> None:
    assert _quantile(freedom) == pytest.approx(expected, rel=0.005)


def test_merging_in_any_order_gives_the_same(population: dict[str, list[CustomerOutcome]]) -> None:
    def parts() -> Iterator[StratumTotals]:
        for n in range(5):
            part = StratumTotals()
            for one in population["some"][n::5]:
                part.add(one, compared=True)
            yield part

    one, other = StratumTotals(), StratumTotals()
    for part in parts():
        one.merge(part)
    for part in reversed(list(parts())):
        other.merge(part)
    assert one == other
