"""Signals that a run understands beside customer events, by the names that stand in histories."""

EJECT = "sojourn.eject"
"""Signal by which an operator ends a run; its argument is the reason."""
RETRY = "sojourn.retry"
"""Signal by which an operator has what failed tried again now."""
SKIP = "sojourn.skip"
"""Signal by which an operator gives up a message that fails: the run goes on as if it had not been wanted."""
RELEASE = "sojourn.release"
"""Signal by which a run that is parked goes on; its argument says what becomes of a message that is late by now:
``now`` (it is decided again) or ``skip``."""
MERGED = "sojourn.customer"
"""Signal by which the router tells a run whose it is since its customer was merged; in the form of an event, with the
property ``customer``. The run's id, and what is derived from it, stay."""
MOVE = "sojourn.move"
"""Signal by which an operator has a run stand at another step, maybe of another version; its arguments are a
:class:`~orchestrator.core.run.placing.Move` as JSON, and that version's plan (by reference)."""
