"""A worker that cannot be made ready ends in good order: it has begun to take up work by then."""

import asyncio
from typing import Any

import pytest

from workflows import worker


class Working:
    """Stands for the SDK's worker: works until it is asked to end, and then finishes what it is at."""

    def __init__(self) -> None:
        self.at_work = self.finished = False

    async def run(self) -> None:
        self.at_work = True
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.finished = True


async def test_it_finishes_what_it_is_at(monkeypatch: pytest.MonkeyPatch) -> None:
    working = Working()

    async def away(*_: Any) -> None:
        assert working.at_work
        raise ConnectionError("no schedule can be made")

    monkeypatch.setattr("workflows.worker.reconcile.ensure_schedule", away)
    with pytest.raises(ConnectionError):
        await worker._serve(working, None, "sojourn")  # type: ignore[arg-type] # no client is asked: none is ready
    assert working.finished
