"""One customer's run through one journey, on Temporal: a driver of ``core.run.advance.advance``, and nothing more.

The workflow's *type* is the journey's key. Commands become timers and activities; signals become events, and a signal's
name is the event's, so that an operator reads in the Temporal UI what a run heard. What a journey does next is known
to the core alone: no step kind is named here.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.exceptions import TimeoutError as TimeoutFailure

from orchestrator.core.commands import Command, Commit, FinishRun, Send, SetTimer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import run_id
from orchestrator.core.events.run_events import Ejected, Event, EventReceived, Started, TimerFired
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import NEW
from orchestrator.core.run.trouble import of_commit, problem_at
from orchestrator.core.text import Text
from workflows.activity_options import (
    COMMIT,
    COMMIT_PATIENCE,
    COMMIT_RETRY,
    COMMIT_TIMEOUT,
    DELIVER,
    DELIVER_HEARTBEAT,
    DELIVER_RETRY,
    DELIVER_TIMEOUT,
    PASSING,
    away_backoff,
    failure_backoff,
)
from workflows.run_details import run_details
from workflows.run_input import (
    STEP_SHOWN,
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

STAGE = SearchAttributeKey.for_keyword("SojournStage")
STEP = SearchAttributeKey.for_keyword("SojournStep")
"""Where a run rests, or fails. It begins with the first step, and steps that are only passed never show: most runs
write it once or twice."""
PROBLEM = SearchAttributeKey.for_keyword("SojournProblem")
CUSTOMER = SearchAttributeKey.for_keyword("SojournCustomer")
EJECT = "sojourn.eject"
"""Signal by which an operator ends a run; its argument is the reason."""
RETRY = "sojourn.retry"
"""Signal by which an operator has what failed tried again now."""
SKIP = "sojourn.skip"
"""Signal by which an operator gives up a message that fails: the run goes on as if it had not been wanted."""
RELEASE = "sojourn.release"
"""Signal by which a run that is parked goes on; its argument says what becomes of a message that is late by now:
``now`` (it is decided again) or ``skip``."""
MOVED = "sojourn.customer"
"""Signal by which the router tells a run whose it is since its customer was merged; in the form of an event, with the
property ``customer``. The run's id, and what is derived from it, stay."""
LONG_HISTORY = 200
"""Events after which a run continues as new at its next rest."""
WRITES = {Commit: 1, Send: 6, SetTimer: 3, FinishRun: 0}
"""History events that a command leads to, with the task that its answer brings."""
A_TURN = 4
"""History events of a turn: what happened, and its workflow task."""
_AGAIN = Text("Tried again after a while")
SHORTEST = timedelta(milliseconds=1)
"""Of a timer."""
LOCALE = "ko"
"""Language of the labels in the Temporal UI; set by the worker. Labels are no part of what is replayed."""


@workflow.defn(dynamic=True)
class JourneyRun:
    """All state that matters is ``self.state``; the rest can be had again from it and the plan."""

    def __init__(self) -> None:
        self.inbox: deque[CustomerEvent] = deque()
        self.ejections: deque[str] = deque()
        self.timer: asyncio.Task[None] | None = None
        self.timer_at: datetime | None = None
        self.sending: asyncio.Task[Any] | None = None
        self.problem: str | None = None
        self.problems: dict[str, str | None] = {"commit": None, "send": None}
        self.retry = self.skip = False
        self.release = ""
        self.written = 0

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        """Arguments: the plan (by reference), and :class:`RunInput`. Returns the reason of the end."""
        convert = workflow.payload_converter()
        self.plan: Plan = convert.from_payload(args[0].payload, Plan)
        self.given: RunInput = load_input(convert.from_payload(args[1].payload, dict))
        self.clock = self.given.clock
        self.groups: dict[str, workflow.EventGroup] = {}
        await self._begin()
        while self.state.doing != "over":
            await workflow.wait_condition(self._something_to_do)
            await self._next()
            if self._is_long():
                self._continue_as_new()
        return self.state.reason

    @workflow.signal(dynamic=True)
    def heard(self, name: str, args: Sequence[RawValue]) -> None:
        """An event of the customer, or an operator's word."""
        value = workflow.payload_converter().from_payload(args[0].payload)
        if name == EJECT:
            self.ejections.append(str(value))
        elif name == RETRY:
            self.retry = True
        elif name == SKIP:
            self.skip = True
        elif name == RELEASE:
            self.release = str(value)
        elif name == MOVED:
            workflow.upsert_search_attributes([CUSTOMER.value_set(str(value["p"]["customer"]))])
        else:
            self.inbox.append(load_event(name, value))

    # --- the loop ------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        given, info = self.given, workflow.info()
        self.shown_stage = given.shown_stage or self.plan.stage(self.plan.first)
        self.shown_step = given.shown_step or self.plan.first
        self.problem = given.problem
        self.state = given.state or NEW
        self.time = self._time(given)
        if given.state is None:
            customer = info.workflow_id.split("/")[1]
            run = str(run_id(info.workflow_id, given.entry.message_id))
            await self._feed(Started(self.time.present(), run, customer, given.entry, given.zone, given.stage))
            return
        self.inbox.extendleft(reversed(given.inbox))
        self.ejections.extendleft(reversed(given.wanted))
        if given.timer is not None:
            self._set_timer(given.timer)
        self._show()

    def _time(self, given: RunInput) -> HistoryTime | TaskTime:
        if given.version < HISTORY_TIME:
            return TaskTime(self.clock)
        return HistoryTime(given.at or given.entry.occurred_at)

    def now(self) -> datetime:
        """The present, in journey time: not the same at a replay, so nothing of it enters the state."""
        return self.clock.at(workflow.now())

    def _something_to_do(self) -> bool:
        return bool(
            self.ejections or self.inbox or (self.sending and self.sending.done()) or (self.timer and self.timer.done())
        )

    async def _next(self) -> None:
        """One thing at a time, in the order of the customer's time; on a tie, what they did comes first."""
        if self.ejections:
            await self._feed(Ejected(self.time.present(), self.ejections.popleft()))
        elif self.inbox and not self._timer_first(self.inbox[0]):
            customer_event = self.inbox.popleft()
            await self._feed(EventReceived(self.time.received(customer_event), customer_event))
        elif self.sending and self.sending.done():
            result, self.sending = self.sending.result(), None
            await self._feed(load_sent(self.time.settled(settled_at(result)), result))
        elif self.timer and self.timer_at:
            due = self.timer_at
            self._cancel_timer()
            await self._feed(TimerFired(self.time.fired(due)))

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
                    self.sending = asyncio.create_task(self._deliver(command))
            case SetTimer():
                with self._group(command.step).scope():
                    self._set_timer(command.at)
            case FinishRun():
                pass
        return None

    async def _commit(self, commit: Commit) -> Event | None:
        """Until it is carried out. One that cannot be shows a problem and waits outside of the worker's places; None
        where an operator ends the run instead."""
        times = 0
        while True:
            try:
                answer = await self._try(commit)
            except (ActivityError, ApplicationError, TimeoutFailure) as error:  # a local one fails without its wrapping
                times += 1
                cause = _cause(error)
                passing = cause in PASSING
                self._in_trouble("commit", problem_at(self.state.step, cause if passing else of_commit(cause)))
                backoff = away_backoff if passing else failure_backoff
                await self._wait_for_retry(backoff(times), lambda: bool(self.ejections))
                if self.ejections:
                    return None
            else:
                self._in_trouble("commit", None)
                return load_committed(self.time.present(), answer)

    async def _try(self, commit: Commit) -> dict[str, Any] | None:
        given = {
            "run": self.state.run_id,
            "plan": self.plan.hash,
            "now": self.now().isoformat(),
            "seq": self.state.seq,
            "listening": self.state.listening,
            "task": workflow.now().isoformat(),
            "execution": workflow.info().run_id,
        }
        answer: dict[str, Any] | None = await workflow.execute_local_activity(
            COMMIT,
            args=[given, dump_commit(commit)],
            start_to_close_timeout=COMMIT_TIMEOUT,
            schedule_to_close_timeout=COMMIT_PATIENCE,
            retry_policy=COMMIT_RETRY,
            result_type=dict | None,  # type: ignore[arg-type]
        )
        return answer

    async def _deliver(self, send: Send) -> Any:
        """Send until it is settled. Failing for long, the run says so, keeps its customer, and tries more slowly."""
        times, self.skip = 0, False
        while True:
            self.release = ""
            try:
                result = await workflow.execute_activity(
                    DELIVER,
                    self._delivery(send),
                    start_to_close_timeout=DELIVER_TIMEOUT,
                    heartbeat_timeout=DELIVER_HEARTBEAT,
                    retry_policy=DELIVER_RETRY,
                    summary=self.plan.label(send.step, LOCALE),
                )
            except ActivityError as error:
                times += 1
                self._in_trouble("send", problem_at(send.step, _cause(error)))
                await self._wait_for_retry(failure_backoff(times), lambda: self.skip)
                if self.skip:
                    result = {"outcome": "skipped", "reason": "operator"}
                else:
                    continue
            self.skip = False
            self._in_trouble("send", None)
            if result.get("outcome") == "parked":  # only workers that know of it are told so: older histories have none
                await workflow.wait_condition(lambda: bool(self.release))
                if self.release != "skip":
                    continue
                result = {"outcome": "skipped", "reason": "late"}
            return result

    async def _wait_for_retry(self, wait: timedelta, enough: Callable[[], bool]) -> None:
        """What failed is tried again after a while; at once where an operator says so, or has had enough of it."""
        self.retry = False
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.retry or enough(), timeout=wait, timeout_summary=_AGAIN.to(LOCALE)
            )

    def _delivery(self, send: Send) -> dict[str, Any]:
        """As little as will do, for it is kept in the history."""
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        optional = {"occurrence": send.occurrence if send.occurrence > 1 else 0, "event": send.event}
        given = {name: value for name, value in {**optional, "variables": send.variables}.items() if value}
        return {"run": self.state.run_id, "step": send.step, "at": at, "parks": True, **given}

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
        self._show()

    def _group(self, step: str) -> workflow.EventGroup:
        if step not in self.groups:
            self.groups[step] = workflow.create_event_group(step)
        return self.groups[step]

    def _show(self) -> None:
        changes: list[SearchAttributeUpdate[Any]] = []
        if self.state.stage != self.shown_stage and self.state.stage is not None:
            self.shown_stage = self.state.stage
            changes.append(STAGE.value_set(self.shown_stage))
        self._upsert(changes, rests=self.state.doing == "rest")
        workflow.set_current_details(run_details(self.plan, self.state, self.problem, LOCALE))

    def _upsert(self, changes: list[SearchAttributeUpdate[Any]], rests: bool) -> None:
        """In one event of the history; the step goes with whatever else changes."""
        step = self.state.step
        shows = self.given.version >= STEP_SHOWN and bool(step) and (rests or bool(changes))
        if shows and step != self.shown_step:
            self.shown_step = step
            changes.append(STEP.value_set(step))
        if changes:
            workflow.upsert_search_attributes(changes)

    def _in_trouble(self, what: Literal["commit", "send"], problem: str | None) -> None:
        """One at a time is shown, and each is over by itself: while a message fails, commits go on."""
        self.problems[what] = problem
        problem = self.problems["commit"] or self.problems["send"]
        if problem != self.problem:
            self.problem = problem
            change = PROBLEM.value_unset() if problem is None else PROBLEM.value_set(problem)
            self._upsert([change], rests=False)
            self._show()

    # --- continue as new -----------------------------------------------------------------------------------------

    def _is_long(self) -> bool:
        """How long the server's history is at this point is no more the same at a replay than the time of day; so what
        the run had written is counted. An inbox is emptied before, for what is carried on has a bound."""
        if self.state.doing != "rest" or self.sending is not None:
            return False
        if isinstance(self.time, HistoryTime):
            return self.written >= LONG_HISTORY and not self.inbox and not self.ejections
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
            self.shown_stage,
            self.problem,
            tuple(self.ejections),
            max(HISTORY_TIME, self.given.version),
            self.shown_step if self.given.version >= STEP_SHOWN else None,
            self.time.present(),
        )
        workflow.continue_as_new(args=[self.plan, dump_input(carried)])


def _cause(error: FailureError) -> str:
    """A short code for the operators: the type of what went wrong, never its text."""
    cause = error.cause if isinstance(error, ActivityError) else error
    return (cause.type if isinstance(cause, ApplicationError) else type(cause).__name__) or "failed"
