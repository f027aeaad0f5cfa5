"""The automatic winner: a rule that is stated before, and judged as often as one likes.

``always_valid``: an arm wins when its interval lies above the control's (the highest of several such), the control when
every arm's lies below. Judged however often, without an end, an experiment of equal arms finds a winner with
probability ``Analysis.rate`` at most.

``probability``: an arm wins when its probability to be best is high enough. That holds for one look; judged again and
again it errs more often than it says, and without a last day it errs at last in every experiment. Hence the high
threshold, the least number of days, and a latest date that must be stated; the rate that is left is measured in
``docs/experiments.md``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from orchestrator.core.experiments.analysis import Analysis, Finding
from orchestrator.core.experiments.guards import GuardResult

PROBABILITY = 0.995


@dataclass(frozen=True, slots=True)
class WinnerRule:
    """When an experiment ends by itself.

    ``least_exposed`` customers in every arm, and ``least_days`` since it began, before anybody wins. At ``latest``
    it is over: everybody gets the control (``otherwise="control"``) or the arms stay as they are (``"leave"``).

    Raises:
        ValueError: a number is negative, ``probability`` is not between 0.5 and 1, or judged by it, no ``latest``.
    """

    metric: str
    bound: Literal["always_valid", "probability"] = "always_valid"
    least_exposed: int = 100
    least_days: int = 7
    latest: datetime | None = None
    otherwise: Literal["control", "leave"] = "control"
    probability: float = PROBABILITY

    def __post_init__(self) -> None:
        if self.least_exposed < 0 or self.least_days < 0 or not 0.5 < self.probability < 1:
            raise ValueError("A winner's rule has a number out of bounds.")
        if self.bound == "probability" and self.latest is None:
            raise ValueError("A winner by probability needs a latest date.")


class Decision(StrEnum):
    WAIT = "wait"
    WINNER = "winner"
    GUARD = "guard"
    """A guard metric is broken: stop."""
    UNDECIDED = "undecided"
    """The latest date has come without a winner."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do now.

    ``arm``: whom everybody should get: the winner; the control after a broken guard, and at the latest date if the
    rule says so; None: nothing is to be changed. ``because``: what the figures say, or what is still missing.
    """

    decision: Decision
    arm: str | None
    because: Finding | Literal["least_days", "least_exposed"]


def judge(
    rule: WinnerRule, analysis: Analysis, guards: Sequence[GuardResult], began: datetime, now: datetime
) -> Judgement:
    """The rule's word on an experiment that ``began`` then, by what is known ``now``.

    A broken guard comes before everything; arms that do not have their shares of customers win nothing.
    """
    if any(guard.broken for guard in (*guards, *analysis.guards)):
        return Judgement(Decision.GUARD, analysis.control, Finding.GUARD_BROKEN)
    winner, because = _winner(rule, analysis, began, now)
    if winner is not None:
        return Judgement(Decision.WINNER, winner, because)
    if rule.latest is not None and now >= rule.latest:
        return Judgement(Decision.UNDECIDED, analysis.control if rule.otherwise == "control" else None, because)
    return Judgement(Decision.WAIT, None, because)


def _winner(
    rule: WinnerRule, analysis: Analysis, began: datetime, now: datetime
) -> tuple[str | None, Finding | Literal["least_days", "least_exposed"]]:
    verdict = analysis.verdict
    if verdict.code is Finding.SAMPLE_RATIO:
        return None, verdict.code
    if now - began < timedelta(days=rule.least_days):
        return None, "least_days"
    if min(result.exposed for result in analysis.arms) < rule.least_exposed:
        return None, "least_exposed"
    if rule.bound == "probability":
        return _most_probable(rule, analysis), verdict.code
    if verdict.code is Finding.BETTER:
        return verdict.arm, verdict.code
    return (analysis.control if verdict.code is Finding.WORSE else None), verdict.code


def _most_probable(rule: WinnerRule, analysis: Analysis) -> str | None:
    if any(result.finding is Finding.TOO_FEW for result in analysis.arms):
        return None
    likely = [one for one in analysis.arms if one.chance is not None and one.chance.best >= rule.probability]
    return likely[0].arm if likely else None
