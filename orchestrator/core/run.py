"""advance: what a journey does next. The heart; everything else is a driver of it.

A run is at one step at a time. It *rests* (until a deadline, until events), or *asks* (the store), or *sends*. A driver
feeds what happens as events, in the order in which it happens, and carries out the commands, in their order:

    Book     -> when done, feed Booked            SetTimer -> at that instant, feed TimerFired
    Send     -> when done, feed Sent              Finish   -> stop

Only a Send may take long, and while it does, Happened may be fed. The journey's exits and goals look at every event
whatever the run is doing, which is what makes them act at once.

No event is lost between "arrived" and "waiting": a Book that begins to listen also reads back what has arrived since
the step began, and when a deadline comes, one last look is taken before it counts. So on a tie the event wins.

Transitions wait in the state until the next Book, so that a step costs no booking of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Book, Change, Command, Finish, Interest, Send, SetTimer, Transition
from orchestrator.core.conditions import Condition, Ref
from orchestrator.core.evaluation import bind, matches
from orchestrator.core.events import Booked, Ejected, Event, Happened, Happening, Sent, Started, TimerFired
from orchestrator.core.graph import GoalRule
from orchestrator.core.plan import Plan
from orchestrator.core.state import NEW, REMEMBERED, State
from orchestrator.core.steps.contract import (
    Answer,
    Deliver,
    End,
    Jump,
    Leave,
    Moment,
    Outcome,
    Request,
    Rest,
)

MOST_MOVES = 10_000
"""Steps passed in one instant before a plan is taken for broken; the compiler refuses loops that never wait."""


def advance(plan: Plan, state: State, event: Event) -> tuple[State, list[Command]]:
    """One event moves a run.

    Args:
        plan: The compiled journey.
        state: The run so far; ``NEW`` before :class:`Started`.
        event: What has happened, with the instant at which it is acted on.

    Returns:
        The run afterwards, and what it asks for. The same arguments always give the same result. A run that is over
        stays as it is, whatever comes.
    """
    if state.doing == "over":
        return state, []
    turn = Turn(plan, state, event.now)
    match event:
        case Started():
            turn.start(event)
        case Happened():
            turn.hear((event.happening,))
            turn.go_on()
        case TimerFired():
            turn.timer()
        case Booked():
            turn.booked(event)
        case Sent():
            if state.doing == "send":
                turn.answer(event)
        case Ejected():
            turn.end(event.reason)
    return turn.result(), turn.commands


class Turn:
    """One call of :func:`advance`: a copy of the state that may be written to, and the commands so far."""

    def __init__(self, plan: Plan, state: State, now: datetime) -> None:
        self.plan = plan
        self.now = now
        self.commands: list[Command] = []
        self.changes: list[Change] = []
        self.emit: list[Happening] = []
        self.was = state
        self.doing = state.doing
        self.run_id, self.customer_id = state.run_id, state.customer_id
        self.entry, self.began = state.entry, state.began or now
        self.stage, self.step = state.stage, state.step
        self.occurrences = state.occurrences
        self.since = state.since or now
        self.until, self.recheck = state.until, state.recheck
        self.names, self.read_back = state.names, state.read_back
        self.memo = state.memo
        self.event = state.event
        self.variables = state.variables
        self.listening = state.listening
        self.booking, self.answers, self.due = state.booking, state.answers, state.due
        self.seen, self.consumed = state.seen, state.consumed
        self.goals, self.seq = state.goals, state.seq
        self.unrecorded = list(state.unrecorded)
        self.moved_to, self.reason = state.moved_to, state.reason
        self.look = False
        """An exit condition may have changed, and has to be asked."""
        self.moved = False

    def result(self) -> State:
        """The run as this turn leaves it."""
        return State(
            self.doing,
            self.run_id,
            self.customer_id,
            self.entry,
            self.began,
            self.stage,
            self.step,
            self.occurrences,
            self.since,
            self.until,
            self.recheck,
            self.names,
            self.read_back,
            self.memo,
            self.event,
            self.variables,
            self.listening,
            self.booking,
            self.answers,
            self.due,
            self.seen,
            self.consumed,
            self.goals,
            self.seq,
            tuple(self.unrecorded),
            self.moved_to,
            self.reason,
        )

    # --- what happens -------------------------------------------------------------------------------------------

    def start(self, event: Started) -> None:
        """The run begins at the first step; the entry event itself never counts again."""
        self.run_id, self.customer_id, self.stage = event.run_id, event.customer_id, event.stage
        self.entry, self.variables = event.entry, dict(self.plan.variables)
        self.began = self.since = event.now
        if event.entry is not None:
            self.began = self.since = min(event.entry.occurred_at, event.now)
            self.seen = self.consumed = (event.entry.message_id,)
        self.carry_on(Jump(self.plan.first))

    def hear(self, happenings: Iterable[Happening]) -> None:
        """Events of the customer, in the order in which they occurred: exits, then goals, then the step itself."""
        for happening in happenings:
            if self.doing == "over":
                return
            if happening.message_id not in self.seen:
                self.seen = (*self.seen, happening.message_id)[-REMEMBERED:]
                if happening.occurred_at >= self.began:
                    self._exits_and_goals(happening)
            if self.doing == "rest" and happening.name in self.names:
                self._offer(happening)

    def _exits_and_goals(self, happening: Happening) -> None:
        plan, name = self.plan, happening.name
        for rule in plan.exits_on.get(name, ()):
            if self._passes(rule.where, happening):
                self.end(rule.reason or rule.id, {"message_id": happening.message_id})
                return
        for goal in plan.goals_on.get(name, ()):
            if (goal.repeat or goal.id not in self.goals) and self._passes(goal.where, happening):
                self._reach(goal, happening)
        self.look = self.look or name in plan.watched_names

    def _reach(self, goal: GoalRule, happening: Happening) -> None:
        value = self.moment(happening).value(goal.value) if isinstance(goal.value, Ref) else goal.value
        reached = {"goal": goal.id, "value": value, "currency": goal.currency, "message_id": happening.message_id}
        self._goal(reached)
        if goal.ends:
            self.end(f"goal:{goal.id}")

    def _passes(self, where: Condition | None, happening: Happening) -> bool:
        if where is None:
            return True
        return matches(bind(where, self.entry, self.event, self.variables, self.began), happening)

    def _offer(self, happening: Happening) -> None:
        """Ask the resting step whether this event ends its wait. In time: since the step began, up to its deadline."""
        from_ = self.read_back if self.read_back is not None else self.since
        early = happening.occurred_at < from_
        late = self.until is not None and happening.occurred_at > self.until
        if early or late or happening.message_id in self.consumed:
            return
        outcome = self._resume(Happened(self.now, happening))
        if outcome is None:
            return
        if isinstance(outcome, Leave | End | Jump):
            self.consumed = (*self.consumed, happening.message_id)[-REMEMBERED:]
            self.event = happening
            self.since = min(max(happening.occurred_at, self.since), self.now)
        self.carry_on(outcome)

    def timer(self) -> None:
        """A deadline has come. While anything is listened for, it counts only after one last look."""
        if self.booking or self.doing != "rest":
            return  # of a wait that is no more
        self.due = self.until is not None and self.until <= self.now
        if self.names or self.plan.interests:
            self._book("look", look_back=True)
        elif self.due:
            self._deadline()

    def booked(self, event: Booked) -> None:
        """The store has answered: first what was heard, then what the step asked, then the exit conditions."""
        purpose, answers = self.booking, self.answers
        self.booking, self.answers = "", 0
        self.hear(event.heard)
        if not self.moved:
            self._exit_conditions(event, answers)
        if self.moved:
            self.go_on()
        elif purpose == "answer":
            self.answer(Booked(self.now, (), event.truths[:answers], event.until, event.facts))
        elif purpose == "prepare":
            self.commands.append(self._send())
        elif self.due:
            self._deadline()
        else:
            self.go_on()

    def _exit_conditions(self, event: Booked, answers: int) -> None:
        asked = event.truths[answers:]
        if asked:
            self.recheck, self.look = event.until, False
        for rule, truth in zip(self.plan.watched if asked else (), asked, strict=True):
            if truth:
                return self.end(rule.reason or rule.id)
        return None

    def _deadline(self) -> None:
        """The step's deadline counts: it is the instant from which what follows is counted."""
        self.due = False
        if self.until is not None:
            self.since = max(self.since, self.until)
        self.answer(TimerFired(self.now))

    def answer(self, answer: Answer) -> None:
        """Give the step what it waited for, and do what it then says."""
        outcome = self._resume(answer)
        if outcome is not None:
            self.carry_on(outcome)

    def _resume(self, answer: Answer) -> Outcome | None:
        return self.plan.steps[self.step].resume(self.moment(), answer)

    def moment(self, event: Happening | None = None) -> Moment:
        """What the current step may look at."""
        return Moment(
            self.step,
            self.occurrences.get(self.step, 1),
            self.now,
            self.since,
            self.run_id,
            self.customer_id,
            self.began,
            self.entry,
            event or self.event,
            self.variables,
            self.memo,
        )

    # --- what follows -------------------------------------------------------------------------------------------

    def carry_on(self, outcome: Outcome) -> None:
        """Follow outcomes from step to step until the run rests, asks, sends or ends."""
        self.moved = True
        for _ in range(MOST_MOVES):
            match outcome:
                case Leave():
                    self._leave(outcome)
                    self._enter(self.plan.target(self.step, outcome.port))
                case Jump():
                    if self.step:
                        self._record("left", outcome.to)
                    self._enter(outcome.to)
                case _:
                    return self._stay(outcome)
            outcome = self.plan.steps[self.step].enter(self.moment())
        raise RuntimeError(f"plan {self.plan.hash} goes round step {self.step} without end")

    def _leave(self, outcome: Leave) -> None:
        if outcome.goal is not None:
            self._goal(dict(outcome.goal))
        self._record("left", outcome.port, dict(outcome.note))
        self.changes += outcome.changes
        self.emit += outcome.emit
        if outcome.variables:
            self.variables = {**self.variables, **outcome.variables}

    def _enter(self, step: str) -> None:
        self.step = step
        self.occurrences = {**self.occurrences, step: self.occurrences.get(step, 0) + 1}
        self.until, self.names, self.read_back, self.memo, self.due = None, (), None, {}, False
        self._record("entered")
        stage = self.plan.stage(step)
        if stage is not None and stage != self.stage:
            self.stage = self.moved_to = stage

    def _stay(self, outcome: Outcome) -> None:
        match outcome:
            case Rest():
                self.doing, self.until, self.memo = "rest", outcome.until, dict(outcome.memo)
                self.names, self.read_back = outcome.names, outcome.read_back
                self._book("look", look_back=outcome.read_back is not None)
            case Request():
                self.doing, self.memo, self.names = "ask", dict(outcome.memo), outcome.names
                self._book("answer", outcome)
            case Deliver():
                self.doing, self.memo = "send", dict(outcome.memo)
                if self._unheard() or self.changes or self.emit:
                    self._book("prepare")
                else:
                    self.commands.append(self._send())
            case End():
                if outcome.goal is not None:
                    self._goal(dict(outcome.goal))
                self.end(outcome.reason)

    def go_on(self) -> None:
        """Nothing moved the run: look at exit conditions if they may have changed, else see to the timer."""
        if self.doing == "over" or self.booking:
            return
        if self.look and self.doing != "ask":
            self._book("look")
        elif self.doing == "rest":
            self._set_timer()

    def end(self, reason: str, note: dict[str, Any] | None = None) -> None:
        """The run is over, whatever it was doing."""
        self.moved = True
        self._record("ended", reason, note)
        self.doing, self.reason = "over", reason
        self.until, self.names, self.booking = None, (), ""
        self.commands.append(self._booking(ended=reason))
        self.commands.append(Finish(reason))

    # --- commands -----------------------------------------------------------------------------------------------

    def _send(self) -> Send:
        given = self.plan.variables
        variables = {name: value for name, value in self.variables.items() if value != given.get(name)}
        event = self.event.message_id if self.event else ""
        return Send(self.step, self.occurrences[self.step], variables, event)

    def _set_timer(self) -> None:
        instants = [instant for instant in (self.until, self.recheck) if instant is not None]
        if instants:
            self.commands.append(SetTimer(min(instants), self.step))

    def _unheard(self) -> tuple[str, ...]:
        """Names to listen for that are not listened for yet."""
        return tuple(name for name in sorted({*self.plan.interests, *self.names}) if name not in self.listening)

    def _book(self, purpose: Any, request: Request | None = None, look_back: bool = False) -> None:
        """One booking for all that is open: what happened, whom to listen to, what to ask."""
        watched = self.plan.watched if purpose != "prepare" else ()
        ask = request.ask if request else ()
        exits = tuple(self._bound(rule.when) for rule in watched if rule.when is not None)
        listen = self._interests(look_back)
        self.booking, self.answers = purpose, len(ask)
        self.commands.append(self._booking(listen, (*ask, *exits), request.facts if request else ()))

    def _interests(self, look_back: bool) -> tuple[Interest, ...]:
        """What to listen for and how far to read back: new names from where they count; with ``look_back`` also the
        step's names, and the journey's from the last look on, for what is stored but has not reached the run yet."""
        new = self._unheard()
        back = self.read_back if self.read_back is not None else self.since
        since = {name: self.began for name in self.plan.interests if name in new}
        if look_back:
            since |= {name: self.since for name in self.plan.interests if name not in new}
        if look_back or any(name in new for name in self.names):
            since |= {name: min(back, since.get(name, back)) for name in self.names if look_back or name in new}
        return tuple(Interest(name, since[name]) for name in sorted(since))

    def _bound(self, condition: Condition) -> Condition:
        return bind(condition, self.entry, self.event, self.variables, self.began)

    def _booking(
        self,
        listen: tuple[Interest, ...] = (),
        ask: tuple[Condition, ...] = (),
        facts: tuple[Any, ...] = (),
        ended: str | None = None,
    ) -> Book:
        wanted = {*self.plan.interests, *self.names}
        unlisten = () if ended else tuple(name for name in self.listening if name not in wanted)
        book = Book(
            transitions=tuple(self.unrecorded),
            listen=listen,
            unlisten=unlisten,
            ask=ask,
            facts=facts,
            changes=tuple(self.changes),
            emit=tuple(self.emit),
            stage=self.moved_to,
            step=self.step,
            waiting_until=self.until,
            as_of=max([self.now, *(known.occurred_at for known in (self.entry, self.event) if known)]),
            entry=self.entry if ask else None,
            ended=ended,
        )
        self.listening = () if ended else tuple(sorted(wanted))
        self.unrecorded, self.changes, self.emit, self.moved_to = [], [], [], None
        return book

    def _goal(self, reached: dict[str, Any]) -> None:
        self.goals = (*self.goals, reached["goal"])
        self._record("goal", reached["goal"], {k: v for k, v in reached.items() if v is not None and k != "goal"})

    def _record(self, what: Any, port: str = "", note: dict[str, Any] | None = None) -> None:
        self.seq += 1
        occurrence = self.occurrences.get(self.step, 1)
        self.unrecorded.append(Transition(self.seq, self.now, what, self.step, occurrence, port, note or {}))


__all__ = ["NEW", "State", "advance"]
