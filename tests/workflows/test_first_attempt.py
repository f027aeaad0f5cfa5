"""The first attempt at a message, within the run's own task: what it saves, and that it changes nothing else."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import ApplicationError

from activities.sending.contract import DeliverInput
from activities.sending.local_attempts import LocalAttempts
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.stack import Temporal
from tests.core.run.driver import message, planned
from tests.waiting import until
from tests.workflows import histories, replaying
from workflows import worker
from workflows.client import Runs
from workflows.payloads import data_converter

JOURNEY: dict[str, Any] = {
    "key": "basket",
    "name": {"en": "Basket", "ko": "바구니"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "exits": [{"id": "gone", "event": "Gone", "reason": "gone"}],
    "steps": [
        {"id": "pause", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1s"}},
        message("hello"),
        {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "through"}},
    ],
    "edges": [{"from": "entry", "to": "pause"}, {"from": "pause", "to": "hello"}, {"from": "hello", "to": "end"}],
}
SIMPLE = {**JOURNEY, "exits": []}
"""Nothing is listened for, so no last look is taken when the delay is over."""
AT_ONCE = {
    **SIMPLE,
    "steps": JOURNEY["steps"][1:],
    "edges": [{"from": "entry", "to": "hello"}, {"from": "hello", "to": "end"}],
}
AFTER_EVENT: dict[str, Any] = {
    **JOURNEY,
    "steps": [
        {"id": "look", "kind": "wait_for_event", "stage": "intake", "settings": {"branches": [{"event": "Viewed"}]}},
        *JOURNEY["steps"][1:],
    ],
    "edges": [
        {"from": "entry", "to": "look"},
        {"from": "look", "port": "happened", "to": "hello"},
        {"from": "hello", "to": "end"},
    ],
}
ACTIVITY = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED

Answer = Callable[[dict[str, Any]], Any]


def sent(given: dict[str, Any]) -> dict[str, Any]:
    """Sent, and what the run commits next is committed too, where it says what that is."""
    return {"outcome": "sent", **({"committed": {}} if "then" in given else {})}


@dataclass
class World:
    """Commits and messages, carried out by nobody. ``answer``: what becomes of an attempt."""

    answer: Answer = sent
    commits: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[tuple[bool, dict[str, Any]]] = field(default_factory=list)
    """Whether it was a local one, and what it was given."""

    @activity.defn(name="book")
    async def commit(self, given: dict[str, Any], commit: dict[str, Any]) -> None:
        """As the real one, without a database."""
        self.commits.append(commit)

    @activity.defn(name="deliver")
    async def deliver(self, given: dict[str, Any]) -> dict[str, Any]:
        """As the real one, without a message."""
        with LocalAttempts(None).attempt(DeliverInput(given["run"], given["step"], wait=given.get("wait", 0.0))):
            self.attempts.append((activity.info().is_local, given))
            answer = self.answer(given)
            result: dict[str, Any] = await answer if asyncio.iscoroutine(answer) else answer
            return result


@dataclass
class Server:
    """Runs of one journey, on a task queue of their own."""

    client: Client
    runs: Runs
    world: World = field(default_factory=World)
    plan: Plan = field(init=False)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A worker."""
        does: list[Callable[..., Any]] = [self.world.commit, self.world.deliver]
        async with worker.journey_worker(self.client, self.runs.task_queue, does):
            yield

    async def enter(self, plan: Plan) -> str:
        """A customer enters; the workflow id."""
        self.plan = plan
        workflow_id = f"basket/{uuid.uuid4()}"
        entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
        await self.runs.start(workflow_id, plan, 1, workflow_id.split("/")[1], entry)
        return workflow_id

    async def tell(self, workflow_id: str, name: str) -> None:
        """An event of the customer."""
        await self.runs.signal(workflow_id, CustomerEvent(str(uuid.uuid4()), name, datetime.now(UTC), {}))

    async def over(self, workflow_id: str) -> tuple[str, WorkflowHistory]:
        """Wait for the end: its reason, and the history, which is the same from every cut."""
        handle = self.client.get_workflow_handle(workflow_id)
        reason: str = await handle.result()
        history = await handle.fetch_history()
        await replaying.assert_same_from_every_cut(history, self.client.data_converter)
        if histories.recording("first-attempt"):
            histories.keep(history, self.plan)
        return reason, history

    async def lives(self, document: dict[str, Any]) -> tuple[str, WorkflowHistory]:
        """Enter, and wait for the end."""
        return await self.over(await self.enter(planned(document)))


@pytest.fixture
async def server(temporal_server: Temporal) -> Server:
    bodies: dict[str, bytes] = {}

    async def load(digest: str) -> bytes:
        return bodies[digest]

    async def save(digest: str, body: bytes) -> None:
        bodies[digest] = body

    client = await Client.connect(temporal_server.address, data_converter=data_converter(load, save))
    return Server(client, Runs(client, f"test-{uuid.uuid4()}", {}))


def recorded(commits: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What and where, of the lines of the trace."""
    return [(line[2], line[3]) for commit in commits for line in commit["transitions"]]


def scheduled(history: WorkflowHistory) -> int:
    """Activities that the Temporal UI shows."""
    return sum(event.event_type == ACTIVITY for event in history.events)


async def test_a_message_that_is_settled_at_once_costs_one_event_and_takes_the_commit_along(server: Server) -> None:
    async with server.at_work():
        reason, history = await server.lives(SIMPLE)
    assert reason == "through"
    assert len(history.events) == 12
    [(local, given)] = server.world.attempts
    assert local
    assert given["then"][1]["ended"] == "through"
    # The one commit of its own is that of the wait.
    assert recorded(server.world.commits) == [("entered", "pause")]
    assert recorded([given["then"][1]]) == [
        ("left", "pause"),
        ("entered", "hello"),
        ("left", "hello"),
        ("entered", "end"),
        ("ended", "end"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"outcome": "sent"},
        {"outcome": "skipped", "reason": "no_consent"},
        {"outcome": "sent", "committed": {}, "at": "2099-01-01T00:00:00Z"},
    ],
    ids=["not carried out", "another outcome", "settled much later"],
)
async def test_a_commit_that_was_not_the_one_foreseen_is_made_by_the_run(
    server: Server, answer: dict[str, Any]
) -> None:
    server.world.answer = lambda _: answer
    async with server.at_work():
        reason, history = await server.lives(SIMPLE)
    assert reason == "through"
    assert recorded(server.world.commits)[-3:] == [("left", "hello"), ("entered", "end"), ("ended", "end")]
    assert len(history.events) == 13


async def test_what_fails_goes_on_as_an_activity_that_everybody_sees(server: Server) -> None:
    tries = 0

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ApplicationError("busy", type="Temporary", next_retry_delay=timedelta(seconds=3))
        return sent(given)

    server.world.answer = answer
    async with server.at_work():
        workflow_id = await server.enter(planned(AT_ONCE))
        handle = server.client.get_workflow_handle(workflow_id)

        async def pending() -> Any:
            found = (await handle.describe()).raw_description.pending_activities
            return next((one for one in found if one.HasField("last_failure")), None)

        waiting = await until(pending, "it is shown as waiting for its next attempt")
        assert waiting.last_failure.application_failure_info.type == "Temporary"
        reason, history = await server.over(workflow_id)
    assert reason == "through"
    assert [local for local, _ in server.world.attempts] == [True, False]
    assert "then" not in server.world.attempts[1][1]
    assert scheduled(history) == 1
    assert _seconds_to_settle(history) >= 3, "the provider had asked to be left alone for so long"


def _seconds_to_settle(history: WorkflowHistory) -> float:
    times = {event.event_type: event.event_time.ToDatetime() for event in history.events}
    completed = times[EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED]
    return float((completed - times[ACTIVITY]).total_seconds())


async def test_what_takes_long_goes_on_as_an_activity_and_exits_act_meanwhile(server: Server) -> None:
    async def answer(given: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    server.world.answer = answer
    async with server.at_work():
        workflow_id = await server.enter(planned(AFTER_EVENT))
        await until(lambda: server.world.commits, "it waits")
        await server.tell(workflow_id, "Viewed")
        await until(lambda: len(server.world.attempts) == 2, "it is handed over")
        assert [local for local, _ in server.world.attempts] == [True, False]
        await server.tell(workflow_id, "Gone")
        reason, _ = await server.over(workflow_id)
    assert reason == "gone"
    assert server.world.commits[-1]["ended"] == "gone"


async def test_what_rests_on_a_look_that_no_task_has_kept_yet_is_sent_by_an_activity(server: Server) -> None:
    """Should the worker die, the delay's last look is taken again and may end the run: the message must not have gone
    out by then."""
    async with server.at_work():
        reason, history = await server.lives(JOURNEY)
    assert reason == "through"
    assert [local for local, _ in server.world.attempts] == [False]
    assert scheduled(history) == 1


async def test_an_exit_ends_a_run_whose_message_is_with_an_activity(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of before, too, ask for nothing more once they are over."""
    monkeypatch.setattr("workflows.client.NEWEST", 3)

    async def answer(given: dict[str, Any]) -> Any:
        await asyncio.Event().wait()

    server.world.answer = answer
    async with server.at_work():
        workflow_id = await server.enter(planned({**AT_ONCE, "exits": JOURNEY["exits"]}))
        await until(lambda: server.world.attempts, "it is at it")
        assert [local for local, _ in server.world.attempts] == [False]
        await server.tell(workflow_id, "Gone")
        reason, _ = await server.over(workflow_id)
    assert reason == "gone"


async def test_an_exit_that_is_there_already_comes_before_the_message(server: Server) -> None:
    async with server.at_work():
        workflow_id = await server.enter(planned(JOURNEY))
        await until(lambda: server.world.commits, "it rests")
    # Nobody works while the delay passes; then both are handed out in one task.
    await asyncio.gather(server.tell(workflow_id, "Gone"), _fired(server.client, workflow_id))
    async with server.at_work():
        reason, _ = await server.over(workflow_id)
    assert reason == "gone"
    assert server.world.attempts == []


async def _fired(client: Client, workflow_id: str) -> None:
    handle = client.get_workflow_handle(workflow_id)

    async def fired() -> bool:
        history = await handle.fetch_history()
        return any(event.event_type == EventType.EVENT_TYPE_TIMER_FIRED for event in history.events)

    await until(fired, "the delay is over")


async def test_a_worker_that_is_at_enough_messages_hands_over_at_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.sending.local_attempts.MOST_AT_ONCE", 0)
    async with server.at_work():
        reason, history = await server.lives(AT_ONCE)
    assert reason == "through"
    assert [local for local, _ in server.world.attempts] == [False]
    assert scheduled(history) == 1
    assert _seconds_to_settle(history) < 1
