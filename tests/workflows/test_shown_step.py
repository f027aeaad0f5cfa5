"""Where a run rests can be read and searched in Temporal, at the price of one event for each further rest."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.stack import SEARCH_ATTRIBUTES, Temporal
from tests.core.run.driver import message, planned
from tests.waiting import until
from tests.workflows import replaying
from tests.workflows.test_trouble import Store
from workflows import client as workflows_client
from workflows import journey_run, worker
from workflows.client import EXTERNAL_ID, Runs, shows_step
from workflows.payloads import data_converter
from workflows.shown import STEP

WAITING: dict[str, Any] = {
    "key": "basket",
    "name": {"en": "Basket", "ko": "바구니"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "exits": [{"id": "gone", "event": "Gone", "reason": "gone"}],
    "steps": [
        {"id": "first", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1s"}},
        message("hello"),
        {"id": "second", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "30d"}},
        {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "through"}},
    ],
    "edges": [
        {"from": "entry", "to": "first"},
        {"from": "first", "to": "hello"},
        {"from": "hello", "to": "second"},
        {"from": "second", "to": "end"},
    ],
}


@pytest.fixture
async def client(temporal_server: Temporal) -> Client:
    bodies: dict[str, bytes] = {}

    async def load(digest: str) -> bytes:
        return bodies[digest]

    async def save(digest: str, body: bytes) -> None:
        bodies[digest] = body

    return await Client.connect(temporal_server.address, data_converter=data_converter(load, save))


async def lived(client: Client, *, shown: bool) -> tuple[WorkflowHistory, list[str | None]]:
    """A run that rests twice and is ended by an event: its history, and what it said at each rest."""
    runs = Runs(client, f"test-{uuid.uuid4()}", {}, "en", shown)
    store, workflow_id = Store(), f"basket/{uuid.uuid4()}"
    entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
    said: list[str | None] = []

    async def says() -> str | None:
        description = await client.get_workflow_handle(workflow_id).describe()
        return description.typed_search_attributes.get(STEP)

    async def rests_at_the_second() -> bool:
        return any("second" in str(commit) for commit in store.commits)

    async with worker.journey_worker(client, runs.task_queue, [store.commit, store.deliver]):
        await runs.start(workflow_id, planned(WAITING), 3, workflow_id.split("/")[1], entry)
        said.append(await says())
        await until(rests_at_the_second, "it has come to the second rest")
        if shown:
            await until(lambda: _is(says, "second"), "it says so")
        said.append(await says())
        await runs.signal(workflow_id, CustomerEvent(str(uuid.uuid4()), "Gone", datetime.now(UTC), {}))
        await client.get_workflow_handle(workflow_id).result()
    return await client.get_workflow_handle(workflow_id).fetch_history(), said


async def _is(ask: Any, wanted: str) -> bool:
    return bool(await ask() == wanted)


def events(history: WorkflowHistory, *kinds: Any) -> int:
    return sum(not kinds or event.event_type in kinds for event in history.events)


async def test_a_run_says_where_it_rests_for_one_event_a_further_rest(client: Client) -> None:
    (shown, said), (hidden, silent) = await asyncio.gather(lived(client, shown=True), lived(client, shown=False))
    assert said == ["first", "second"]
    assert silent == [None, None]
    upserts = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    assert (events(shown, upserts), events(hidden, upserts)) == (1, 0)
    # The first step stands in the start, and the message was only passed.
    assert events(shown) == events(hidden) + 1


async def test_both_kinds_of_run_are_the_same_from_every_cut(client: Client) -> None:
    for shown in (True, False):
        history, _ = await lived(client, shown=shown)
        await replaying.assert_same_from_every_cut(history, client.data_converter)


async def test_a_run_that_continues_as_new_says_nothing_twice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey_run, "LONG_HISTORY", 1)
    runs = Runs(client, f"test-{uuid.uuid4()}", {}, "en", True)
    store, workflow_id = Store(), f"basket/{uuid.uuid4()}"
    handle = client.get_workflow_handle(workflow_id)
    entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
    async with worker.journey_worker(client, runs.task_queue, [store.commit, store.deliver]):
        await runs.start(workflow_id, planned(WAITING), 1, workflow_id.split("/")[1], entry)

        async def says() -> str | None:
            return (await handle.describe()).typed_search_attributes.get(STEP)

        await until(lambda: _is(says, "second"), "it says where it rests")
        await runs.signal(workflow_id, CustomerEvent(str(uuid.uuid4()), "Gone", datetime.now(UTC), {}))
        await handle.result()
    upserts = [
        event
        for event in (await handle.fetch_history()).events
        if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    ]
    assert upserts == []


async def test_the_temporal_ui_reads_the_journey_and_its_version(client: Client) -> None:
    history, _ = await lived(client, shown=True)
    summary = history.events[0].user_metadata.summary
    assert client.data_converter.payload_converter.from_payload(summary, str) == "Basket · v3"


@pytest.mark.parametrize(
    ("external_id", "kept"),
    [
        ("shop-17", True),
        ("17", True),
        ("jiwoo@example.com", False),
        ("01023450001", False),
        ("+82 10-2345-0001", False),
    ],
)
async def test_the_shops_own_id_is_kept_beside_the_run_unless_it_is_an_address(
    client: Client, external_id: str, kept: bool
) -> None:
    runs = Runs(client, f"test-{uuid.uuid4()}", {})
    workflow_id = f"basket/{uuid.uuid4()}"
    entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
    await runs.start(workflow_id, planned(WAITING), 1, workflow_id.split("/")[1], entry, external_id=external_id)
    handle = client.get_workflow_handle(workflow_id)
    assert await (await handle.describe()).memo() == ({EXTERNAL_ID: external_id} if kept else {})
    await handle.terminate()


async def test_a_namespace_that_knows_no_step_gets_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await shows_step(client)
    unknown = type(STEP).for_keyword("SojournUnheardOf")
    monkeypatch.setattr(workflows_client, "STEP", unknown)
    assert not await shows_step(client)


def test_what_is_searched_by_is_what_the_server_is_told_of() -> None:
    assert {one.name for one in workflows_client.SEARCH_ATTRIBUTES} == set(SEARCH_ATTRIBUTES)
