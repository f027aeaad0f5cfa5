"""``sojourn test --engine temporal``: scenarios on the workflow itself, on a server whose time is skipped."""

from pathlib import Path

import pytest

from orchestrator.commands.testing import run_scenarios
from orchestrator.commands.testing.temporal_run import TemporalRun
from orchestrator.stack.process import StackProblem
from orchestrator.stack.temporal import Temporal
from tests.orchestrator.commands.test_testing import call

CART = Path("examples/cart-recovery.scenario.yaml").resolve()


@pytest.mark.timeout(180)
def test_both_engines_agree_on_scenarios_that_hold() -> None:
    result = call(run_scenarios.app, CART, "--engine", "temporal", "-k", "who began to pay is")
    assert result.exit_code == 0, result.output
    assert "1 passed, 0 failed" in result.output


@pytest.mark.timeout(180)
def test_where_the_engines_differ_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that sends nothing makes another run of it."""
    monkeypatch.setattr(TemporalRun, "delivered", lambda run, given: {"outcome": "skipped"})
    result = call(run_scenarios.app, CART, "--engine", "temporal", "-k", "who began to pay is")
    assert result.exit_code == 1
    assert "the step function and Temporal" in result.output


def test_without_a_server_it_says_so_and_ends_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise StackProblem("the wheel is not there")

    monkeypatch.setattr(Temporal, "start", missing)
    result = call(run_scenarios.app, CART, "--engine", "temporal", "-k", "who began to pay is")
    assert result.exit_code == 2
    assert "the wheel is not there" in result.output
