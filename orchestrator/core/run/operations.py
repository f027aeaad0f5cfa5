"""What is done to runs, one or thousands, and what may become of each."""

from typing import Literal, get_args

Act = Literal["retry", "skip", "end", "release", "enter", "move", "admit", "broadcast"]
"""``retry``: what failed is tried again now; ``skip``: the message that fails is given up; ``end``: the customer
leaves; ``release``: a run that is parked goes on; ``enter``: an entry that a pause refused is decided again;
``move``: it stands at another step, maybe in another version of its journey; ``admit``: the customers of a list enter
a journey; ``broadcast``: so does an audience (``broadcasts.py``)."""
ACTS: tuple[Act, ...] = get_args(Act)
ON_RUNS: tuple[Act, ...] = ("retry", "skip", "end", "release")
"""Those that need nothing but the runs that they are done to."""

ItemStatus = Literal["waiting", "asked", "done", "passed", "failed"]
"""``waiting``: not yet; ``asked``: the run was told and has not done it yet; ``passed``: there was nothing to do."""
ITEM_STATUSES: tuple[ItemStatus, ...] = get_args(ItemStatus)

Answer = Literal[
    "asked",
    "ended",
    "entered",
    "freed",
    "unknown",
    "finished",
    "gone",
    "nothing_to_skip",
    "well",
    "moved_on",
    "moved",
    "paused",
    "reached",
]
"""``asked``: the run will do it; ``ended``, ``entered``, ``freed``: it is done already; else why nothing was done.
``well``: there is nothing wrong with the run any more; ``moved_on``: it has left the step at which it was to be
skipped; ``gone``: Temporal does not know it; ``moved``: it is where it was to be moved to;
``paused``: what it stands still for is paused (still, or again); ``reached``: it has sent something, and only one that
has not was to end."""
STATUS_OF: dict[str, ItemStatus] = {
    "asked": "asked",
    "ended": "done",
    "entered": "done",
    "freed": "done",
    "moved": "done",
    "unknown": "passed",
    "finished": "passed",
    "nothing_to_skip": "passed",
    "well": "passed",
    "moved_on": "passed",
    "paused": "passed",
    "reached": "passed",
    "gone": "failed",
}
"""What an answer makes of an item; whatever else comes is a failure."""
BY_OPERATOR = "operator"
"""Reason of a run that an operator ended."""
STOPPED = "stopped"
"""Reason of a run that was ended with its journey."""

PER_SECOND = 20.0
MOST_PER_SECOND = 200.0
"""Items of an operation in a second of real time."""
