"""One customer's run through one journey, on Temporal: a driver of ``core.run.advance.advance``, and nothing more.

The workflow's *type* is the journey's key. Commands become timers and activities; signals become events, and a signal's
name is the event's, so that an operator reads in the Temporal UI what a run heard. What a journey does next is known
to the core alone: no step kind is named here.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from orchestrator.core.commands import Command, Commit, FinishRun, Send, SetTimer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import run_id
from orchestrator.core.events.run_events import Ejected, Event, EventReceived, Started, TimerFired
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.advance import advance
from orchestrator.core.run.placing import Move, load_move, moved
from orchestrator.core.run.state import NEW, State
from orchestrator.core.run.trouble import of_commit, problem_at
from workflows.activity_options import (
    COMMIT,
    COMMIT_PATIENCE,
    COMMIT_RETRY,
    COMMIT_TIMEOUT,
    PASSING,
    away_backoff,
    failure_backoff,
)
from workflows.deliveries import WRITES_SEND, Deliveries
from workflows.failures import ACTIVITY_FAILURES, cause_of
from workflows.run_input import (
    EXPOSES,
    RunInput,
    dump_commit,
    dump_input,
    load_committed,
    load_event,
    load_input,
    load_sent,
    settled_at,
)
from workflows.run_time import HISTORY_TIME, HistoryTime, TaskTime
from workflows.shown import CUSTOMER, VERSION, Shown
from workflows.signals import EJECT, MERGED, MOVE, RELEASE, RETRY, SKIP

LONG_HISTORY = 200  # events after which a run continues as new at its next rest
WRITES = {Commit: 1, Send: WRITES_SEND, SetTimer: 3, FinishRun: 0}
"""History events that a command leads to, with the task that its answer brings; at most."""
A_TURN = 4  # history events of a turn: what happened, and its workflow task
SHORTEST = timedelta(milliseconds=1)  # of a timer
LOCALE = "ko"
"""Language of the labels in the Temporal UI; set by the worker. Labels are no part of what is replayed."""


@workflow.defn(dynamic=True)
class JourneyRun(Deliveries):
    """All state that matters is ``self.state``; the rest can be had again from it and the plan."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox: deque[CustomerEvent] = deque()
        self.ejections: deque[str] = deque()
        self.moves: deque[tuple[Move, Plan]] = deque()
        self.has_moved = False
        """Its input names another plan than the one that it follows."""
        self.timer: asyncio.Task[None] | None = None
        self.timer_at: datetime | None = None

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        """Arguments: the plan (by reference), and :class:`RunInput`. Returns the reason of the end."""
        convert = workflow.payload_converter()
        self.plan: Plan = convert.from_payload(args[0].payload, Plan)
        self.given: RunInput = load_input(convert.from_payload(args[1].payload, dict))
        self.clock = self.given.clock
        self.version = self.given.follows or workflow.info().typed_search_attributes.get(VERSION)
        self.groups: dict[str, workflow.EventGroup] = {}
        await self._begin()
        while self.state.doing != "over":
            self.ahead = self.ahead and self._something_to_do()
            await workflow.wait_condition(self._something_to_do)
            await self._next()
            if self._is_long():
                self._continue_as_new()
        return self.state.reason

    @workflow.signal(dynamic=True)
    def heard(self, name: str, args: Sequence[RawValue]) -> None:
        """An event of the customer, or an operator's word."""
        convert = workflow.payload_converter()
        value = convert.from_payload(args[0].payload)
        if name == EJECT:
            self.ejections.append(str(value))
        elif name == RETRY:
            self.retry = True
        elif name == SKIP:
            self.skip = True
        elif name == RELEASE:
            self.release = str(value)
        elif name == MOVE:
            self.moves.append((load_move(value), convert.from_payload(args[1].payload, Plan)))
        elif name == MERGED:
            workflow.upsert_search_attributes([CUSTOMER.value_set(str(value["p"]["customer"]))])
        else:
            self.inbox.append(load_event(name, value))

    # --- the loop ------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        given, info = self.given, workflow.info()
        self.shown = Shown(self.plan, given, LOCALE)
        self.state = given.state or NEW
        self.time = self._time(given)
        if given.state is None:
            customer = info.workflow_id.split("/")[1]
            run = str(run_id(info.workflow_id, given.entry.message_id))
            exposes = given.version >= EXPOSES
            present, entry = self.time.present(), given.entry
            await self._feed(Started(present, run, customer, entry, given.zone, given.stage, exposes))
            return
        self.inbox.extendleft(reversed(given.inbox))
        self.ejections.extendleft(reversed(given.wanted))
        if given.timer is not None:
            self._set_timer(given.timer)
        self.shown.show(self.state)

    def _time(self, given: RunInput) -> HistoryTime | TaskTime:
        if given.version < HISTORY_TIME:
            return TaskTime(self.clock)
        return HistoryTime(given.at or given.entry.occurred_at)

    def now(self) -> datetime:
        """The present, in journey time: not the same at a replay, so nothing of it enters the state."""
        return self.clock.at(workflow.now())

    def _something_to_do(self) -> bool:
        return bool(self.ejections or self._has_come() or (self.moves and self._can_move()))

    def _has_come(self) -> bool:
        return bool(self.inbox or (self.sending and self.sending.done()) or (self.timer and self.timer.done()))

    async def _next(self) -> None:
        """One thing at a time, in the order of the customer's time; on a tie, what they did comes first. What has come
        before a run is moved is dealt with where it stood."""
        if self.ejections:
            await self._feed(Ejected(self.time.present(), self.ejections.popleft()))
        elif self.inbox and not self._timer_first(self.inbox[0]):
            customer_event = self.inbox.popleft()
            await self._feed(EventReceived(self.time.received(customer_event.occurred_at), customer_event))
        elif self.sending and self.sending.done():
            result, self.sending = self.sending.result(), None
            await self._feed(load_sent(self.time.settled(settled_at(result)), result))
        elif self.moves and self._can_move() and not self._has_come():
            await self._move(*self.moves.popleft())
        elif self.timer and self.timer_at:
            due = self.timer_at
            self._cancel_timer()
            await self._feed(TimerFired(self.time.fired(due)))

    def _can_move(self) -> bool:
        """An attempt that is under way is finished first: whether it was sent has to be known."""
        return self.sending is None or self.stands

    async def _move(self, move: Move, plan: Plan) -> None:
        """Stand where the operator says, by the plan that came with the signal. Of a step of which nothing was said,
        and which that plan does not have, the run stays where it is."""
        event = moved(self.plan, plan, self.state.step, move, self.time.received(move.at))
        if event is None:
            return
        self._give_up_sending()
        if plan.hash != self.plan.hash or move.version != self.version:
            self.plan, self.version, self.has_moved = plan, move.version, True
            self.shown.follow(plan, move.version)
        await self._feed(event)

    def _timer_first(self, customer_event: CustomerEvent) -> bool:
        """An event tells that a deadline before it has come, even if our own timer has not fired yet."""
        return self.timer_at is not None and self.time.timer_first(self.timer_at, customer_event)

    async def _feed(self, event: Event) -> None:
        """Advance, and carry out what the run asks for, until nothing is left to answer."""
        self.written += A_TURN
        waiting = deque([event])
        while waiting:
            self.state, commands = advance(self.plan, self.state, waiting.popleft())
            for command in commands:
                answer = await self._carry_out(command)
                if answer is not None:
                    waiting.append(answer)
        self._tidy()

    async def _carry_out(self, command: Command) -> Event | None:
        self.written += WRITES[type(command)]
        match command:
            case Commit():
                return await self._commit(command)
            case Send():
                with self._group(command.step).scope():
                    return await self._send(command)
            case SetTimer():
                with self._group(command.step).scope():
                    self._set_timer(command.at)
            case FinishRun():
                pass
        return None

    async def _commit(self, commit: Commit) -> Event | None:
        """Until it is carried out. One that cannot be shows a problem and waits outside of the worker's places; None
        where an operator ends the run instead."""
        carried, self.carried, self.ahead = self.carried, None, True
        if carried is not None and carried.answers(commit):
            return load_committed(self.time.present(), carried.answer)
        times = 0
        while True:
            try:
                answer = await self._try(commit)
            except ACTIVITY_FAILURES as error:
                times += 1
                cause = cause_of(error)
                passing = cause in PASSING
                problem = problem_at(self.state.step, cause if passing else of_commit(cause))
                self.shown.trouble(self.state, "commit", problem)
                backoff = away_backoff if passing else failure_backoff
                await self._wait_for_retry(backoff(times), lambda: bool(self.ejections))
                if self.ejections:
                    return None
            else:
                self.shown.trouble(self.state, "commit", None)
                return load_committed(self.time.present(), answer)

    def _commit_arguments(self, state: State, commit: Commit) -> list[dict[str, Any]]:
        given = {
            "run": state.run_id,
            "plan": self.plan.hash,
            "version": self.version,
            "now": self.now().isoformat(),
            "seq": state.seq,
            "listening": state.listening,
            "task": workflow.now().isoformat(),
            "execution": workflow.info().run_id,
        }
        return [given, dump_commit(commit)]

    async def _try(self, commit: Commit) -> dict[str, Any] | None:
        answer: dict[str, Any] | None = await workflow.execute_local_activity(
            COMMIT,
            args=self._commit_arguments(self.state, commit),
            start_to_close_timeout=COMMIT_TIMEOUT,
            schedule_to_close_timeout=COMMIT_PATIENCE,
            retry_policy=COMMIT_RETRY,
            result_type=dict | None,  # type: ignore[arg-type]
        )
        return answer

    # --- timers and what is shown --------------------------------------------------------------------------------

    def _set_timer(self, at: datetime) -> None:
        if at == self.timer_at:
            return
        self._cancel_timer()
        wait = max(self.clock.wait(at - self.now()), timedelta(0))
        if isinstance(self.time, HistoryTime):
            # That there is a timer must not depend on the present either, and one of no length is none.
            wait = max(wait, SHORTEST)
        self.timer_at = at
        summary = self.plan.label(self.state.step, LOCALE)
        self.timer = asyncio.create_task(workflow.sleep(wait, summary=summary))

    def _cancel_timer(self) -> None:
        if self.timer is not None and not self.timer.done():
            self.timer.cancel()
        self.timer = self.timer_at = None

    def _tidy(self) -> None:
        """Drop what no longer counts, and show where the run stands."""
        over = self.state.doing == "over"
        if self.state.doing != "rest" and not over:
            self._cancel_timer()
        if over and self.sending is not None:
            self.sending.cancel()
        self.shown.show(self.state)

    def _group(self, step: str) -> workflow.EventGroup:
        if step not in self.groups:
            self.groups[step] = workflow.create_event_group(step)
        return self.groups[step]

    # --- continue as new -----------------------------------------------------------------------------------------

    def _is_long(self) -> bool:
        """How long the server's history is at this point is no more the same at a replay than the time of day; so what
        the run had written is counted. An inbox is emptied before, for what is carried on has a bound."""
        if self.state.doing != "rest" or self.sending is not None:
            return False
        if self.has_moved or isinstance(self.time, HistoryTime):
            long = self.has_moved or self.written >= LONG_HISTORY
            return long and not (self.inbox or self.ejections or self.moves)
        info = workflow.info()
        return info.get_current_history_length() >= LONG_HISTORY or info.is_continue_as_new_suggested()

    def _continue_as_new(self) -> None:
        carried = RunInput(
            self.given.entry,
            self.given.zone,
            self.given.stage,
            self.clock,
            self.state,
            self.timer_at,
            tuple(self.inbox),
            self.shown.stage,
            self.shown.problem,
            tuple(self.ejections),
            max(HISTORY_TIME, self.given.version),
            self.given.hides_step,
            self.shown.step if self.given.shows_step else None,
            self.time.present(),
            self.version if self.given.follows or self.has_moved else None,
        )
        workflow.continue_as_new(args=[self.plan, dump_input(carried)])
