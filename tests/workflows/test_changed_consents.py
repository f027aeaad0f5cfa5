"""What waits for a consent is woken by every door through which it changes; of two runs after a merge one goes on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.intake.calls import Envelope, read_call
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.timing import REAL_TIME
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.route_events import Router
from orchestrator.router.tell_merged_runs import tell_merged_runs
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.runs.routing import RoutingStore
from tests.waiting import until
from tests.workflows.conftest import Environment
from tests.workflows.live import publish
from workflows.client import Runs

AGREED = {"kind": "consent", "channel": "email", "purpose": "advertising", "granted": True}
REFUSED = {**AGREED, "granted": False}
VIP = {"kind": "attribute", "name": "tier", "value": "vip"}
RISES = ("identify", "proof", "import", "preferences")
FALLS = ("identify", "unsubscribe", "provider", "merge")


def plan(key: str, condition: dict[str, Any], *, by_exit: bool = False) -> Plan:
    """Waits for a condition, in a step or by an exit rule."""
    waiting: dict[str, Any] = {"kind": "wait_until", "settings": {"condition": condition}}
    if by_exit:
        waiting = {"kind": "delay", "settings": {"mode": "duration", "duration": "30d"}}
    made = compile_journey(
        {
            "key": key,
            "name": key,
            "entry": {"triggers": [{"kind": "event", "event": f"Enter {key}"}]},
            "exits": [{"id": "gone", "when": condition}] if by_exit else [],
            "steps": [
                {"id": "wait", "stage": "intake", **waiting},
                {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "gone"}},
            ],
            "edges": [
                {"from": "entry", "to": "wait"},
                {"from": "wait", "to": "end", **({} if by_exit else {"port": "yes"})},
            ],
        }
    )
    assert made.plan is not None, made.problems
    return made.plan


class House:
    """Intake, router and workers together."""

    def __init__(self, environment: Environment, writer: IntakeWriter) -> None:
        self.engine, self.writer = environment.engine, writer
        self.client = environment.client
        self.runs = Runs(environment.client, environment.task_queue, {})
        store = RoutingStore(self.engine)
        self.router = Router(store, self.runs, environment.plans, REAL_TIME, RoutingCounts("redis://127.0.0.1:1"))

    async def call(self, kind: str = "identify", source: Any = "intake", **call: Any) -> None:
        event = read_call(call, kind, Envelope(datetime.now(UTC)), [])
        event.source = source
        await self.writer.store([event])

    async def route(self) -> None:
        while await self.router.route_batch():
            pass

    async def ask(self, query: str, **given: Any) -> list[Any]:
        async with self.engine.connect() as db:
            return list(await db.execute(text(query), given))

    async def customer(self, value: str) -> UUID:
        [(found,)] = await self.ask("select customer_id from identities where value = :value", value=value)
        return found  # type: ignore[no-any-return]

    async def change(self, door: str, user: str, granted: bool) -> None:
        """Through one of the doors."""
        if door in ("identify", "import"):
            source = "import" if door == "import" else "intake"
            await self.call(userId=user, traits={"consents": {"email": granted}}, source=source)
        elif door == "proof":
            proof = {"granted": granted, "at": datetime.now(UTC).isoformat(), "evidence": "form"}
            await self.call(userId=user, traits={"consents": {"email": proof}})
        elif door == "merge":
            await self.call(anonymousId=f"visitor of {user}", traits={"consents": {"email": granted}})
            await self.call("track", userId=user, anonymousId=f"visitor of {user}", event="Viewed")
        else:
            given: dict[str, Any] = {"source": door, "evidence": {}, "at": datetime.now(UTC)}
            async with self.engine.begin() as db:
                await change_consents(db, await self.customer(user), {"email": granted}, **given)

    async def reason(self, key: str, user: str) -> str | None:
        query = "select reason from runs where journey_key = :key and customer_id = :who"
        [(reason,)] = await self.ask(query, key=key, who=await self.customer(user))
        return reason  # type: ignore[no-any-return]


@pytest.fixture
async def house(environment: Environment, database_url: str) -> AsyncIterator[House]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield House(environment, writer)
    await writer.close()


async def test_every_door_by_which_a_consent_changes_wakes_what_waits_for_it(house: House) -> None:
    plans = [plan("agreed", AGREED), plan("refused", REFUSED), plan("leave", REFUSED, by_exit=True)]
    await publish(house.engine, plans)
    await house.router.refresh()
    rises = [(door, f"{door} up", "agreed") for door in RISES]
    falls = [(door, f"{door} down", "refused") for door in FALLS]
    falls.append(("unsubscribe", "leaves", "leave"))
    for _, user, key in rises + falls:
        await house.call(userId=user, traits={"consents": {"email": key != "agreed"}})
        await house.call("track", userId=user, event=f"Enter {key}")
    await house.route()
    await until(lambda: _waiting(house, len(rises + falls)), "every run waits")
    for door, user, key in rises + falls:
        await house.change(door, user, key == "agreed")
    await house.route()
    for door, user, key in rises + falls:
        assert await until(lambda user=user, key=key: house.reason(key, user), f"{door} wakes") == "gone"


async def test_runs_that_wait_since_before_the_event_had_its_name_are_woken_by_it_too(house: House) -> None:
    """They registered for ``Customer Updated`` alone; the plan says what they wait for."""
    plans = [plan("agreed", AGREED), plan("leave", REFUSED, by_exit=True), plan("vip", VIP)]
    await publish(house.engine, plans)
    await house.router.refresh()
    for key in ("agreed", "leave", "vip"):
        await house.call(userId=key, traits={"consents": {"email": key == "leave"}})
        await house.call("track", userId=key, event=f"Enter {key}")
    await house.route()
    await until(lambda: _listening(house, "Customer Updated", 3), "all wait")
    await until(lambda: _waiting(house, 2), "two of them for a consent")
    async with house.engine.begin() as db:
        await db.execute(text("delete from listening where event_name = 'Consent Changed'"))
    before = house.runs.calls.get("signal", 0)
    await house.change("preferences", "agreed", True)
    await house.change("unsubscribe", "leave", False)
    await house.change("preferences", "vip", True)
    await house.route()
    for key in ("agreed", "leave"):
        assert await until(lambda key=key: house.reason(key, key), f"{key} is woken") == "gone"
    assert await house.reason("vip", "vip") is None
    assert house.runs.calls["signal"] - before == 2, "who waits for something else is not disturbed"


async def _listening(house: House, name: str, number: int) -> bool:
    rows = await house.ask("select count(distinct run_id) from listening where event_name = :name", name=name)
    return bool(rows[0][0] == number)


async def _waiting(house: House, number: int) -> bool:
    rows = await house.ask("select count(distinct run_id) from listening where event_name = 'Consent Changed'")
    return bool(rows[0][0] == number)


async def test_of_two_runs_after_a_merge_one_goes_on_and_shows_whose_it_is(house: House) -> None:
    await publish(house.engine, [plan("agreed", AGREED)])
    await house.router.refresh()
    await house.call("track", anonymousId="a", event="Enter agreed")
    await house.call("track", userId="kim", event="Enter agreed")
    await house.route()
    await until(lambda: _waiting(house, 2), "both wait")
    [(visitors, _), (own, _)] = await house.ask("select workflow_id, entered_at from runs order by entered_at")
    await house.call(userId="kim", anonymousId="a")
    await house.route()
    assert await tell_merged_runs(house.engine, house.runs, datetime.now(UTC)) == 2
    assert await house.client.get_workflow_handle(own).result() == "merged"
    kim = str(await house.customer("kim"))
    handle = house.client.get_workflow_handle(visitors)
    await until(lambda: _shows(handle, kim), "SojournCustomer follows")
    await house.change("preferences", "kim", True)
    await house.route()
    assert await handle.result() == "gone"
    ended = dict(await house.ask("select workflow_id, reason from runs"))
    assert ended == {own: "merged", visitors: "gone"}


async def _shows(handle: Any, customer: str) -> bool:
    described = await handle.describe()
    shown = described.typed_search_attributes
    return any(pair.key.name == "SojournCustomer" and pair.value == customer for pair in shown)
