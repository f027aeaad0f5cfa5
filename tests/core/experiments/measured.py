"""Prints the tables of rates of docs/experiments.md: `python -m tests.core.experiments.measured`."""

from dataclasses import replace

import numpy as np

from orchestrator.core.experiments.analysis import TIGHTEST_AT
from orchestrator.core.experiments.power import Design, Proportion, least_sample
from tests.core.experiments.simulated import difference_of, entries, goals, intervals
from tests.core.experiments.test_periods import found_different
from tests.core.experiments.test_rates import ALIKE, DAYS, EXPERIMENTS, HALVES, STATED, blocked, outside, told
from tests.core.experiments.test_winner_rates import ALWAYS, BY_PROBABILITY, alike, winners


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def arms_alike() -> None:
    print("\n| arms alike | always-valid | z > 1.96 each day | z > 1.96 on the last day |\n|---|---|---|---|")
    for name, make in ALIKE.items():
        looks = make()
        difference, error = difference_of(looks)
        with np.errstate(all="ignore"):
            beyond = (np.abs(difference) > 1.96 * error) & told(name, looks)
        daily, last = beyond.any(axis=1).mean(), beyond[:, -1].mean()
        print(f"| {name} | {percent(outside(name, looks, 0.0))} | {percent(daily)} | {percent(last)} |")


def rules() -> None:
    print("\n| automatic winner, arms alike | 28 days | 90 days | 365 days |\n|---|---|---|---|")
    lax = replace(BY_PROBABILITY, probability=0.95)
    for rule, near in ((ALWAYS, 2.9), (BY_PROBABILITY, 2.3), (lax, 1.5)):
        shares = [len(winners(alike([0.1, 0.1], days), rule, near)) / EXPERIMENTS for days in (28, 90, 365)]
        name = rule.bound if rule is ALWAYS else f"{rule.bound} {rule.probability}"
        print(f"| {name} | {' | '.join(map(percent, shares))} |")


def ratios() -> None:
    print("\n| shares that come, half and half asked for | a day | blocked in 28 days | customers when half are |")
    print("|---|---|---|---|")
    for came, a_day in (([50.0, 50.0], 400), ([52.0, 48.0], 1000), ([51.0, 49.0], 4000), ([60.0, 40.0], 100)):
        days = blocked(HALVES, came, a_day, EXPERIMENTS)
        half = f"{sorted(days)[EXPERIMENTS // 2] * a_day:,}" if len(days) > EXPERIMENTS / 2 else "never"
        print(f"| {came[0]:.0f} to {came[1]:.0f} | {a_day} | {percent(len(days) / EXPERIMENTS)} | {half} |")
    seed = np.random.default_rng(20260307)
    exposed = np.cumsum(entries(seed, EXPERIMENTS, DAYS, 400, HALVES), axis=1)
    z = np.abs(exposed[..., 0] - exposed[..., 1]) / np.sqrt(exposed.sum(axis=2))
    print(f"\nSound, by chi-square at 1% each day: {percent((z > 2.5758).any(axis=1).mean())}")


def reweighed() -> None:
    print("\n| weights that follow, weekly | by period | thrown together |\n|---|---|---|")
    for name, trend in (("level", lambda _day: 0.1), ("rising", lambda day: 0.05 + day * 0.01)):
        wrong = found_different(trend, EXPERIMENTS)
        print(f"| {name} | {' | '.join(percent(share) for share in wrong)} |")


def duration() -> None:
    print("\n| true lift of 5%, planned for a fifth | found in 28 days | day on which half are |\n|---|---|---|")
    sample = least_sample(Proportion(0.05), Design({"a": 1, "b": 1}, "a", looks=DAYS), relative=0.2)
    for lift in (0.1, 0.15, 0.2, 0.3, 0.4):
        seed = np.random.default_rng(20260601)
        came = entries(seed, EXPERIMENTS, DAYS, sample.total / DAYS, HALVES)
        low, _ = intervals(goals(seed, came, [0.05, 0.05 * (1 + lift)]), STATED, sample.total)
        found = (low > 0).any(axis=1)
        day = float(np.median(np.where(found, (low > 0).argmax(axis=1) + 1, DAYS + 1)))
        print(f"| {lift:.0%} | {percent(found.mean())} | {f'{day:.0f}' if day <= DAYS else 'later'} |")
    print(f"\n{sample.total:,} customers; tightest at that number; {TIGHTEST_AT:,} where nothing is planned.")


if __name__ == "__main__":
    arms_alike()
    rules()
    ratios()
    reweighed()
    duration()
