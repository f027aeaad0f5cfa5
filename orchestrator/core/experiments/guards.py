"""Guard metrics: what must not become worse while another metric is tried for (unsubscribed, complained).

One-sided asymptotic confidence sequences (see ``always_valid``): "worse than the control by more than the margin" is
said of a sound arm with probability ``rate`` at most over all looks and all arms. These metrics are rare, and an arm
without any has a variance of 0: the variance is that of both arms together where it is the larger.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.experiments.always_valid import information, one_sided_multiplier
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
    by_name = {arm.arm: arm for arm in arms}
    if control not in by_name:
        raise ValueError(f"No arm is {control!r}.")
    if not 0 < guard.rate < 1:
        raise ValueError("The rate must be between 0 and 1.")
    others = [arm for arm in arms if arm.arm != control]
    rate, tight = guard.rate / max(1, len(others)), tightest_at * 2 / max(2, len(arms))
    return [_judge(arm, by_name[control], guard, rate, tight) for arm in others]


def _judge(arm: ArmSums, control: ArmSums, guard: Guard, rate: float, tightest_at: float) -> GuardResult:
    sign = 1 if guard.worse == "higher" else -1
    harm = sign * (arm.mean - control.mean)
    both = pooled((arm, control))
    at_least = None
    if arm.n and control.n and both.variance and both.effective_events >= LEAST_EVENTS:
        apart = arm.variance / arm.n + control.variance / control.n
        together = both.variance * (1 / arm.n + 1 / control.n)
        reach = one_sided_multiplier(information(arm.n, control.n), tightest_at, rate)
        at_least = harm - reach * math.sqrt(max(apart, together))
    broken = at_least is not None and at_least > guard.margin
    return GuardResult(guard.metric, arm.arm, harm, at_least, guard.margin, broken)
