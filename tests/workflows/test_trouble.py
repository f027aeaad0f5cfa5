"""Commits that cannot be carried out, and floods of events: a run says what is wrong, and keeps nobody waiting."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.stack import Temporal
from tests.core.run.driver import message, planned
from tests.examples import LONG
from tests.waiting import until
from tests.workflows import histories, replaying
from workflows import worker
from workflows.client import Runs
from workflows.payloads import data_converter
from workflows.shown import PROBLEM
from workflows.signals import RETRY, SKIP

JOURNEY: dict[str, Any] = {
    "key": "basket",
    "name": {"en": "Basket", "ko": "바구니"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "exits": [
        {"id": "gone", "event": "Gone", "reason": "gone"},
        {
            "id": "never",
            "event": "Noise",
            "where": {"kind": "property", "name": "text", "value": "never"},
            "reason": "never",
        },
    ],
    "steps": [
        {
            "id": "pause",
            "kind": "delay",
            "stage": "retention",
            "settings": {"mode": "duration", "duration": "30d"},
        },
        {"id": "end", "kind": "exit", "stage": "retention", "settings": {"reason": "through"}},
    ],
    "edges": [{"from": "entry", "to": "pause"}, {"from": "pause", "to": "end"}],
}

SENDS: dict[str, Any] = {
    "exits": [{"id": "vip", "when": {"kind": "attribute", "name": "vip", "value": True}, "reason": "vip"}],
    "steps": [message("hello"), JOURNEY["steps"][1]],
    "edges": [{"from": "entry", "to": "hello"}, {"from": "hello", "to": "end"}],
}
"""In place of the delay a message."""


@dataclass
class Store:
    """Commits, carried out by nobody. Those of the ``sick`` fail for ever."""

    sick: set[str] = field(default_factory=set)
    commits: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False
    attempts: int = 0
    held: asyncio.Event | None = None
    """While it is there and not set, an attempt at a message takes its time."""

    @activity.defn(name="book")
    async def commit(self, given: dict[str, Any], commit: dict[str, Any]) -> dict[str, Any] | None:
        """As the real one, without a database: nothing that is asked for holds."""
        if activity.info().workflow_id in self.sick:
            raise ApplicationError("cannot be carried out", type="DataError", non_retryable=True)
        self.commits.append(commit)
        return {"truths": [False] * len(commit["ask"])} if commit["ask"] else None

    @activity.defn(name="deliver")
    async def deliver(self, given: dict[str, Any]) -> dict[str, Any]:
        """No message can be made, until it is mended."""
        self.attempts += 1
        if self.held is not None:
            await self.held.wait()
        if self.broken:
            raise ApplicationError("no words", type="DefinitionError", non_retryable=True)
        return {"outcome": "sent"}


@dataclass
class Server:
    """Runs of one journey, on a task queue of their own."""

    client: Client
    runs: Runs
    plan: Plan
    store: Store = field(default_factory=Store)

    def workflow_id(self, name: str) -> str:
        """Of the run of one customer."""
        return f"basket/{uuid.uuid5(uuid.NAMESPACE_DNS, self.runs.task_queue + name)}"

    async def enter(self, name: str) -> str:
        """Start the run of one customer."""
        workflow_id = self.workflow_id(name)
        entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
        await self.runs.start(workflow_id, self.plan, 1, workflow_id.split("/")[1], entry)
        return workflow_id

    async def tell(self, workflow_id: str, name: str, **properties: Any) -> None:
        """An event of the customer."""
        await self.runs.signal(workflow_id, CustomerEvent(str(uuid.uuid4()), name, datetime.now(UTC), properties))

    async def problem(self, workflow_id: str) -> str | None:
        """What an operator sees."""
        description = await self.client.get_workflow_handle(workflow_id).describe()
        return description.typed_search_attributes.get(PROBLEM)

    async def over(self, workflow_id: str) -> Any:
        """Wait for the end; its reason."""
        return await self.client.get_workflow_handle(workflow_id).result()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A worker."""
        async with worker.journey_worker(self.client, self.runs.task_queue, [self.store.commit, self.store.deliver]):
            yield


@pytest.fixture
async def server(temporal_server: Temporal) -> Server:
    bodies: dict[str, bytes] = {}

    async def load(digest: str) -> bytes:
        return bodies[digest]

    async def save(digest: str, body: bytes) -> None:
        bodies[digest] = body

    client = await Client.connect(temporal_server.address, data_converter=data_converter(load, save))
    return Server(client, Runs(client, f"test-{uuid.uuid4()}", {}), planned(JOURNEY))


async def test_commits_that_fail_for_ever_are_seen_and_keep_nobody_waiting(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CONCURRENT", 4)
    names = [f"sick {n}" for n in range(12)]
    server.store.sick = {server.workflow_id(name) for name in names}
    async with server.at_work():
        sick = [await server.enter(name) for name in names]
        await until(lambda: _says(server, sick[-1], "pause:commit.DataError"), "the last one says what is wrong")
        well = await server.enter("well")
        await until(lambda: server.store.commits, "the healthy one commits")
        await server.tell(well, "Gone")
        assert await server.over(well) == "gone"
        assert [await server.problem(one) for one in sick] == ["pause:commit.DataError"] * len(sick)


async def test_who_is_in_trouble_goes_on_when_an_operator_says_so(server: Server) -> None:
    mended, ended = server.workflow_id("mended"), server.workflow_id("ended")
    server.store.sick = {mended, ended}
    async with server.at_work():
        for name, workflow_id in (("mended", mended), ("ended", ended)):
            await server.enter(name)
            await until(lambda one=workflow_id: _says(server, one, "pause:commit.DataError"), "it says what is wrong")
        server.store.sick = set()
        await server.client.get_workflow_handle(mended).signal(RETRY, "")
        await until(lambda: _says(server, mended, None), "it is well again")
        await server.runs.eject(ended, "operator")
        assert await server.over(ended) == "operator"
        await server.tell(mended, "Gone")
        assert await server.over(mended) == "gone"
    for workflow_id in (mended, ended):
        history = await server.client.get_workflow_handle(workflow_id).fetch_history()
        await replaying.assert_same_from_every_cut(history, server.client.data_converter)
        if histories.recording("basket"):
            histories.keep(history, server.plan)


async def test_a_message_that_fails_goes_on_being_seen_while_commits_succeed(server: Server) -> None:
    server.plan = planned({**JOURNEY, **SENDS})
    server.store.broken = True
    async with server.at_work():
        failing = await server.enter("failing")
        await until(lambda: _says(server, failing, "hello:DefinitionError"), "it says what is wrong")
        before = len(server.store.commits)
        await server.tell(failing, "Customer Updated")
        await until(lambda: len(server.store.commits) > before, "a commit succeeds meanwhile")
        await server.tell(failing, "Customer Updated")
        await until(lambda: len(server.store.commits) > before + 1, "and another, so that the first has been answered")
        assert await server.problem(failing) == "hello:DefinitionError"
        await server.client.get_workflow_handle(failing).signal(SKIP, "")
        assert await server.over(failing) == "through"


async def test_a_retry_that_is_asked_for_during_an_attempt_is_not_lost(server: Server) -> None:
    server.plan = planned({**JOURNEY, **SENDS})
    server.store.broken = True
    async with server.at_work():
        failing = await server.enter("failing")
        await until(lambda: _says(server, failing, "hello:DefinitionError"), "it says what is wrong")
        handle, server.store.held = server.client.get_workflow_handle(failing), asyncio.Event()
        before = server.store.attempts
        await handle.signal(RETRY, "")
        await until(lambda: server.store.attempts == before + 1, "it is being tried again")
        await handle.signal(RETRY, "")  # before this attempt fails as well
        await until(lambda: _heard(server, failing, RETRY, 2), "the run was told")
        server.store.held.set()
        await until(lambda: server.store.attempts == before + 2, "it is tried once more, without a wait of minutes")
        server.store.broken = False
        await handle.signal(RETRY, "")
        assert await server.over(failing) == "through"
    await replaying.assert_same_from_every_cut(await handle.fetch_history(), server.client.data_converter)


async def test_a_flood_of_events_while_nobody_works_is_taken_in_without_being_carried_on(server: Server) -> None:
    """Five megabytes: more than a run may be continued with."""
    async with server.at_work():
        flooded = await server.enter("flooded")
        await until(lambda: server.store.commits, "the run rests")
    for _ in range(300):
        await server.tell(flooded, "Noise", text="x" * 18_000)
    async with server.at_work():
        handle = server.client.get_workflow_handle(flooded)
        first = (await handle.describe()).run_id
        await until(lambda: _continued(server, flooded, first), "it continues as new")
        await server.tell(flooded, "Gone")
        assert await server.over(flooded) == "gone"
    history = await handle.fetch_history()
    given = history.events[0].workflow_execution_started_event_attributes.input
    assert given.ByteSize() < 60_000


async def test_a_long_run_continues_as_new_and_goes_on_where_it_was(server: Server) -> None:
    async with server.at_work():
        long = await server.enter("long")
        handle = server.client.get_workflow_handle(long)
        first = (await handle.describe()).run_id
        async with asyncio.timeout(60):
            while not await _continued(server, long, first):
                await server.tell(long, "Noise", text="x")
        await server.tell(long, "Gone")
        assert await server.over(long) == "gone"
    for number, execution in enumerate((first, None)):
        history = await server.client.get_workflow_handle(long, run_id=execution).fetch_history()
        await replaying.assert_same_from_every_cut(history, server.client.data_converter, step=1 if LONG else 20)
        if histories.recording("basket-continued"):
            histories.keep(history, server.plan, part=f"part{number}")


async def _says(server: Server, workflow_id: str, problem: str | None) -> bool:
    return await server.problem(workflow_id) == problem


async def _continued(server: Server, workflow_id: str, first: str | None) -> bool:
    description = await server.client.get_workflow_handle(workflow_id).describe()
    return description.run_id != first and description.status == WorkflowExecutionStatus.RUNNING


async def _heard(server: Server, workflow_id: str, signal: str, times: int) -> bool:
    """Whether the run has been told so often; it has heard of it when a task has ended since."""
    history = await server.client.get_workflow_handle(workflow_id).fetch_history()
    told = [n for n, event in enumerate(history.events) if _signal(event) == signal]
    tasks = [n for n, event in enumerate(history.events) if event.HasField("workflow_task_completed_event_attributes")]
    return len(told) == times and bool(tasks) and tasks[-1] > told[-1]


def _signal(event: Any) -> str:
    return str(event.workflow_execution_signaled_event_attributes.signal_name)
