"""A run that another worker takes over, at whatever task, goes on as it would have gone on where it was."""

from pathlib import Path

import pytest

from tests.examples import LONG
from tests.workflows import histories
from tests.workflows.replaying import assert_same_from_every_cut


@pytest.mark.parametrize("path", histories.recorded(), ids=lambda path: path.stem.split("~")[0])
async def test_a_history_cut_at_every_task_replays_to_the_same_commands(path: Path) -> None:
    await assert_same_from_every_cut(histories.load(path), histories.converter(), step=1 if LONG else 5)
