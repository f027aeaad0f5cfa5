"""The analysis of an experiment: figures on a small case by hand, what is refused, and which verdict comes first."""

import math
import subprocess
import sys
from typing import Any

import pytest

from orchestrator.core.experiments.analysis import Finding, Least, Verdict, analyse
from orchestrator.core.experiments.guards import GuardResult
from orchestrator.core.experiments.sums import ArmSums, pooled


def counts(arm: str, n: int, reached: int) -> ArmSums:
    return ArmSums(arm, n, reached, reached)


def test_sums_are_those_of_the_customers() -> None:
    arm = ArmSums.of("a", [1, 2, 6], [2, 3, 4])
    assert arm == ArmSums("a", 3, 9, 41, 9, 29, 32)
    assert (arm.mean, arm.variance, arm.covariate_mean, arm.covariate_variance, arm.covariance) == (3, 7, 3, 1, 2.5)
    assert arm.effective_events == pytest.approx(81 / 41)
    assert ArmSums.of("a", [1, 2], [2, 3]) + ArmSums.of("a", [6], [4]) == arm
    assert pooled([arm, counts("b", 10, 4)], "all") == ArmSums("all", 13, 13, 45, 9, 29, 32)
    assert ArmSums.of("a", []).mean == ArmSums.of("a", [5]).variance == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: ArmSums("a", -1, 0, 0),
        lambda: ArmSums("a", 1, math.nan, 0),
        lambda: ArmSums("a", 1, 1, -1),
        lambda: ArmSums.of("a", [1, 2], [1]),
        lambda: ArmSums("a", 1, 1, 1) + ArmSums("b", 1, 1, 1),
    ],
)
def test_sums_that_cannot_be_are_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match="Arm"):
        make()


def test_an_analysis_by_hand() -> None:
    """500 and 600 of 5,000 each: the difference is 2 points, its standard error sqrt(.09 + .1056) / sqrt(4999)."""
    found = analyse([counts("a", 5000, 500), counts("b", 5000, 600)], "a", shares={"a": 1, "b": 1})
    assert [(arm.exposed, arm.total, arm.mean) for arm in found.arms] == [(5000, 500, 0.1), (5000, 600, 0.12)]
    comparison = found.arm("b").comparison
    assert comparison is not None
    assert comparison.difference == pytest.approx(0.02)
    error = math.sqrt((0.09 + 0.1056) / 4999)
    assert comparison.standard_error == pytest.approx(error)
    # At the tightest point v = 8.211968, whatever the data: sqrt(2 · 9.211968 / 8.211968 · ln(sqrt(9.211968) / 0.05)).
    assert comparison.low == pytest.approx(0.02 - 3.0351224 * error)
    assert comparison.high == pytest.approx(0.02 + 3.0351224 * error)
    assert comparison.relative == pytest.approx(0.2)
    assert found.verdict == Verdict(Finding.BETTER, "b")
    assert found.arm("a").finding is None
    with pytest.raises(KeyError):
        found.arm("c")


SOUND = [counts("a", 5000, 500), counts("b", 5000, 600)]


@pytest.mark.parametrize(
    ("arms", "control", "more"),
    [
        ([counts("a", 10, 1)], "a", {}),
        ([counts("a", 10, 1), counts("a", 10, 1)], "a", {}),
        (SOUND, "c", {}),
        (SOUND, "a", {"rate": 0}),
        (SOUND, "a", {"tightest_at": 0}),
        (SOUND, "a", {"shares": {"a": 1}}),
        (SOUND, "a", {"shares": {"a": 0, "b": 0}}),
        (SOUND, "a", {"shares": {"a": 1, "b": -1}}),
        ([ArmSums("a", 2, 5, 13), counts("b", 9, 1)], "a", {}),
    ],
)
def test_what_cannot_be_analysed_is_refused(arms: list[ArmSums], control: str, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        analyse(arms, control, **more)


def test_the_gravest_finding_comes_first() -> None:
    broken = GuardResult("unsubscribed", "b", 0.01, 0.005, 0.001, True)
    lopsided = analyse(SOUND, "a", shares={"a": 2, "b": 1}, guards=[broken])
    assert lopsided.verdict == Verdict(Finding.SAMPLE_RATIO)
    assert analyse(SOUND, "a", guards=[broken]).verdict == Verdict(Finding.GUARD_BROKEN, "b")


def test_too_few_says_how_many_more() -> None:
    found = analyse([counts("a", 90, 40), counts("b", 300, 9)], "a", least=Least(exposed=100, events=25))
    assert found.verdict == Verdict(Finding.TOO_FEW, "b", 0, 16)
    comparison = found.arm("b").comparison
    assert comparison is not None
    assert comparison.low is comparison.high is comparison.relative_low is None
    nobody = analyse([counts("a", 0, 0), counts("b", 0, 0)], "a")
    assert nobody.verdict == Verdict(Finding.TOO_FEW, "a", 100, 25)
    assert [arm.chance.best if arm.chance else None for arm in nobody.arms] == pytest.approx([0.5, 0.5])


def test_several_arms_share_the_rate() -> None:
    arms = [counts("a", 4000, 400), counts("b", 4000, 540), counts("c", 4000, 520), counts("d", 4000, 300)]
    found = analyse(arms, "a")
    assert found.verdict == Verdict(Finding.BETTER, "b")
    assert [arm.finding for arm in found.arms] == [None, Finding.BETTER, Finding.BETTER, Finding.WORSE]
    assert all(arm.comparison is None or arm.comparison.rate == pytest.approx(0.05 / 3) for arm in found.arms)
    assert analyse([arms[0], arms[3]], "a").verdict == Verdict(Finding.WORSE)
    assert analyse([arms[0], arms[3], counts("e", 4000, 401)], "a").verdict == Verdict(Finding.NO_DIFFERENCE_YET)


def test_how_many_more_it_would_take() -> None:
    """Were they to go on as they are: with so many the interval leaves 0, with a little fewer it does not."""
    found = analyse([counts("a", 4000, 400), counts("b", 4000, 440)], "a")
    assert found.verdict.code is Finding.NO_DIFFERENCE_YET
    more = found.verdict.needs_exposed
    assert more > 0
    for exposed, expected in ((8000 + more * 1.02, Finding.BETTER), (8000 + more * 0.98, Finding.NO_DIFFERENCE_YET)):
        n = round(exposed / 2)
        later = [counts("a", n, round(n * 0.1)), counts("b", n, round(n * 0.11))]
        assert analyse(later, "a").verdict.code is expected
    level = analyse([counts("a", 4000, 400), counts("b", 4000, 400)], "a")
    assert level.verdict == Verdict(Finding.NO_DIFFERENCE_YET)


def test_figures_that_are_far_apart() -> None:
    """Nobody in one arm and a hundred million in another: no error, and figures that make sense."""
    found = analyse([counts("a", 0, 0), counts("b", 100_000_000, 1_000_000), counts("c", 3, 3)], "a")
    chances = {arm.arm: arm.chance.best for arm in found.arms if arm.chance}
    assert math.fsum(chances.values()) == pytest.approx(1)
    assert chances["c"] > chances["a"] > chances["b"]
    certain = analyse([counts("a", 10_000_000, 1_000_000), counts("b", 10_000_000, 1_200_000)], "a").arm("b")
    assert certain.chance is not None
    assert (certain.chance.best, certain.chance.loss) == pytest.approx((1, 0), abs=1e-9)
    alike = [ArmSums("a", 300, 300 * 7.0, 300 * 49.0), ArmSums("b", 300, 300 * 7.0, 300 * 49.0)]
    same = analyse(alike, "a", proportion=False).arm("b")
    assert (same.chance, same.finding) == (None, Finding.TOO_FEW)


def test_nothing_of_it_loads_numpy() -> None:
    """The API and the worker import it when they start. Only the planning of an experiment loads numpy, when asked."""
    modules = ("allocation", "analysis", "guards", "incremental", "power", "rules")
    lines = [f"import orchestrator.core.experiments.{name}" for name in modules]
    arms = "[ArmSums('a', 900, 90, 90), ArmSums('b', 900, 99, 99)]"
    lines += ["from orchestrator.core.experiments.analysis import analyse"]
    lines += [
        "from orchestrator.core.experiments.sums import ArmSums",
        f"analyse({arms}, 'a', shares={{'a': 1, 'b': 1}})",
    ]
    lines += ["import sys", "assert not {'numpy', 'scipy'} & {*sys.modules}"]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
