"""Runs begun by earlier code go on under this code: their histories replay."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from tests.workflows import histories
from workflows.journey_run import JourneyRun


def replayer() -> Replayer:
    """As the worker runs workflows."""
    return Replayer(
        workflows=[JourneyRun],
        data_converter=histories.converter(),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


def test_there_are_histories_to_replay() -> None:
    assert len(histories.recorded()) >= 5


@pytest.mark.parametrize("path", histories.recorded(), ids=lambda path: path.stem.split("~")[0])
async def test_a_recorded_run_replays(path: Path) -> None:
    await replayer().replay_workflow(histories.load(path))


async def test_a_history_that_the_code_did_not_make_is_refused() -> None:
    history = histories.load(next(path for path in histories.recorded() if path.stem.startswith("cart-recovery")))
    changed = history.to_json().replace('"deliver"', '"another"')
    assert changed != history.to_json()
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(history.workflow_id, changed))
