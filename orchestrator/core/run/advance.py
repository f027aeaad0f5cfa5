"""advance: what a journey does next. The heart; everything else is a driver of it.

A run is at one step at a time. It *rests* (until a deadline, until events), or *asks* (the store), or *sends*. A driver
feeds what happens as events, in the order in which it happens, and carries out the commands, in their order:

    Commit   -> when done, feed Committed         SetTimer  -> at that instant, feed TimerFired
    Send     -> when done, feed Sent              FinishRun -> stop

A Commit is answered before anything else is fed. Only a Send may take long, and while it does, EventReceived may be
fed. The journey's exits and goals look at every event whatever the run is doing, which is what makes them act at once:
goals first, so that what ends a run is counted too, then exits, then the step itself.

No event is lost between "arrived" and "waiting": a Commit that begins to listen also reads back what has arrived since
the step began, and when a deadline comes, one last look is taken before it counts. So on a tie the event wins.

Transitions wait in the state until the next Commit, so that a step costs no commit of its own (``turn.py``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Command, FinishRun
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import (
    Committed,
    Ejected,
    Event,
    EventReceived,
    Moved,
    Sent,
    Started,
    TimerFired,
    TimerRule,
)
from orchestrator.core.journey.graph import GoalRule
from orchestrator.core.journey.plan import Plan, Waypoint
from orchestrator.core.run.state import NEW, REMEMBERED, State
from orchestrator.core.run.turn import Turn
from orchestrator.core.steps.contract import (
    Answer,
    Deliver,
    ExitPort,
    Finish,
    Jump,
    Outcome,
    Request,
    Stay,
    Wait,
    referred,
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
        The run afterwards, and what it asks for: of Book and Send at most one that waits for an answer. The same
        arguments always give the same result. A run that is over stays as it is, whatever comes.
    """
    if state.doing == "over":
        return state, []
    turn = Interpreter(plan, state, event.now)
    _TAKES[type(event)](turn, event)
    turn.settle()
    return turn.result(), turn.commands


class Interpreter(Turn):
    """What a run does with what happens to it."""

    __slots__ = ()

    # --- what happens -------------------------------------------------------------------------------------------

    def start(self, event: Started) -> None:
        """The run begins at the first step; the entry event itself never counts again."""
        self.run_id, self.customer_id, self.stage = event.run_id, event.customer_id, event.stage
        self.entry, self.variables, self.exposes = event.entry, dict(self.plan.variables), event.exposes
        self.began = self.since = event.now if event.entry is None else min(event.entry.occurred_at, event.now)
        self.carry_on(Jump(self.plan.first))

    def eject(self, event: Ejected) -> None:
        """An operator's word."""
        self.end(event.reason)

    def move(self, event: Moved) -> None:
        """The run stands at another step, maybe of another version, or at its own by that version's settings. What it
        knows it keeps: variables, goals, which events it has used up, how often it was at each step."""
        note = {"timer": event.timer, "by": event.by}
        if event.plan != event.before:
            note |= {"from": event.before, "plan": event.plan}
        if event.timer != "restarted" and event.step == self.step:
            note |= {"stays": "1"}
        self._record("moved", event.step, {name: value for name, value in note.items() if value})
        self.variables = {**self.plan.variables, **self.variables}
        if self.entry is not None and event.entry:
            self.entry = replace(self.entry, properties={**self.entry.properties, **event.entry})
        self.recheck, self.offered, self.look = None, None, True  # and nothing is sent before this is committed
        at = self.plan.waypoints[event.step]
        if event.timer == "restarted":
            self._enter(at)
            return self.carry_on(at.enter(self))
        if at.id == self.step:
            self.at = at
            self._enter_stage(at)
        else:
            self._rename(at)
        return self.carry_on(self._rejoin(at, event.timer))

    def _rename(self, at: Waypoint) -> None:
        """The step at which the run stands has another id by now; its stay goes on."""
        stay = self.until, self.memo, self.reached
        self._enter(at)
        self.until, self.memo, self.reached = stay

    def _rejoin(self, at: Waypoint, timer: TimerRule) -> Outcome:
        """The stay at this step by its settings as they are now."""
        if timer != "recomputed":
            return at.rejoin(self, Stay(self.until, self.now if timer == "fired" else None))
        now, self.now = self.now, self.reached or self.since
        outcome = at.rejoin(self, None)
        self.now = now
        return outcome

    def sent(self, event: Sent) -> None:
        """A message is settled: the step's answer, if it still waits for it."""
        if self.doing == "send":
            self.answer(event)

    def receive(self, event: EventReceived) -> None:
        """An event of the customer: for goals and exits, then for the step."""
        customer_events = (event.customer_event,)
        self._judge(customer_events)
        self._offer(customer_events)

    def _judge(self, customer_events: Iterable[CustomerEvent], read_back: bool = False) -> None:
        for customer_event in customer_events:
            if self.doing == "over":
                return
            if customer_event.name in self.plan.interests and self._is_new(customer_event, read_back):
                self.look = self.look or customer_event.name in self.plan.watched_names
                if customer_event.occurred_at >= self.began:
                    self._goals_and_exits(customer_event)

    def _is_new(self, customer_event: CustomerEvent, read_back: bool) -> bool:
        """Whether exits and goals see this event for the first time; the entry event is none of theirs."""
        if customer_event.message_id in self.seen or self._is_entry(customer_event):
            return False
        if read_back and self.forgotten is not None and customer_event.occurred_at <= self.forgotten:
            return False
        self.seen = {**self.seen, customer_event.message_id: customer_event.occurred_at}
        if len(self.seen) > REMEMBERED:
            oldest = self.seen.pop(next(iter(self.seen)))
            self.forgotten = oldest if self.forgotten is None else max(oldest, self.forgotten)
        return True

    def _is_entry(self, customer_event: CustomerEvent) -> bool:
        return self.entry is not None and customer_event.message_id == self.entry.message_id

    def _goals_and_exits(self, customer_event: CustomerEvent) -> None:
        last: GoalRule | None = None
        for goal in self.plan.goals_on.get(customer_event.name, ()):
            if (goal.repeat or goal.id not in self.goals) and self._passes(goal.where, customer_event):
                value = referred(goal.value, self.entry, customer_event, self.variables)
                self._goal(goal.id, value, goal.currency, {"message_id": customer_event.message_id})
                last = last or (goal if goal.ends else None)
        if last is not None:
            return self.end(f"goal:{last.id}")
        for rule in self.plan.exits_on.get(customer_event.name, ()):
            if self._passes(rule.where, customer_event):
                return self.end(rule.reason or rule.id, {"message_id": customer_event.message_id})
        return None

    def _passes(self, where: Condition | None, customer_event: CustomerEvent) -> bool:
        return where is None or matches(self.bound(where), customer_event)

    def _offer(self, customer_events: Iterable[CustomerEvent]) -> None:
        """Ask the resting step of each event whether it ends the wait. Once the run has moved, the commit that rest
        begins with reads back what is left."""
        for customer_event in customer_events:
            if self.doing != "rest" or self.committing:
                return
            if customer_event.name in self.names and self._counts(customer_event):
                outcome = self._resume(EventReceived(self.now, customer_event))
                if isinstance(outcome, Request):
                    self.offered = customer_event
                elif outcome is not None:
                    self._consume(customer_event)
                if outcome is not None:
                    self.carry_on(outcome)

    def _counts(self, customer_event: CustomerEvent) -> bool:
        """In time: since the step began (or its look-back), up to its deadline; and not used up already."""
        if self.read_back is None:
            return True  # of such a wait an event ends nothing by itself
        early = customer_event.occurred_at < self.read_back
        late = self.until is not None and customer_event.occurred_at > self.until
        return not (early or late or customer_event.message_id in self.consumed or self._is_entry(customer_event))

    def _consume(self, customer_event: CustomerEvent) -> None:
        """The event has ended a wait: what follows counts from it, and it ends no other."""
        self.event = customer_event
        self.since = min(max(customer_event.occurred_at, self.since), self.now)
        reach = self.since - self.plan.longest_look_back
        kept = {message_id: at for message_id, at in self.consumed.items() if at >= reach}
        self.consumed = {**kept, customer_event.message_id: customer_event.occurred_at}

    def timer(self, event: TimerFired) -> None:
        """A deadline has come. While anything is listened for, it counts only after one last look."""
        if self.doing != "rest" or self.committing:
            return  # of a wait that is no more
        self.due = self.until is not None and self.until <= self.now
        if self.read_back is not None or self.plan.interests:
            self._commit("look", look_back=True)
        elif self.due:
            self._deadline()

    def committed(self, event: Committed) -> None:
        """The store has answered: what was heard, then exit conditions, then what the step asked."""
        purpose, answers, asked = self.committing, self.answers, event.truths[self.answers :]
        self.committing, self.answers = "", 0
        if event.heard:
            self._judge(event.heard, read_back=True)
        if asked and self.doing != "over":
            self._exit_conditions(asked, event.until)
        if event.heard:
            self._offer(event.heard)
        if self.moved:
            return
        if purpose == "answer":
            self.answer(Committed(self.now, (), event.truths[:answers], event.until, event.facts) if asked else event)
        elif purpose == "prepare":
            self.to_send = True
        elif self.due:
            self._deadline()

    def _exit_conditions(self, truths: tuple[bool, ...], until: datetime | None) -> None:
        self.recheck, self.look = until, False
        for rule, truth in zip(self.plan.watched, truths, strict=True):
            if truth:
                return self.end(rule.reason or rule.id)
        return None

    def _deadline(self) -> None:
        """The step's deadline counts, once: it is the instant from which what follows is counted."""
        self.due = False
        if self.until is not None:
            self.since = max(self.since, self.until)
        self.answer(TimerFired(self.now))

    def answer(self, answer: Answer) -> None:
        """Give the step what it waited for, and do what it then says."""
        outcome = self._resume(answer)
        if self.offered is not None:
            if isinstance(outcome, ExitPort | Jump | Finish):
                self._consume(self.offered)
            self.offered = None
        if outcome is not None:
            self.carry_on(outcome)

    def _resume(self, answer: Answer) -> Outcome | None:
        outcome: Outcome | None = self.at.resume(self, answer)
        return outcome

    # --- what follows -------------------------------------------------------------------------------------------

    def carry_on(self, outcome: Outcome) -> None:
        """Follow outcomes from step to step until the run rests, asks, sends or ends."""
        self.moved = True
        for _ in range(MOST_MOVES):
            match outcome:
                case ExitPort():
                    self._leave(outcome)
                    self._enter(self.at.target(outcome.port))
                case Jump():
                    if self.step:
                        self._record("left", outcome.to)
                    self._enter(self.plan.waypoints[outcome.to])
                case _:
                    return self._stay(outcome)
            outcome = self.at.enter(self)
        raise RuntimeError(f"plan {self.plan.hash} goes round step {self.step} without end")

    def _leave(self, outcome: ExitPort) -> None:
        if outcome.goal is not None:
            self._goal(**outcome.goal)
        self._record("left", outcome.port, outcome.note)
        if outcome.changes:
            self.changes += outcome.changes
        if outcome.emit:
            self.emit += outcome.emit
        if outcome.variables:
            self.variables = {**self.variables, **outcome.variables}

    def _enter(self, at: Waypoint) -> None:
        self.at = at
        self.step = step = at.id
        if not self.own_visits:
            self.occurrences, self.own_visits = self.occurrences.copy(), True
        visits = self.occurrences
        visits[step] = self.occurrence = visits.get(step, 0) + 1
        self.until, self.names, self.read_back, self.memo, self.due = None, (), None, {}, False
        self.reached = self.now
        self._record("entered")
        self._enter_stage(at)

    def _enter_stage(self, at: Waypoint) -> None:
        stage = at.stage
        if stage is not None and stage != self.stage:
            self.stage = stage
            self.moved_to = stage if self.plan.moves_stage else None

    def _stay(self, outcome: Outcome) -> None:
        match outcome:
            case Wait():
                self.doing, self.until, self.due, self.memo = "rest", outcome.until, False, dict(outcome.memo)
                self.names, self.read_back = outcome.names, outcome.read_back
                self._commit("look", look_back=outcome.read_back is not None)
            case Request():
                self.doing, self.memo = "ask", dict(outcome.memo)
                self.names, self.read_back = outcome.names, None
                self._commit("answer", outcome)
            case Deliver():
                self.doing, self.memo, self.to_send = "send", dict(outcome.memo), True
            case Finish():
                if outcome.goal is not None:
                    self._goal(**outcome.goal)
                self.end(outcome.reason)

    def settle(self) -> None:
        """The end of a turn: send what is to be sent, look at exit conditions if they may have changed, or set the
        timer. Before a send, what is open is committed, and what is not yet listened for is: so exits act before it."""
        if self.committing:
            return
        if self.doing == "send":
            if self.to_send and not (self.look or self.changes or self.emit or self._unheard()):
                self.commands.append(self._send())
            elif self.to_send or self.look:
                self._commit("prepare" if self.to_send else "look")
        elif self.doing == "rest":
            if self.look:
                self._commit("look")
            else:
                self._set_timer()

    def end(self, reason: str, note: dict[str, Any] | None = None) -> None:
        """The run is over, whatever it was doing."""
        self.moved = True
        self._record("ended", reason, note)
        self.doing, self.reason = "over", reason
        self.until, self.names, self.committing = None, (), ""
        self.commands.append(self._make_commit(ended=reason))
        self.commands.append(FinishRun(reason))


_TAKES: Mapping[type[Event], Callable[[Interpreter, Any], None]] = {
    TimerFired: Interpreter.timer,
    Committed: Interpreter.committed,
    EventReceived: Interpreter.receive,
    Sent: Interpreter.sent,
    Started: Interpreter.start,
    Ejected: Interpreter.eject,
    Moved: Interpreter.move,
}

__all__ = ["NEW", "State", "advance"]
