"""Publishing over runs in flight, on a real server: a share first, then all, or back; none lost, none sent twice."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from api.journeys.run_path import path_as_json, plans_followed
from api.operations.moving import Moving, foresee, move, move_back
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.step_mapping import Place
from orchestrator.core.run.placing import Move, moved
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, Simulator, compliant
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.operations.pauses import pause
from orchestrator.store.operations.progress import count_items, load_operation
from orchestrator.store.runs.path import load_path
from tests.examples import LONG
from tests.waiting import until
from tests.workflows import histories, replaying
from tests.workflows.many_runs import Crowd, crowd, delay, journey, letter, plan_of
from workflows.shown import VERSION

pytestmark = pytest.mark.timeout(300)
KIM = By("Kim", "session")
MANY = 2000 if LONG else 40


def wait(id: str, event: str, window: str) -> dict[str, Any]:
    return {"id": id, "kind": "wait_for_event", "settings": {"branches": [{"event": event}], "window": window}}


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        yield found


async def _done(people: Crowd, operation: UUID) -> bool:
    found = await load_operation(people.engine, operation)
    return found is not None and found.status == "done"


async def _standing(people: Crowd, where: str, count: int) -> bool:
    return await people.count(f"finished_at is null and {where}") == count


async def _settled(people: Crowd, operation: UUID) -> dict[str, int]:
    await until(partial(_done, people, operation), "it is done", seconds=120)
    return await count_items(people.engine, operation)


async def _move(people: Crowd, moving: Moving, per_second: float = 100) -> UUID:
    return await move(people.engine, people, Plans(people.engine), moving, KIM, "better words", per_second)


def _versions() -> tuple[Plan, Plan]:
    """Before: a greeting, two waits, a reminder. After: the second wait is gone, the first is shorter, and there is
    another message after it."""
    one = journey("basket", letter("hello"), wait("order", "Ordered", "20d"), delay("pause", "30d"), letter("reminder"))
    two = journey("basket", letter("hello"), wait("order", "Ordered", "10d"), letter("second"), delay("rest", "5d"))
    return plan_of(one), plan_of(two)


async def test_a_share_then_all_then_back_though_the_worker_is_killed(people: Crowd) -> None:
    one, two = _versions()
    await people.publish(one)
    await people.enter(one, MANY)
    await until(partial(_standing, people, "step = 'order'", MANY), "all wait", seconds=120)
    await people.publish_next(two)

    steps = {"order": Place("order", "recomputed"), "pause": Place("rest", "restarted"), "reminder": Place("second")}
    whole = Moving("basket", 1, 2, steps)
    foreseen = await foresee(people.engine, Plans(people.engine), whole)
    assert (foreseen.count, foreseen.open) == (MANY, ())
    [group] = foreseen.steps
    assert (group.step, group.why, group.runs, group.due, group.sends) == ("order", "same", MANY, 0, ("second",))
    (before, _), (after, last) = group.before, group.after
    assert before is not None
    assert after is not None
    assert last is not None
    assert (before - after).days == 10

    canary = Moving("basket", 1, 2, steps, share=20)
    few = (await foresee(people.engine, Plans(people.engine), canary)).count
    assert 0 < few < MANY
    first = await _move(people, canary)
    assert await _settled(people, first) == {"done": few}
    assert await people.count("version = 2 and plan_hash = :hash", hash=two.hash) == few

    rest = await _move(people, whole, per_second=20 if not LONG else 100)
    await until(
        lambda: people.value("select count(*) > :few from runs where version = 2", few=few + 5), "some are moved"
    )
    await people.kill()
    await people.work()
    assert await _settled(people, rest) == {"done": MANY - few}
    assert await people.count("version = 2 and step = 'order' and finished_at is null") == MANY
    # Counted from when they got there: ten days, not twenty.
    assert (
        await people.count("waiting_until between entered_at + interval '9 days' and now() + interval '11 days'")
        == MANY
    )
    assert await people.value("select count(*) from transitions where what = 'moved'") == MANY

    back = await move_back(people.engine, people, Plans(people.engine), await _operation(people, first), KIM)
    assert await _settled(people, back) == {"done": few}
    assert await people.count("version = 1 and waiting_until > now() + interval '19 days'") == few
    # Each has had one greeting, and nothing else.
    assert await people.value("select count(*) from outbox") == MANY
    assert await people.value("select count(distinct customer_id) from sends where status = 'sent'") == MANY


async def _operation(people: Crowd, operation: UUID) -> Any:
    return await load_operation(people.engine, operation)


async def test_a_moved_run_goes_on_by_its_new_version_and_replays(people: Crowd) -> None:
    one, two = _versions()
    await people.publish(one)
    [run] = await people.enter(one, 1)
    await until(partial(_standing, people, "step = 'order'", 1), "it waits", seconds=60)
    await people.publish_next(two)
    workflow = await people.value("select workflow_id from runs where id = :id", id=run)
    before = (await people.runs.client.get_workflow_handle(workflow).describe()).run_id
    await _settled(people, await _move(people, Moving("basket", 1, 2, {"order": Place("order", "fired")})))
    await until(partial(_standing, people, "step = 'rest'", 1), "it went on", seconds=60)
    found = await load_path(people.engine, run)
    assert found is not None
    told = path_as_json(found, {plan.hash: plan for plan in (one, two)}, ZoneInfo("Asia/Seoul"), {})
    words = [line["text"]["en"] for line in told["transitions"] if line["what"] == "moved"]
    assert words == ["Moved to another version of the journey"]
    # What was before the move is told by the plan of then.
    assert plans_followed(found)[0] == one.hash
    assert plans_followed(found)[-1] == two.hash
    sent = "select string_agg(step, ',' order by step) from sends where status = 'sent'"
    assert await people.value(sent) == "hello,second"
    described = await people.runs.client.get_workflow_handle(workflow).describe()
    assert described.typed_search_attributes.get(VERSION) == 2
    assert described.run_id != before
    parts = [people.runs.client.get_workflow_handle(workflow, run_id=id) for id in (before, described.run_id)]
    for n, part in enumerate(parts):
        history = await part.fetch_history()
        if histories.recording("moved"):
            histories.keep(history, one, two, part=f"part{n}")
        await replaying.assert_same_from_every_cut(history, people.runs.client.data_converter)


@pytest.mark.long
async def test_who_stands_still_is_moved_and_what_was_held_is_not_sent(people: Crowd) -> None:
    one = plan_of(journey("news", letter("news"), delay("pause", "30d")))
    two = plan_of(journey("news", letter("news"), delay("rest", "1d"), letter("later")))
    await people.publish(one)
    async with session_factory(people.engine)() as session, session.begin():
        assert await pause(session, "channel:email", KIM)
    await people.enter(one, 4)
    await until(partial(_standing, people, "parked_at is not null", 4), "all stand still", seconds=60)
    await people.publish_next(two)
    operation = await _move(people, Moving("news", 1, 2, {"news": Place("rest", "restarted")}))
    assert await _settled(people, operation) == {"done": 4}
    assert await people.count("step = 'rest' and parked_at is null and version = 2") == 4
    assert await people.value("select count(*) from sends where status = 'skipped' and reason = 'moved'") == 4
    assert await people.value("select count(*) from outbox") == 0


async def test_moved_runs_go_where_the_simulator_says(people: Crowd) -> None:
    one, two = _versions()
    await people.publish(one)
    places = [Place("order"), Place("order", "recomputed"), Place("order", "fired"), Place("rest"), Place("second")]
    ids = await people.enter(one, len(places))
    await until(partial(_standing, people, "step = 'order'", len(places)), "all wait", seconds=60)
    await people.publish_next(two)
    wanted = [Moving("basket", 1, 2, {"order": to}, runs=(run,)) for run, to in zip(ids, places, strict=True)]
    for operation in [await _move(people, moving) for moving in wanted]:
        await until(partial(_done, people, operation), "it is done", seconds=60)
    for run, to in zip(ids, places, strict=True):
        simulated = _simulated(one, two, to)
        await until(partial(_has_lines, people, run, len(simulated)), f"{to} went on", seconds=30)
        assert await _lines(people, run) == simulated


def _simulated(one: Plan, two: Plan, place: Place) -> list[tuple[str, str, int, str]]:
    """The same in the simulator, an hour after the entry."""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    person = Person("someone", contacts={"email": "someone@example.com"})
    later = at + timedelta(hours=1)
    simulator = Simulator(Routes((one,)), person, later, compliant(), timedelta(0))
    [run] = simulator.walk([CustomerEvent("m1", "Visited", at, {})]).runs
    told = moved(one, two, run.state.step, Move("operation", 2, later, {"order": place}), later)
    assert told is not None
    simulator.move(run, two, told)
    simulator.timers_before(later + timedelta(microseconds=1))
    lines = [*run.transitions, *run.state.unrecorded]
    return [(line.what, line.step, line.occurrence, line.port) for line in lines]


async def _lines(people: Crowd, run: UUID) -> list[tuple[str, str, int, str]]:
    found = await load_path(people.engine, run)
    assert found is not None
    return [(line.what, line.step, line.occurrence, line.port) for line in found.lines]


async def _has_lines(people: Crowd, run: UUID, count: int) -> bool:
    return len(await _lines(people, run)) >= count
