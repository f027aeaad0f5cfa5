"""The automatic winner: when it waits, whom it names, and what comes first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.core.experiments.allocation import next_weights, thompson_weights
from orchestrator.core.experiments.analysis import Finding, analyse
from orchestrator.core.experiments.guards import GuardResult
from orchestrator.core.experiments.rules import Decision, Judgement, WinnerRule, judge
from orchestrator.core.experiments.sums import ArmSums

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
BROKEN = GuardResult("unsubscribed", "b", 0.01, 0.005, 0.001, True)


def counts(arm: str, n: int, reached: int) -> ArmSums:
    return ArmSums(arm, n, reached, reached)


CLEAR = (counts("a", 5000, 500), counts("b", 5000, 640))
LEVEL = (counts("a", 5000, 500), counts("b", 5000, 510))


def judged(arms: tuple[ArmSums, ...], days: float = 10, shares: Any = None, guards: Any = (), **rule: Any) -> Judgement:
    analysis = analyse(arms, "a", shares=shares)
    return judge(WinnerRule("goal", **rule), analysis, guards, BEGAN, BEGAN + timedelta(days=days))


def test_a_winner_is_named_when_it_is_clear() -> None:
    assert judged(CLEAR) == Judgement(Decision.WINNER, "b", Finding.BETTER)
    assert judged(LEVEL) == Judgement(Decision.WAIT, None, Finding.NO_DIFFERENCE_YET)
    worse = (counts("a", 5000, 640), counts("b", 5000, 500))
    assert judged(worse) == Judgement(Decision.WINNER, "a", Finding.WORSE)


def test_least_days_and_exposures_hold_it_back() -> None:
    assert judged(CLEAR, days=6.9) == Judgement(Decision.WAIT, None, "least_days")
    assert judged(CLEAR, least_exposed=5001) == Judgement(Decision.WAIT, None, "least_exposed")
    assert judged(CLEAR, days=7, least_exposed=5000).decision is Decision.WINNER


def test_the_latest_date_ends_it() -> None:
    latest = BEGAN + timedelta(days=20)
    ended = Judgement(Decision.UNDECIDED, "a", Finding.NO_DIFFERENCE_YET)
    assert judged(LEVEL, days=20, latest=latest) == ended
    assert judged(LEVEL, days=20, latest=latest, otherwise="leave").arm is None
    assert judged(LEVEL, days=19.9, latest=latest).decision is Decision.WAIT
    assert judged(CLEAR, days=30, latest=latest).decision is Decision.WINNER


def test_a_broken_guard_stops_it_and_a_broken_ratio_lets_nobody_win() -> None:
    assert judged(CLEAR, days=1, guards=[BROKEN]) == Judgement(Decision.GUARD, "a", Finding.GUARD_BROKEN)
    lopsided = {"a": 2, "b": 1}
    assert judged(CLEAR, shares=lopsided) == Judgement(Decision.WAIT, None, Finding.SAMPLE_RATIO)
    late = BEGAN + timedelta(days=9)
    assert judged(CLEAR, shares=lopsided, latest=late).decision is Decision.UNDECIDED
    assert judged(CLEAR, shares=lopsided, latest=late, bound="probability").decision is Decision.UNDECIDED


def test_by_probability() -> None:
    rule: dict[str, Any] = {"bound": "probability", "latest": BEGAN + timedelta(days=90)}
    assert judged(CLEAR, **rule).arm == "b"
    near = (counts("a", 5000, 500), counts("b", 5000, 570))  # the chance is 0.987
    assert judged(near, **rule).decision is Decision.WAIT
    assert judged(near, **rule, probability=0.98).arm == "b"
    few = (counts("a", 200, 5), counts("b", 200, 60))
    assert judged(few, **rule) == Judgement(Decision.WAIT, None, Finding.TOO_FEW)


@pytest.mark.parametrize("wrong", [{"bound": "probability"}, {"least_days": -1}, {"probability": 1.0}])
def test_a_rule_that_cannot_be_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="winner"):
        WinnerRule("goal", **wrong)


def test_weights_follow_the_probability_to_be_best() -> None:
    assert thompson_weights({"a": 0.1, "b": 0.9}, floor=0) == {"a": 10, "b": 90}
    assert thompson_weights({"a": 0.0, "b": 1.0}, floor=0.1) == {"a": 10, "b": 90}
    assert thompson_weights({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 34, "b": 33, "c": 33}
    # Of two arms the second best is always the other: top-two is even. Of three, by hand: the first is b with 0.6.
    assert thompson_weights({"a": 0.1, "b": 0.9}, floor=0, top_two=True) == {"a": 50, "b": 50}
    second = 0.3 * (0.6 / 0.7 + 0.1 / 0.9) * 0 + 0.6 * (0.3 / 0.7 + 0.1 / 0.9)
    share = thompson_weights({"a": 0.3, "b": 0.6, "c": 0.1}, floor=0, top_two=True, whole=1000)["b"]
    assert share == round(1000 * (0.6 + second) / 2)
    assert thompson_weights({"a": 0.0, "b": 1.0, "c": 0.0}, floor=0, top_two=True) == {"a": 25, "b": 50, "c": 25}


@pytest.mark.parametrize(
    ("best", "more"), [({}, {}), ({"a": 0.0}, {}), ({"a": -1, "b": 2}, {}), ({"a": 1, "b": 1}, {"floor": 0.6})]
)
def test_weights_that_cannot_be_are_refused(best: dict[str, float], more: Any) -> None:
    with pytest.raises(ValueError, match="weigh"):
        thompson_weights(best, **more)


def test_weights_wait_for_figures_that_can_be_trusted() -> None:
    weights = next_weights(analyse(CLEAR, "a"))
    assert weights == {"a": 10, "b": 90}
    assert next_weights(analyse(CLEAR, "a", shares={"a": 2, "b": 1})) is None
    assert next_weights(analyse((counts("a", 50, 9), counts("b", 50, 9)), "a")) is None
