"""A scenario on Temporal: the workflow that runs in production, on a server whose time is skipped.

What a run asks of the store and of the world outside is answered from memory, by the same code as in a simulation; what
the run makes of it, when it wakes, and what it does next, is the workflow's own.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter
from temporalio import activity
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from orchestrator.core.commands import Commit, Transition
from orchestrator.core.commands import Send as SendCommand
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Ejected, Event, EventReceived, Started, TimerFired
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.state import State
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.script import Script
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.timing import Clock
from workflows.client import Runs
from workflows.run_input import dump_event

SLACK = timedelta(seconds=20)
"""How far past an instant runs are brought, for their deadlines lag by the time that their own work takes."""
BEFORE = timedelta(seconds=1)
"""So long before an event runs are brought: a deadline of its very instant is not to come first."""
PATIENCE = 60.0
"""Seconds for one thing to come to rest; it takes some hundredths."""
Found = TypeVar("Found")
_COMMIT: TypeAdapter[Commit] = TypeAdapter(Commit)


class NotingRunner(UnsandboxedWorkflowRunner):
    """Runs workflows as the worker does, and knows them by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.instances: dict[str, Any] = {}

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Notes it: of one id, the execution that began last."""
        instance = super().create_instance(det)
        self.instances[det.info.workflow_id] = instance
        return instance

    def run_of(self, identity: str) -> Any:
        """The workflow's object; None before its first task."""
        return getattr(self.instances.get(identity), "_object", None)


class StandIn:
    """The activities of a worker: they ask whichever scenario is being played."""

    def __init__(self) -> None:
        self.playing: TemporalRun | None = None

    def _run(self) -> "TemporalRun":
        if self.playing is None:
            raise RuntimeError("no scenario is being played")
        return self.playing

    @activity.defn(name="book")
    async def commit(self, given: dict[str, Any], commit: dict[str, Any]) -> dict[str, Any] | None:
        """As the store carries out a commit."""
        return self._run().carried_out(given, commit)

    @activity.defn(name="deliver")
    async def deliver(self, given: dict[str, Any]) -> dict[str, Any]:
        """As a message, or call, is delivered."""
        return self._run().delivered(given)


class TemporalRun(ScenarioRun):
    """One playing of a script on Temporal. It is performed in a thread of its own, beside the worker's event loop."""

    def __init__(
        self,
        plans: Sequence[Plan],
        script: Script,
        environment: RunEnvironment,
        skipper: TimeSkipper,
        queue: str,
        noted: NotingRunner,
        instants: Sequence[datetime],
    ) -> None:
        """``instants``: at which something is expected to happen by itself; runs are looked at then."""
        super().__init__(plans, script, environment)
        self.skipper, self.queue, self.noted = skipper, queue, noted
        self.loop = asyncio.get_running_loop()
        self.temporal = Runs(skipper.client, queue, {}, shows_step=True)
        self.instants = sorted(instants)
        self.clocks: dict[str, Clock] = {}
        self.states: dict[str, SimulatedRun] = {}

    # --- what the worker's activities ask ----------------------------------------------------------------------------

    def carried_out(self, given: dict[str, Any], commit: dict[str, Any]) -> dict[str, Any] | None:
        """A commit, and what there is to tell of it."""
        run, read = self._known(given), _COMMIT.validate_python(commit)
        done = [line for line in read.transitions if line.seq > len(run.transitions)]
        committed = self._commit(run, replace(read, transitions=tuple(done)), self.now)
        told = {
            "heard": [{**dump_event(one, None), "name": one.name} for one in committed.heard],
            "truths": list(committed.truths),
            "until": committed.until.isoformat() if committed.until else None,
            "facts": list(committed.facts),
        }
        return {name: value for name, value in told.items() if value} or None

    def delivered(self, given: dict[str, Any]) -> dict[str, Any]:
        """A message's outcome. What a run would commit with it, it commits by itself afterwards."""
        run = self._known(given)
        self._take_over(run)
        command = SendCommand(given["step"], given.get("occurrence", 1), given.get("variables", {}))
        sent = self._sent(run, command, self.now)
        told = {"outcome": sent.outcome, "reason": sent.reason, "values": dict(sent.values)}
        at = self.now.astimezone(UTC).isoformat()
        return {**told, "at": at, **({} if sent.until is None else {"until": sent.until.isoformat()})}

    def _known(self, given: dict[str, Any]) -> SimulatedRun:
        return self.states[given["run"]]

    # --- what the scenario does to a run -----------------------------------------------------------------------------

    def _feed(self, run: SimulatedRun, event: Event) -> None:
        plan, identity = self.plan_of(run), run.workflow_id
        if isinstance(event, Started):
            self._begin(run, plan, event)
        elif isinstance(event, EventReceived):
            self._wait(self.temporal.signal(identity, event.customer_event, plan))
        elif isinstance(event, Ejected):
            self._wait(self.temporal.eject(identity, event.reason))
        elif isinstance(event, TimerFired):
            return
        self._rests(run)

    def _begin(self, run: SimulatedRun, plan: Plan, event: Started) -> None:
        if event.entry is None:
            return
        self.states[run.run_id] = run
        clock = self.clocks[run.run_id] = Clock(86_400.0, datetime.now(UTC), self.now)
        self._wait(
            self.temporal.start(
                run.workflow_id,
                plan,
                1,
                event.customer_id,
                event.entry,
                zone=event.zone,
                stage=event.stage,
                clock=clock,
            )
        )

    def timers_before(self, instant: datetime) -> None:
        """Brings every run to each instant at which something may happen by itself, and then here."""
        while self.instants and self.instants[0] < instant:  # what is due at its very instant comes after an event
            at = self.instants.pop(0)
            self._bring_all(at + SLACK, at)
        to = min(instant, self.until)
        self._bring_all(to - BEFORE if instant <= self.until else to + SLACK, to)

    def end(self) -> None:
        """Ends what is still under way, so that the next scenario may have the same customer."""
        for run in list(self.live.values()):
            self._wait(self.temporal.terminate(run.workflow_id, "the scenario is over"))

    def _bring_all(self, to: datetime, now: datetime) -> None:
        self.now = now
        for run in list(self.live.values()):
            self._wait(self._bring(run.workflow_id, self.clocks[run.run_id], to))
            self._rests(run)
        self._settle(now)

    async def _bring(self, identity: str, clock: Clock, to: datetime) -> None:
        handle = self.skipper.client.get_workflow_handle(identity)
        ahead = to - clock.at(await self.skipper.get_current_time(handle))
        if ahead > timedelta(0):
            await self.skipper.fast_forward(handle, ahead)

    # --- coming to rest ----------------------------------------------------------------------------------------------

    def _wait(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def _rests(self, run: SimulatedRun) -> None:
        self._wait(self._at_rest(run.workflow_id))
        self._take_over(run)
        if not run.live:
            self.live.pop(run.workflow_id, None)

    async def _at_rest(self, identity: str) -> None:
        handle = self.skipper.client.get_workflow_handle(identity)
        while True:
            description = (await handle.describe()).raw_description
            if not (description.HasField("pending_workflow_task") or description.pending_activities):
                return
            await asyncio.sleep(0.005)

    def _take_over(self, run: SimulatedRun) -> None:
        """The run's state, as the workflow has it. Its events have what the plan mentions; what delivers a message
        reads them whole from the store."""
        found = self.noted.run_of(run.workflow_id)
        state: State = getattr(found, "state", run.state)
        run.state = replace(state, entry=self._whole(state.entry), event=self._whole(state.event))

    def _whole(self, event: CustomerEvent | None) -> CustomerEvent | None:
        if event is None:
            return None
        stored = self.person.log.named(event.name)[1]
        return next((one for one in stored if one.message_id == event.message_id), event)

    def trace(self, run: SimulatedRun) -> tuple[Transition, ...]:
        """What it has committed, and what it has not yet."""
        return (*run.transitions, *run.state.unrecorded)
