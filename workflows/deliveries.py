"""What a run has delivered: tried within its own task, handed over, tried again, given up; or standing still."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from orchestrator.core.commands import Commit, Send
from orchestrator.core.events.run_events import Event, Sent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import State
from orchestrator.core.run.trouble import problem_at
from orchestrator.core.text import Text
from workflows.activity_options import (
    DELIVER,
    DELIVER_HEARTBEAT,
    DELIVER_RETRY,
    DELIVER_TIMEOUT,
    FIRST_ATTEMPT,
    failure_backoff,
    priority,
)
from workflows.failures import ACTIVITY_FAILURES, cause_of, seconds_to_wait
from workflows.run_input import HERE_FIRST, RunInput, is_parked, load_sent, settled_at
from workflows.run_time import HistoryTime, TaskTime
from workflows.shown import Shown

WRITES_SEND = 6
"""History events that a message leads to, with the task that its answer brings; at most."""
_again = Text("Tried again after a while").to


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


class Deliveries(ABC):
    """The part of a run that delivers one message at a time."""

    plan: Plan
    given: RunInput
    state: State
    time: HistoryTime | TaskTime
    shown: Shown

    def __init__(self) -> None:
        self.sending: asyncio.Task[Any] | None = None
        self.stands = False
        """Nothing of what is being sent is under way: it is parked, or waits to be tried again."""
        self.carried: Carried | None = None
        """What the message that is being answered has committed as well."""
        self.ahead = False
        """Acts on what no completed task has kept yet: should the worker die now, the run may go another way."""
        self.retry = self.skip = False
        self.release = ""
        self.written = 0

    @abstractmethod
    def now(self) -> datetime:
        """The present, in journey time."""

    @abstractmethod
    def _commit_arguments(self, state: State, commit: Commit) -> list[dict[str, Any]]:
        """What a commit's activity is given."""

    async def _send(self, send: Send) -> Event | None:
        """Settle it at once, where that can be, or have it settled."""
        later, parked = dict[str, float](), False
        if self.given.version >= HERE_FIRST and self.plan.steps[send.step].SETTLES_AT_ONCE and not self.ahead:
            self.ahead, self.release = True, ""
            try:
                result = await self._try_here(send)
            except ACTIVITY_FAILURES as error:
                later = seconds_to_wait(error)
            else:
                if not (parked := is_parked(result)):
                    return load_sent(self.time.settled(settled_at(result)), result)
                self.shown.trouble(self.state, "send", result.get("problem"))
        self.sending = asyncio.create_task(self._deliver(send, later, parked))
        return None

    async def _try_here(self, send: Send) -> Any:
        """The first attempt, within this very task: a message that is settled at once costs one event of the history.
        What the run would commit next if it is simply sent goes with it."""
        carried = carried_by_message(self.plan, self.state, self.time.present())
        then = {} if carried is None else {"then": self._commit_arguments(carried.state, carried.commit)}
        result = await workflow.execute_local_activity(
            DELIVER,
            {**self._delivery(send), **then},
            start_to_close_timeout=FIRST_ATTEMPT,
            schedule_to_close_timeout=FIRST_ATTEMPT,
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary=self.plan.label(send.step, self.shown.locale),
        )
        self.written -= WRITES_SEND - 1
        if carried is not None:
            carried.answer, self.carried = result.get("committed"), carried
        return result

    async def _deliver(self, send: Send, later: dict[str, float], parked: bool) -> Any:
        """Until it is settled; failing, it says so, and tries more slowly. ``parked``: it has to be let go first."""
        times, self.skip, self.retry = 0, False, False
        while True:
            if parked and not await self._let_go():
                return {"outcome": "skipped", "reason": "late"}
            parked, self.release = False, ""
            try:
                result = await self._hand_over(send, later)
            except ActivityError as error:
                if self.state.doing == "over":  # given up with the run, which must ask for nothing any more
                    return None
                times, later = times + 1, {}
                self.shown.trouble(self.state, "send", problem_at(send.step, cause_of(error)))
                self.stands = True
                await self._wait_for_retry(failure_backoff(times), lambda: self.skip)
                self.stands = False
                if not self.skip:
                    continue
                result = {"outcome": "skipped", "reason": "operator"}
            self.skip = False
            self.shown.trouble(self.state, "send", result.get("problem"))
            if not (parked := is_parked(result)):
                return result

    async def _let_go(self) -> bool:
        """Stands still until what is paused is resumed. False where its message is not to be sent any more."""
        self.stands = True
        await workflow.wait_condition(lambda: bool(self.release))
        self.stands = False
        return self.release != "skip"

    async def _hand_over(self, send: Send, later: dict[str, float]) -> Any:
        """As an activity, which the Temporal UI shows while it is tried. ``later``: of one that was tried before."""
        return await workflow.execute_activity(
            DELIVER,
            {**self._delivery(send), **later},
            start_to_close_timeout=DELIVER_TIMEOUT,
            heartbeat_timeout=DELIVER_HEARTBEAT,
            retry_policy=DELIVER_RETRY,
            priority=priority(bool(self.plan.steps[send.step].is_urgent()), self.plan.key),
            summary=self.plan.label(send.step, self.shown.locale),
        )

    async def _wait_for_retry(self, wait: timedelta, enough: Callable[[], bool]) -> None:
        """What failed is tried again after a while; at once where an operator says so, or has had enough of it."""
        if self.given.version < HERE_FIRST:  # such runs heard only what came while they waited
            self.retry = False
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.retry or enough(), timeout=wait, timeout_summary=_again(self.shown.locale)
            )
        self.retry = False

    def _give_up_sending(self) -> None:
        """What is to be sent is sent no more, or begun anew. Only while nothing of it is under way."""
        if self.sending is not None:
            self.sending.cancel()
            self.shown.trouble(self.state, "send", None)
        self.sending, self.stands = None, False

    def _delivery(self, send: Send) -> dict[str, Any]:
        """As little as will do, for it is kept in the history."""
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        optional = {"occurrence": send.occurrence if send.occurrence > 1 else 0, "event": send.event}
        given = {name: value for name, value in {**optional, "variables": send.variables}.items() if value}
        return {"run": self.state.run_id, "step": send.step, "at": at, "parks": True, **given}
