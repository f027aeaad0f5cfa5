"""One turn of a run: the copy of its state that a turn writes to, and the commands that it makes of what is open.

What a run does next, ``advance.py`` knows; here is how it says so. Transitions, changes and events wait until the next
commit, so that a step costs no commit of its own.
"""

from datetime import datetime
from typing import Any

from orchestrator.core.commands import Change, Command, Commit, Interest, Send, SetTimer, Transition
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, Waypoint
from orchestrator.core.run.state import State
from orchestrator.core.steps.contract import Request, StepContext


class Turn(State, StepContext):
    """One call of :func:`~orchestrator.core.run.advance.advance`: a copy of the run that may be written to, and the
    commands so far. It is at once what the step that the run is at may look at."""

    # In slots, so that ``__dict__`` holds the run and nothing else: copying it is copying the run.
    __slots__ = (
        "at",
        "changes",
        "commands",
        "emit",
        "look",
        "moved",
        "now",
        "occurrence",
        "own_visits",
        "plan",
        "to_send",
    )

    variables: dict[str, Any]
    memo: dict[str, Any]
    at: Waypoint
    """The step that the run is at; of a new run, none."""

    def __init__(self, plan: Plan, state: State, now: datetime) -> None:
        self.__dict__ = state.__dict__.copy()
        self.plan = plan
        self.now = now
        step = state.step
        if step in plan.waypoints:  # a run that is moved may come from a step that this plan does not have
            self.at = plan.waypoints[step]
        self.occurrence = state.occurrences.get(step, 1)
        self.commands: list[Command] = []
        self.changes: tuple[Change, ...] = ()
        self.emit: tuple[CustomerEvent, ...] = ()
        self.look = False
        """An exit condition may have changed, and has to be asked."""
        self.moved = False
        self.own_visits = False
        """``occurrences`` is this turn's own already, and no earlier state's."""
        self.to_send = False
        """A message waits to go out at the end of the turn, if nothing stops it before."""

    def result(self) -> State:
        """The run as this turn leaves it; the turn is over, and nobody writes to it any more."""
        state = State.__new__(State)
        state.__dict__ = self.__dict__
        return state

    def _send(self) -> Send:
        given, variables = self.plan.variables, self.variables
        changed = {} if variables == given else {n: value for n, value in variables.items() if value != given.get(n)}
        event = self.event.message_id if self.event else ""
        return Send(self.step, self.occurrence, changed, event)

    def _set_timer(self) -> None:
        at = self.until
        if at is None or (self.recheck is not None and self.recheck < at):
            at = self.recheck
        if at is not None:
            self.commands.append(SetTimer(at, self.step))

    def _unheard(self) -> bool:
        """Whether there are names to listen for that are not listened for yet."""
        wanted = self.plan.wanted(self.names)
        return wanted != self.listening and not set(wanted) <= set(self.listening)

    def _commit(self, purpose: Any, request: Request | None = None, look_back: bool = False) -> None:
        """One commit for all that is open: what happened, whom to listen to, what to ask."""
        ask, facts = (request.ask, request.facts) if request is not None else ((), ())
        wanted = self.plan.wanted(self.names)
        listen = self._interests(wanted, look_back) if wanted and (look_back or wanted != self.listening) else ()
        self.committing, self.answers, self.look = purpose, len(ask), False
        watched = self.plan.watched_conditions
        if watched:
            ask += watched if self.plan.watches_plainly else tuple(map(self.bound, watched))
        self.commands.append(self._make_commit(wanted, listen, ask, facts))

    def _interests(self, wanted: tuple[str, ...], look_back: bool) -> tuple[Interest, ...]:
        """What to listen for and how far to read back. With ``look_back`` also names that are listened for already,
        for what is stored but has not reached the run yet."""
        listening, always, names, read_back = self.listening, self.plan.interests, self.names, self.read_back
        found = []
        for name in wanted:
            new, since = name not in listening, None
            if name in always:
                since = self.began if new else self.since
            if read_back is not None and name in names and (since is None or read_back < since):
                since = read_back
            if new or (look_back and since is not None):
                found.append(Interest(name, since))
        return tuple(found)

    def _make_commit(
        self,
        wanted: tuple[str, ...] = (),
        listen: tuple[Interest, ...] = (),
        ask: tuple[Condition, ...] = (),
        facts: tuple[Any, ...] = (),
        ended: str | None = None,
    ) -> Commit:
        unlisten: tuple[str, ...] = ()
        if ended is None and self.listening and wanted != self.listening:
            unlisten = tuple(name for name in self.listening if name not in wanted)
        entry, event, as_of = self.entry, self.event, self.now
        if entry is not None and entry.occurred_at > as_of:
            as_of = entry.occurred_at
        if event is not None and event.occurred_at > as_of:
            as_of = event.occurred_at
        commit = Commit(
            self.unrecorded,
            listen,
            unlisten,
            ask,
            facts,
            self.changes,
            self.emit,
            self.moved_to,
            self.step,
            self.until,
            as_of,
            entry if ask else None,
            ended,
        )
        self.listening = wanted
        self.unrecorded = self.changes = self.emit = ()
        self.moved_to = None
        return commit

    def _goal(self, goal: str, value: Any = None, currency: str | None = None, note: Any = None) -> None:
        if goal not in self.goals:
            self.goals = (*self.goals, goal)
        worth = {"value": value, "currency": currency}
        self._record("goal", goal, {**{k: v for k, v in worth.items() if v is not None}, **(note or {})})

    def _record(self, what: Any, port: str = "", note: Any = None) -> None:
        self.seq = seq = self.seq + 1
        line = (seq, self.now, what, self.step, self.occurrence, port, note or {})
        self.unrecorded += (_made(Transition, line),)


_made = tuple.__new__
"""A named tuple of its values in order: what its own constructor does, which costs as much again to call. There are two
lines for every step."""
