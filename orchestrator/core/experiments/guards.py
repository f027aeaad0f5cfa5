"""Guard metrics: what must not become worse while another metric is tried for (unsubscribed, complained).

One-sided asymptotic confidence sequences (see ``methods.always_valid``): "worse than the control by more than the
margin" is said of a sound arm with probability ``rate`` at most over all looks and all arms. These metrics are rare. A
small control in which nobody unsubscribed has a variance of 0, by which a third of sound experiments would be stopped:
so the variance is that of both arms together where it is the larger.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.experiments.methods.always_valid import one_sided_multiplier as one_sided
from orchestrator.core.experiments.periods import Pair, Period, paired, wholes
from orchestrator.core.experiments.sums import ArmSums, pooled

LEAST_EVENTS = 10
"""So many unsubscribed, say, both arms together, before a guard says anything."""


@dataclass(frozen=True, slots=True)
class Guard:
    """``margin``: how much worse than the control is borne, in the metric's own unit (0.001: one in a thousand)."""

    metric: str
    margin: float = 0.0
    worse: Literal["higher", "lower"] = "higher"
    rate: float = 0.05


@dataclass(frozen=True, slots=True)
class GuardResult:
    """One arm by one guard. ``harm``: by how much it is worse, ``at_least``: at least so, None where too few tell."""

    metric: str
    arm: str
    harm: float
    at_least: float | None
    margin: float
    broken: bool


def check_guard(
    arms: Sequence[ArmSums], control: str, guard: Guard, *, tightest_at: float = 10_000
) -> list[GuardResult]:
    """The guard's word on each arm but the control.

    ``tightest_at``: of the whole experiment, exposed customers where the bound is tightest; stated before.

    Raises:
        ValueError: no arm is the control, or the rate is not between 0 and 1.
    """
    return check_guard_by_period([Period(arms)], control, guard, tightest_at=tightest_at)


def check_guard_by_period(
    periods: Sequence[Period], control: str, guard: Guard, *, tightest_at: float = 10_000
) -> list[GuardResult]:
    """The same of arms whose weights were changed (see ``periods``).

    Raises:
        ValueError: as ``check_guard``.
    """
    arms = wholes(periods)
    by_name = {arm.arm: arm for arm in arms}
    if control not in by_name:
        raise ValueError(f"No arm is {control!r}.")
    if not 0 < guard.rate < 1:
        raise ValueError("The rate must be between 0 and 1.")
    others = [arm for arm in arms if arm.arm != control]
    rate, tight = guard.rate / max(1, len(others)), tightest_at * 2 / max(2, len(arms))
    results = []
    for arm in others:
        pair = paired(periods, arm.arm, control)
        enough = _events(pooled((arm, by_name[control]))) >= LEAST_EVENTS
        results.append(_judge(arm.arm, pair, guard, one_sided(pair.information, tight, rate) if enough else None))
    return results


def _judge(arm: str, pair: Pair, guard: Guard, reach: float | None) -> GuardResult:
    difference = pair.of_arm.mean - pair.of_control.mean
    harm = difference if guard.worse == "higher" else -difference
    variance = max(pair.of_arm.variance + pair.of_control.variance, pair.together)
    at_least = harm - reach * math.sqrt(variance) if reach is not None and variance else None
    return GuardResult(
        guard.metric, arm, harm, at_least, guard.margin, at_least is not None and at_least > guard.margin
    )


def _events(both: ArmSums) -> float:
    """Of ones and zeros, those of which there are fewer."""
    return min(both.y, both.n - both.y) if both.y == both.yy else both.effective_events
