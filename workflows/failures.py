"""What activities fail of: by which code it is shown, and when it is tried again."""

from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.exceptions import TimeoutError as TimeoutFailure

from workflows.activity_options import AGAIN_AFTER, BUSY, LASTING

ACTIVITY_FAILURES = (ActivityError, ApplicationError, TimeoutFailure)
"""A local activity fails without its wrapping."""


def cause_of(error: FailureError) -> str:
    """A short code for the operators: the type of what went wrong, never its text."""
    cause = error.cause if isinstance(error, ActivityError) else error
    return (cause.type if isinstance(cause, ApplicationError) else type(cause).__name__) or "failed"


def seconds_to_wait(error: FailureError) -> dict[str, float]:
    """What an activity is told of the local attempt before it: in how many seconds to try again. One that ran out of
    time may still be at it, and is waited for."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if not isinstance(cause, ApplicationError):
        return {}
    if cause.type == BUSY or cause.type in LASTING:  # to be tried, or to be shown, by the activity
        return {}
    return {"wait": (cause.next_retry_delay or AGAIN_AFTER).total_seconds()}
