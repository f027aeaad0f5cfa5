"""The first attempt at a message: a local activity, within the workflow task of its run.

What it settles costs the run one event of its history, and may take the run's next commit along. What it does not, the
run hands over as a regular activity, which everybody sees.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.sending.contract import DeliverInput, DeliverResult

log = structlog.get_logger()

MOST_AT_ONCE = 50
"""Local attempts in a worker at a time. They hold a workflow task while they last: providers that are slow must not
keep the other runs from theirs."""
CommitAfter = Callable[[dict[str, Any], dict[str, Any]], Awaitable[dict[str, Any] | None]]
"""Carries out a commit, as the run's own activity does."""


class LocalAttempts:
    """One for a worker."""

    def __init__(self, commit: CommitAfter | None) -> None:
        self._commit = commit
        self._count = 0

    @contextmanager
    def attempt(self, given: DeliverInput) -> Iterator[None]:
        """Around an attempt of any kind. Raises where there are enough, or where it is too early for another."""
        info = activity.info()
        if not info.is_local:
            if given.wait and info.attempt == 1:
                raise ApplicationError(
                    "was tried once, and is tried again in a moment",
                    type="Temporary",
                    next_retry_delay=timedelta(seconds=given.wait),
                )
            yield
            return
        if self._count >= MOST_AT_ONCE:
            raise ApplicationError("this worker is at enough messages", type="Busy")
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1

    async def committed(self, given: DeliverInput, result: DeliverResult) -> dict[str, Any]:
        """Carry out what the run commits next, if it foresaw this result; what to tell it of that. A commit that fails
        is the run's own affair: it tries again, and says so."""
        foreseen = result.outcome == "sent" and not result.reason and not result.values
        if not given.then or not foreseen or self._commit is None:
            return {}
        snapshot, commit = given.then
        try:
            return {"committed": await self._commit(snapshot, commit) or {}}
        except ApplicationError as error:
            log.info("a commit that a message was to take along waits", run=given.run, cause=error.type)
            return {}
