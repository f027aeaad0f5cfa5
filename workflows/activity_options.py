"""Command to activity: names, time-outs, retries."""

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy

COMMIT = "book"
"""Local activity: one transaction with the store. Reads and bookkeeping together cost one history event."""
DELIVER = "deliver"
"""Activity, first local: decide and carry out one message."""

COMMIT_TIMEOUT = timedelta(seconds=30)
COMMIT_PATIENCE = timedelta(seconds=60)
"""So long a commit is tried in one go; it holds a place of the worker's while it lasts."""
COMMIT_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
PASSING = frozenset({"StoreAway", "TimeoutError"})
"""Types of what passes by itself. Whatever else a commit fails of lasts until somebody mends it: tried once."""

DELIVER_TIMEOUT = timedelta(seconds=60)
DELIVER_HEARTBEAT = timedelta(seconds=15)
"""A worker that has said nothing for so long is taken for dead, and another one goes on; it says something every 3."""
FIRST_ATTEMPT = timedelta(seconds=5)
"""So long a message is tried within the run's own workflow task, well below the 8 seconds after which the SDK would ask
for another task. What is not settled by then goes on as an activity that everybody sees."""
AGAIN_AFTER = timedelta(seconds=1)
"""How long after its first attempt a message is tried again, unless its provider says when."""
BUSY = "Busy"
"""Type of what a first attempt says whose worker is at enough of them: it is handed over at once."""
LASTING = frozenset({"DefinitionError"})
"""Types of what a message fails of that no repetition mends."""
DELIVER_RETRY = RetryPolicy(
    initial_interval=AGAIN_AFTER,
    backoff_coefficient=3.0,
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=5,
    non_retryable_error_types=[*LASTING],
)
"""A passing fault is over within two minutes; after that the run shows a problem and goes on trying, more slowly."""
TROUBLE_FIRST = timedelta(minutes=5)
TROUBLE_MOST = timedelta(hours=6)
AWAY_FIRST = timedelta(seconds=10)
AWAY_MOST = timedelta(minutes=1)


def away_backoff(times: int) -> timedelta:
    """How long to leave the store in peace that has been away ``times`` patiences in a row; real time."""
    doublings: int = min(times - 1, 10)
    return min(AWAY_FIRST * (1 << doublings), AWAY_MOST)


def failure_backoff(times: int) -> timedelta:
    """How long to wait before a step is tried again that has failed ``times`` times in a row; real time."""
    doublings: int = min(times - 1, 10)
    return min(TROUBLE_FIRST * (1 << doublings), TROUBLE_MOST)


URGENT, USUAL = 2, 3
"""Priorities: of what somebody waits for, and of everything else. Temporal knows 1 to 5, and 3 is what says nothing."""


def priority(urgent: bool, journey: str) -> Priority:
    """What is urgent comes first. Within a priority journeys take turns, so that one that a million enter at once keeps
    no other waiting; servers that know nothing of fairness go by the order of arrival."""
    return Priority(priority_key=URGENT if urgent else USUAL, fairness_key=journey)
