"""What is wrong with a run, in words: ``STEP:CAUSE`` as it is kept, for whoever has to do something about it."""

from collections.abc import Mapping

from orchestrator.core.text import Text, verbatim

CAUSES: Mapping[str, Text] = {
    "overdue": Text("Should have gone on more than an hour ago"),
    "chain": Text("Waits for an event that was cut, because journeys set each other off"),
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
_COMMIT = "commit."


def cause_of(problem: str) -> str:
    """The cause of a problem."""
    return problem.rpartition(":")[2]


def describe_problem(problem: str) -> Text:
    """A problem in words; its code beside them where there are none."""
    cause = cause_of(problem)
    if cause.startswith(_COMMIT):
        return Text("What the run wants to write down cannot be written ({cause})", cause=cause.removeprefix(_COMMIT))
    return CAUSES.get(cause) or Text("Cannot go on ({cause})", cause=verbatim(cause))
