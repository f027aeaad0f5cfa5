"""What is wrong with a run: ``STEP:CAUSE``, as the store and Temporal keep it, and in words for whoever has to act."""

from collections.abc import Mapping

from orchestrator.core.text import Text

CHAIN = "chain"
"""Cause: journeys set each other off, and an event that the run waited for was cut."""
DEFINITION = "DefinitionError"
"""Cause: what is wrong is the message itself, its template or the settings of its channel. Its name is that of the
type by which a worker tells of it, and stands in histories."""
OVERDUE = "overdue"
"""Cause: the run should have gone on more than an hour ago, or has not started since."""
COMMIT = "commit."
"""Before the cause of a commit that cannot be carried out: the next that can be ends the problem."""
CAUSES: Mapping[str, Text] = {
    OVERDUE: Text("Should have continued more than an hour ago"),
    CHAIN: Text("Waits for an event that was stopped because journeys kept starting each other"),
    "Temporary": Text("The provider does not accept the message"),
    DEFINITION: Text(
        "The message cannot be built or is rejected: check its content, its template or the channel's settings"
    ),
    "InProgress": Text("Another process has been sending this message for too long"),
    "StoreAway": Text("The database cannot be reached"),
    "TimeoutError": Text("No answer in time"),
    "UnknownRun": Text("There is no record of this run"),
    "LookupError": Text("The version of the journey cannot be read"),
}
"""By the short code of a cause."""


def problem_at(step: str | None, cause: str) -> str:
    """A problem as it is kept."""
    return f"{step or ''}:{cause}"


def of_commit(cause: str) -> str:
    """The cause of a commit that cannot be carried out, by the short code of why."""
    return COMMIT + cause


def cause_of(problem: str) -> str:
    """The cause of a problem."""
    return problem.rpartition(":")[2]


def is_of_message(problem: str) -> bool:
    """Whether a message, or a call, keeps failing: that alone can be skipped."""
    cause = cause_of(problem)
    return cause not in (CHAIN, OVERDUE) and not cause.startswith(COMMIT)


def describe_problem(problem: str) -> Text:
    """A problem in words. Its code is for whoever runs the server."""
    cause = cause_of(problem)
    if cause.startswith(COMMIT):
        why = CAUSES.get(cause.removeprefix(COMMIT))
        cannot = Text("What the run wants to write down cannot be written")
        return cannot if why is None else Text("{said}: {why}", said=cannot, why=why)
    return CAUSES.get(cause) or Text("Cannot go on: something went wrong here, and was logged")


ADVICE: Mapping[str, Text] = {
    OVERDUE: Text("Check that a worker is running. “Try again” wakes them or starts them once more."),
    CHAIN: Text("Correct the journeys that start each other. “Try again” does not bring the event back; end the runs."),
    "Temporary": Text("Look at the channel: its account, its balance, its address. Then try again."),
    DEFINITION: Text("Correct the message, its template or the channel's settings. Then try again."),
    "InProgress": Text("It passes by itself. If it stays, restart the worker and try again."),
    "StoreAway": Text("Bring the database back. The runs go on by themselves."),
    "TimeoutError": Text("Look whether the worker, the provider and the database answer. Then try again."),
    "UnknownRun": Text("There is nothing to go on with: end these runs."),
    "LookupError": Text("Update the workers to the newest build. Then try again."),
}
"""What to do about a cause."""


def advise(problem: str) -> Text:
    """What to do about a problem, in words."""
    cause = cause_of(problem).removeprefix(COMMIT)
    return ADVICE.get(cause) or Text("Look into the worker's log. When the cause is gone, try again.")


ADVICE_PAUSED = Text(
    "The step is paused: nobody else runs into this, and everybody who comes due waits there. Correct it: as soon as "
    "the template, the journey's version, the sender or the channel is changed, all of them go on by themselves."
)
"""What to do about a cause for which a step is paused."""


def acts_on(problem: str, paused: bool = False) -> tuple[str, ...]:
    """What may free a run with this problem. ``paused``: its step is paused for it, and to be resumed instead."""
    if paused:
        return ("skip", "end")
    return ("retry", "skip", "end") if is_of_message(problem) else ("retry", "end")
