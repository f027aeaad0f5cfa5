"""Membership that is kept by events and deadlines is what the condition says of everybody, by SQL and in memory."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.core.conditions.model import Condition, scopes, segments_of
from orchestrator.core.conditions.tree import AllOf, Not
from orchestrator.store.database import create_engine
from orchestrator.store.segments import documents
from orchestrator.store.segments.build import build_some
from tests.examples import examples
from tests.store.segments.world import World, id_of
from tests.strategies.conditions import NO_SEGMENTS, SEGMENTS, conditions, customer_events, customers

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LATER = "upon-others"
KEYS = (*SEGMENTS, LATER)
EMPTY = text("""
truncate customers, events, segments, segment_members, segment_changes, segment_sizes, segment_recheck, runs,
    identities, consent_log, devices
""")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    engine = create_engine(database_url)
    yield World(engine, database_url)
    await engine.dispose()


ORDERED = History(event="Order Completed")
SILENT = AllOf(of=(ORDERED, History(event="Order Completed", within=30 * DAY, op="eq", value=0)))


async def test_an_event_brings_somebody_in_and_time_takes_them_out(world: World) -> None:
    await world.define("buyers", History(event="Order Completed", within=30 * DAY))
    await world.add(1)
    await world.settle()
    order = await world.event(1, "Order Completed")
    assert (await world.settle())[-1].name == "Segment Entered"
    assert await world.members() == {"buyers": {id_of(1)}}
    entered = world.now
    world.now += 30 * DAY + 3 * MINUTE  # nobody looked at the very instant
    told = await world.settle()
    assert [one.name for one in told] == ["Segment Left"]
    assert told[0].occurred_at == entered + 30 * DAY, "it counts from when it came about"
    assert await world.members() == {}
    assert [(one.entered, one.cause, one.event) for one in await world.changes()] == [
        (True, "event", order),
        (False, "time", None),
    ]


async def test_an_event_says_which_segment_and_why(world: World) -> None:
    await world.define("buyers", ORDERED)
    await world.add(1)
    await world.settle()
    await world.event(1, "Order Completed")
    [told] = [one for one in await world.settle() if one.name == "Segment Entered"]
    assert told.properties == {"segment": "buyers", "cause": "event", "version": 1}


async def test_who_does_nothing_is_in_what_holds_of_everybody(world: World) -> None:
    await world.define("no-order", Not(of=ORDERED))
    await world.settle()
    await world.add(1)
    await world.event(1, "Signed Up")
    await world.settle()
    assert await world.members() == {"no-order": {id_of(1)}}


async def test_the_same_event_again_changes_nothing(world: World) -> None:
    await world.define("buyers", ORDERED)
    await world.settle()
    await world.add(1)
    await world.event(1, "Order Completed")
    await world.settle()
    async with world.engine.begin() as db:
        await db.execute(text("update events set routed_at = null"))
    await world.settle()
    assert len(await world.changes()) == 1


async def test_a_first_build_tells_nobody_unless_it_is_to_start_journeys(world: World) -> None:
    await world.add(1, Customer(tags=["vip"]))
    await world.settle()
    await world.define("vip", Tag(tag="vip"))
    assert [one.name for one in await world.settle()] == []
    assert await world.members() == {"vip": {id_of(1)}}
    await world.define("asked", Tag(tag="vip"), starts=True)
    [told] = await world.settle()
    assert (told.name, told.properties.get("quiet")) == ("Segment Entered", None)


async def test_another_definition_is_told_to_those_who_wait_and_starts_nothing(world: World) -> None:
    for number in (1, 2):
        await world.add(number, Customer(tags=["vip"]))
    await world.define("vip", Tag(tag="vip"))
    await world.settle()
    async with world.engine.begin() as db:
        wait = "insert into listening (run_id, event_name, customer_id, workflow_id) values (:c, :n, :c, 'w')"
        await db.execute(text(wait), {"c": id_of(1), "n": "Segment Left"})
    await world.define("vip", Tag(tag="gold"))
    [told] = await world.settle()
    assert (told.name, told.properties["quiet"], told.properties["cause"]) == ("Segment Left", True, "definition")
    assert [(one.entered, one.cause) for one in await world.changes()] == [(False, "definition")] * 2
    assert await world.members() == {}


async def test_until_a_build_is_done_the_old_membership_stands_and_both_are_kept(world: World) -> None:
    for number in range(6):
        await world.add(number, Customer(tags=["vip"]))
    await world.define("vip", Tag(tag="vip"))
    await world.settle()
    everybody = {id_of(number) for number in range(6)}
    await world.define("vip", Tag(tag="gold"))
    await build_some(world.engine, world.now, chunk=2)
    assert await world.members() == {"vip": everybody}, "one chunk is not a build"
    last = max(range(6), key=id_of)
    first = min(range(6), key=id_of)
    for number in (first, last):
        await world.profile(number, Customer(tags=["gold"]))
        await world.route()
    assert await world.members() == {"vip": everybody - {id_of(first), id_of(last)}}, "by the old definition"
    await world.settle()
    assert await world.members() == {"vip": {id_of(first), id_of(last)}}, "by the new one"
    async with world.engine.connect() as db:
        assert (await db.execute(text("select distinct build from segment_members"))).scalars().all() == [2]


async def test_a_build_that_cannot_go_on_says_so_and_keeps_what_stood(world: World) -> None:
    await world.add(1, Customer(tags=["vip"]))
    await world.define("vip", Tag(tag="vip"))
    await world.settle()
    await world.define("vip", Tag(tag="gold"))
    async with world.engine.begin() as db:
        await db.execute(text("""update segments set build_condition = '{"kind": "of a later build"}'"""))
    await world.settle()
    assert await world.members() == {"vip": {id_of(1)}}
    async with world.engine.connect() as db:
        assert (await db.execute(text("select build_error from segments"))).scalar_one() == "unreadable"


async def test_a_segment_upon_another_follows_it(world: World) -> None:
    await world.define("buyers", ORDERED)
    await world.define("vip-buyers", AllOf(of=(InSegment(segment="buyers"), Tag(tag="vip"))))
    await world.add(1, Customer(tags=["vip"]))
    await world.settle()
    assert await world.members() == {}
    await world.event(1, "Order Completed")
    await world.settle()
    assert await world.members() == {"buyers": {id_of(1)}, "vip-buyers": {id_of(1)}}
    await world.define("buyers", History(event="Order Completed", op="gte", value=2))
    await world.settle()
    assert await world.members() == {}


async def test_two_who_are_one_are_worked_out_anew(world: World) -> None:
    await world.define("twice", History(event="Order Completed", op="gte", value=2))
    await world.define("once", History(event="Order Completed", op="eq", value=1))
    for number in (1, 2):
        await world.add(number)
        await world.event(number, "Order Completed")
    await world.settle()
    assert await world.members() == {"once": {id_of(1), id_of(2)}}
    await world.merge(1, 2)
    await world.settle()
    assert await world.members() == {"twice": {id_of(2)}}


async def test_an_archived_segment_lets_nobody_through(world: World) -> None:
    await world.define("vip", Tag(tag="vip"))
    await world.add(1, Customer(tags=["vip"]))
    await world.settle()
    for member in (True, False):
        asked = InSegment(segment="vip", member=member)
        assert await world.by_sql(asked) == await world.in_memory(asked) == ({id_of(1)} if member else set())
    async with world.engine.begin() as db:
        await documents.archive_segment(db, "vip", True, world.now, "test")
    await world.settle()
    for member in (True, False):
        asked = InSegment(segment="vip", member=member)
        assert await world.by_sql(asked) == await world.in_memory(asked) == set()
    async with world.engine.begin() as db:
        await documents.archive_segment(db, "vip", False, world.now, "test")
    await world.settle()
    assert await world.members() == {"vip": {id_of(1)}}


# --- trees and streams that are drawn ---------------------------------------------------------------------------------


def asks_only(allowed: frozenset[str]) -> Any:
    """Conditions that a segment may have, which ask about no segments but these."""
    fits = allowed | frozenset(NO_SEGMENTS)
    return conditions().filter(lambda one: "event" not in scopes(one) and segments_of(one) <= fits)


def definitions() -> st.SearchStrategy[dict[str, Condition]]:
    return st.fixed_dictionaries(
        {key: asks_only(frozenset(SEGMENTS[:n])) for n, key in enumerate(SEGMENTS)}
        | {LATER: asks_only(frozenset(SEGMENTS))}
    )


PEOPLE = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("event"), PEOPLE, customer_events()),
    st.tuples(st.just("event"), PEOPLE, customer_events()),
    st.tuples(st.just("event"), PEOPLE, customer_events()),
    st.tuples(st.just("profile"), PEOPLE, customers()),
    st.tuples(st.just("clock"), st.sampled_from((MINUTE, 5 * 60 * MINUTE, DAY, 3 * DAY, 8 * DAY))),
    st.tuples(st.just("clock"), st.sampled_from((timedelta(microseconds=1), 7 * DAY, 35 * DAY))),
    st.tuples(st.just("merge"), PEOPLE, PEOPLE),
    st.tuples(st.just("define"), st.sampled_from(KEYS)),
)


@pytest.mark.timeout(1_800)
@settings(
    max_examples=examples(100),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(first=definitions(), second=definitions(), steps=st.lists(STEPS, min_size=4, max_size=14), at_once=st.booleans())
def test_what_is_kept_is_what_the_conditions_say(
    database_url: str, first: dict[str, Condition], second: dict[str, Condition], steps: list[Any], at_once: bool
) -> None:
    asyncio.run(_live_through(database_url, first, second, steps, at_once))


async def _live_through(
    database_url: str,
    first: Mapping[str, Condition],
    second: Mapping[str, Condition],
    steps: list[Any],
    at_once: bool,
) -> None:
    """``at_once``: all happens before anybody looks; else membership is compared after each step."""
    engine = create_engine(database_url)
    try:
        async with engine.begin() as db:
            await db.execute(EMPTY)
        world, current, merged = World(engine, database_url), dict(first), set[int]()
        for number in range(3):  # the fourth comes with their first event
            await world.add(number)
        for key, condition in current.items():
            await world.define(key, condition)
        known = {0, 1, 2}
        for step in steps:
            await _take(world, step, current, second, known, merged)
            if not at_once:
                await _compare(world, current)
        await _compare(world, current)
        await _told_in_turn(world, {id_of(number) for number in merged})
    finally:
        await engine.dispose()


async def _take(
    world: World,
    step: Any,
    current: dict[str, Condition],
    second: Mapping[str, Condition],
    known: set[int],
    merged: set[int],
) -> None:
    match step:
        case ("event", number, event):
            if number not in known:
                known.add(number)
                await world.add(number)
            await world.event(number, event.name, event.occurred_at, event.properties)
        case ("profile", number, person) if number in known and number not in merged:
            await world.profile(number, person)
        case ("clock", ahead):
            world.now += ahead
        case ("merge", source, target) if source != target and {source, target} <= known - merged:
            await world.merge(source, target)
            merged |= {source}
        case ("define", key):
            current[key] = second[key]
            await world.define(key, second[key])


async def _compare(world: World, current: Mapping[str, Condition]) -> None:
    await world.settle()
    assert await world.overdue() == 0
    kept = await world.members()
    for key, condition in current.items():
        by_sql = await world.by_sql(condition)
        assert by_sql == await world.in_memory(condition), condition
        assert kept.get(key, set()) == by_sql, (key, condition)


async def _told_in_turn(world: World, merged: set[UUID]) -> None:
    """Nobody comes in who is in, and nobody leaves who is not."""
    if merged:
        return  # two histories have become one
    last: dict[tuple[str, UUID], bool] = defaultdict(lambda: False)
    seen = set()
    for one in await world.changes():
        place = (one.segment_key, one.customer_id)
        assert place not in seen or last[place] is not one.entered, place
        seen.add(place)
        last[place] = one.entered
