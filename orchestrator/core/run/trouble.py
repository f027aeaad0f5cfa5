"""What is wrong with a run: ``STEP:CAUSE``, as the store and Temporal keep it, and in words for whoever has to act."""

from collections.abc import Mapping

from orchestrator.core.text import Text, verbatim

CHAIN = "chain"
"""Cause: journeys set each other off, and an event that the run waited for was cut."""
OVERDUE = "overdue"
"""Cause: the run should have gone on more than an hour ago, or has not started since."""
COMMIT = "commit."
"""Before the cause of a commit that cannot be carried out: the next that can be ends the problem."""
CAUSES: Mapping[str, Text] = {
    OVERDUE: Text("Should have gone on more than an hour ago"),
    CHAIN: Text("Waits for an event that was cut, because journeys set each other off"),
    "Temporary": Text("The provider does not take the message"),
    "DefinitionError": Text(
        "The message cannot be made or is refused: its words, its template or the channel's settings"
    ),
    "InProgress": Text("Another process has been at this message for long"),
    "StoreAway": Text("The database cannot be reached"),
    "TimeoutError": Text("No answer in time"),
    "UnknownRun": Text("The run is not in the books"),
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
    """A problem in words; its code beside them where there are none."""
    cause = cause_of(problem)
    if cause.startswith(COMMIT):
        return Text("What the run wants to write down cannot be written ({cause})", cause=cause.removeprefix(COMMIT))
    return CAUSES.get(cause) or Text("Cannot go on ({cause})", cause=verbatim(cause))
