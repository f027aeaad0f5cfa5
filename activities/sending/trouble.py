"""A message that keeps failing is seen: its run shows a problem, until the message is settled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.sending.contract import DeliverInput, DeliverResult
from orchestrator.core.run.trouble import DEFINITION, problem_at
from orchestrator.store.runs.trouble import set_problem

LAST_ATTEMPT = 5
"""The workflow's number of attempts in a row (``workflows.activity_options.DELIVER_RETRY``, by test): what fails then
fails for long."""


@dataclass
class Watched:
    """What became of a delivery."""

    result: DeliverResult | None = None


@asynccontextmanager
async def noted_trouble(engine: AsyncEngine, given: DeliverInput) -> AsyncIterator[Watched]:
    """Around one attempt: what fails for long is kept with the run, and forgotten once it has gone well. Leaving the
    step forgets it too, so the usual case costs nothing."""
    watched, attempt = Watched(), activity.info().attempt
    try:
        yield watched
    except Exception as error:
        lasting = isinstance(error, ApplicationError) and (error.non_retryable or error.type == DEFINITION)
        if lasting or attempt >= LAST_ATTEMPT:
            await _note(engine, given, problem_at(given.step, _cause(error)))
        raise
    parked = watched.result is not None and watched.result.outcome == "parked"  # which has said all there is to say
    if not parked and (attempt > 1 or (watched.result is not None and watched.result.outcome == "held")):
        await _note(engine, given, None)


async def _note(engine: AsyncEngine, given: DeliverInput, problem: str | None) -> None:
    with suppress(DBAPIError, OSError):  # the store is away: that is seen elsewhere, and hides no other error
        await set_problem(engine, UUID(given.run), problem)


def _cause(error: Exception) -> str:
    """A short code: the type of what went wrong, never its text."""
    return (error.type if isinstance(error, ApplicationError) else None) or type(error).__name__
