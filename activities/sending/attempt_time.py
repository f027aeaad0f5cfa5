"""What time it is for a run while one of its activities is at work."""

import time
from datetime import datetime, timedelta

from temporalio import activity

from orchestrator.core.timing import REAL_TIME, Clock


class AttemptTime:
    """Journey time during an attempt, by the server's clock: it may begin hours after the run asked for it, and wait
    for its turn. ``asked_at``: when the run asked, in journey time, where the caller knows better than the clock."""

    def __init__(self, asked_at: datetime | None) -> None:
        self._asked_at = asked_at
        self._info, self._began = activity.info(), time.monotonic()
        self._clock = REAL_TIME

    def now(self, clock: Clock) -> datetime:
        """The present, by the workspace's clock as it was read last."""
        self._clock = clock
        passed = timedelta(seconds=time.monotonic() - self._began)
        if self._asked_at is None:
            return clock.at(self._info.started_time + passed)
        return self._asked_at + (self._info.started_time - self._info.scheduled_time + passed) * clock.speed

    def end(self) -> datetime:
        """The present, by the clock that the delivery went by."""
        return self.now(self._clock)
