"""Segments in the router: membership is kept before anybody is asked about it, and coming in starts and wakes runs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.run.routing import wakes_at
from orchestrator.core.timing import Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.keep_segments import SegmentKeeper
from orchestrator.router.route_events import Router
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.routing import RoutingStore
from tests.core.run.driver import delay, planned, straight, wait_until
from tests.store.segments.world import World, id_of
from tests.workflows.live import publish

BOUGHT = "Order Completed"
DAY = timedelta(days=1)
ENTERS = {"triggers": [{"kind": "segment", "segment": "buyers"}]}
WITHIN = {"kind": "segment", "segment": "buyers"}


class Told:
    """Runs that were started and signalled."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.started: list[tuple[str, CustomerEvent]] = []
        self.signalled: list[tuple[str, CustomerEvent]] = []

    async def start(self, workflow_id: str, plan: Any, version: int, customer: str, event: Any, **_: Any) -> bool:
        self.started.append((workflow_id, event))
        return True

    async def signal(self, workflow_id: str, customer_event: CustomerEvent, plan: Any = None) -> bool:
        self.signalled.append((workflow_id, customer_event))
        return True


class Routed(World):
    """The same world, routed by a router."""

    told: Told
    router: Router

    async def begin(self, *journeys: Any) -> None:
        """These journeys are live."""
        await publish(self.engine, [planned(one) for one in journeys])
        self.told = Told()
        runs: Any = self.told
        plans, counts = Plans(self.engine), RoutingCounts("redis://127.0.0.1:1")
        store, keeper = RoutingStore(self.engine), SegmentKeeper(self.engine)
        self.router = Router(store, runs, plans, Clock(), counts, segments=keeper)
        await self.router.refresh()

    async def route_all(self) -> None:
        """Until nothing is left."""
        self.router.clock = Clock(86_400.0, datetime.now(UTC), self.now)
        while await self.router.route_batch():
            pass

    def started(self) -> list[str]:
        return [workflow_id.partition("/")[0] for workflow_id, _ in self.told.started]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Routed]:
    engine = create_engine(database_url)
    yield Routed(engine, database_url)
    await engine.dispose()


async def listens(world: World, customer: UUID, name: str) -> None:
    """A run of a customer waits for an event of this name."""
    run = uuid4()
    async with world.engine.begin() as db:
        given = {"run": run, "customer": customer, "name": name, "at": world.now}
        await db.execute(
            text(
                "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, "
                "entry_message_id, status, entered_at) "
                "values (:run, 'waits', 'w', 1, 'h', :customer, '', 'x', 'running', :at)"
            ),
            given,
        )
        listening = "insert into listening (run_id, event_name, customer_id, workflow_id)"
        await db.execute(text(f"{listening} values (:run, :name, :customer, 'waits')"), given)


async def test_coming_in_starts_a_journey_once(world: Routed) -> None:
    await world.begin(straight(delay("d", "1h"), key="hello", entry=ENTERS))
    await world.define("buyers", History(event=BOUGHT, within=30 * DAY))
    await world.settle()
    await world.add(1)
    for _ in range(2):
        await world.event(1, BOUGHT)
        await world.route_all()
    assert world.started() == ["hello"]
    assert world.told.started[0][1].name == "Segment Entered"


async def test_leaving_starts_the_journey_that_waits_for_that(world: Routed) -> None:
    leaves = {"triggers": [{"kind": "segment", "segment": "buyers", "on": "leave"}]}
    await world.begin(straight(delay("d", "1h"), key="come-back", entry=leaves))
    await world.define("buyers", History(event=BOUGHT, within=30 * DAY))
    await world.settle()
    await world.add(1)
    await world.event(1, BOUGHT)
    await world.route_all()
    assert world.started() == []
    world.now += 31 * DAY
    world.router.clock = Clock(86_400.0, datetime.now(UTC), world.now)
    assert not await world.router.keep_due(busy=False)
    await world.route_all()
    assert world.started() == ["come-back"]


async def test_another_definition_starts_nothing_unless_it_is_to(world: Routed) -> None:
    await world.begin(straight(delay("d", "1h"), key="hello", entry=ENTERS))
    await world.define("buyers", Tag(tag="none"))
    await world.settle()
    await world.add(1)
    await world.event(1, BOUGHT)
    await world.route_all()
    await listens(world, id_of(1), "Segment Entered")
    await world.define("buyers", History(event=BOUGHT))
    await world.settle()
    async with world.engine.begin() as db:
        await db.execute(text("update events set routed_at = null where name = 'Segment Entered'"))
    await world.route_all()
    assert world.started() == []
    assert [event.properties["quiet"] for _, event in world.told.signalled] == [True], "who waits hears of it"


async def test_a_filter_sees_the_membership_that_the_same_event_brought(world: Routed) -> None:
    entry = {"triggers": [{"kind": "event", "event": BOUGHT}], "filter": WITHIN}
    await world.begin(straight(delay("d", "1h"), key="thanks", entry=entry))
    await world.define("buyers", History(event=BOUGHT))
    await world.settle()
    await world.add(1)
    await world.event(1, BOUGHT)
    await world.route_all()
    assert world.started() == ["thanks"]


async def test_a_run_that_waits_to_be_in_it_is_woken(world: Routed) -> None:
    waiting = planned(straight(wait_until("w", WITHIN), key="w"))
    assert {"Segment Entered", "Segment Left"} <= {name for step in waiting.steps for name in _wakes(waiting, step)}
    await world.begin()
    await world.define("buyers", History(event=BOUGHT))
    await world.settle()
    await world.add(1)
    await listens(world, id_of(1), "Segment Entered")
    await world.event(1, BOUGHT)
    await world.route_all()
    assert [(workflow, event.name) for workflow, event in world.told.signalled] == [("waits", "Segment Entered")]


def _wakes(plan: Any, step: str) -> frozenset[str]:
    return wakes_at(plan, step)


async def test_a_journey_s_chain_goes_on_through_a_segment(world: Routed) -> None:
    await world.begin()
    await world.define("buyers", History(event=BOUGHT))
    await world.settle()
    await world.add(1)
    message = await world.event(1, BOUGHT)
    async with world.engine.begin() as db:
        chained = "update events set kind = 'system', context = '{\"chain\": 4}' where message_id = :id"
        await db.execute(text(chained), {"id": message})
    await world.route_all()
    async with world.engine.connect() as db:
        told = "select context ->> 'chain' from events where name = 'Segment Entered'"
        assert (await db.execute(text(told))).scalar_one() == "4"


async def test_what_goes_wrong_with_segments_keeps_no_event_from_its_journeys(
    world: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"triggers": [{"kind": "event", "event": BOUGHT}]}
    await world.begin(straight(delay("d", "1h"), key="thanks", entry=entry))
    await world.define("buyers", History(event=BOUGHT))
    await world.settle()
    await world.add(1)
    await world.event(1, BOUGHT)
    with monkeypatch.context() as broken:
        broken.setattr("orchestrator.store.segments.membership.keep", lambda *_: 1 / 0)
        await world.route_all()
    assert world.started() == ["thanks"]
    assert await world.members() == {}
    await world.router.keep_due(busy=False)
    assert await world.members() == {"buyers": {id_of(1)}}, "looked at again"
