"""A commit that a message takes along: what the run would commit next anyway, if the message is simply sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Commit
from orchestrator.core.events.run_events import Sent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import State


@dataclass
class Carried:
    """A commit that goes with a message. It may be carried out though the run then goes another way; that is as if a
    worker had died in between: the commit that follows says what shall stand."""

    state: State
    commit: Commit
    answer: dict[str, Any] | None = None
    """What was answered to it, once it is known to be carried out."""

    def answers(self, commit: Commit) -> bool:
        """Whether just this was carried out."""
        return self.answer is not None and commit == self.commit


def carried_by_message(plan: Plan, state: State, present: datetime) -> Carried | None:
    """What comes of a run if the message that it is about to send is simply sent. None where that would change more
    than what is recorded of the run: then it has to wait for the answer."""
    after, commands = advance(plan, state, Sent(present, "sent"))
    commit = commands[0] if commands else None
    if not isinstance(commit, Commit) or commit.changes or commit.emit or commit.facts:
        return None
    return Carried(after, commit)
