"""What came of an experiment and of a holdout, against sums by hand and against a plain count over what was put in."""

import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.experiments.metrics import Metric, metric_of
from orchestrator.core.experiments.periods import wholes
from orchestrator.core.experiments.sums import ArmSums
from orchestrator.core.traits.definition import Orders
from orchestrator.store.database import create_engine
from orchestrator.store.experiments.holdouts import load_journey_holdout, load_workspace_holdout
from orchestrator.store.experiments.outcomes import Outcomes, load_outcomes
from tests.store.experiments.exposed_people import EXPERIMENT, JOURNEY, People, day

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
ARMS = ("a", "b")
UNTIL = day(60)


@pytest.fixture
async def people(database_url: str) -> AsyncIterator[People]:
    engine = create_engine(database_url)
    yield People(engine)
    await engine.dispose()


async def outcomes(engine: AsyncEngine, metric: Metric, until: Any = UNTIL) -> Outcomes:
    return await load_outcomes(engine, EXPERIMENT, JOURNEY, metric, Orders(), until, "Asia/Seoul")


async def test_sums_by_hand(people: People) -> None:
    """Two of a, one of b. Before: Ann 10 and 20. After: Ann 30 and 5, Bob 7, Cleo 100 in dollars, and too late 9."""
    ann, bob = people.exposed("a", 0), people.exposed("a", 1)
    cleo = people.exposed("b", 0)
    for at, revenue in ((-5, 10), (-1, "20"), (2, 30), (6, 5), (8, 1_000), (-31, 500)):
        people.order(ann, at, revenue)
    people.order(bob, 3, "7")
    people.order(bob, 4, "not a number")
    people.order(cleo, 1, 100, "usd")
    people.order(cleo, 2, 9)
    people.event(cleo, "Order Cancelled", 2, revenue=77)
    await people.save()
    found = await outcomes(people.engine, Metric("revenue", within=WEEK, before=MONTH))
    assert set(found.currencies) == {"KRW", "USD"}
    # Ann: y 35 = 30 + 5, x 30 = 10 + 20. Bob: y 7. So y 42, y² 1225 + 49, x 30, x² 900, xy 35 · 30.
    assert found.totals(ARMS, "KRW") == [
        ArmSums("a", 2, 42.0, 1274.0, 30.0, 900.0, 1050.0),
        ArmSums("b", 1, 9.0, 81.0),
    ]
    assert found.totals(ARMS, "USD") == [ArmSums("a", 2, 0.0, 0.0), ArmSums("b", 1, 100.0, 10_000.0)]
    ordered = await outcomes(people.engine, Metric("orders", within=WEEK, before=MONTH))
    assert ordered.totals(ARMS) == [ArmSums("a", 2, 2.0, 2.0, 2.0, 4.0, 2.0), ArmSums("b", 1, 1.0, 1.0)]


async def test_each_day_has_the_sums_that_somebody_saw_then(people: People) -> None:
    ann = people.exposed("a", 0)
    people.order(ann, -1, 10)
    people.order(ann, 0.1, 3)
    people.order(ann, 2, 4)
    people.exposed("b", 1)
    await people.save()
    metric = Metric("revenue", within=WEEK, before=MONTH)
    course = [(on, wholes(periods)) for on, periods in (await outcomes(people.engine, metric)).course("KRW")]
    assert [on for on, _ in course] == [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)]
    for on, sums in course:
        end = day((on - date(2026, 1, 5)).days + 0.5)
        assert sums == (await outcomes(people.engine, metric, end)).totals(ARMS, "KRW")
    assert course[-1][1][0] == ArmSums("a", 1, 7.0, 49.0, 10.0, 100.0, 70.0)


async def test_goals_events_and_messages_count_a_customer_once_and_within_the_window_alone(people: People) -> None:
    ann, bob, cleo = people.exposed("a", 0), people.exposed("a", 0), people.exposed("b", 0)
    for at in (-1, 3, 4):
        people.goal(ann, at)
    people.goal(bob, 8)
    people.goal(cleo, 1, goal="other")
    people.goal(cleo, 1, journey="news")
    for at in (1, 2):
        people.event(ann, "Message Clicked", at, journey=JOURNEY)
    people.event(bob, "Message Clicked", 1, journey="news")
    people.event(cleo, "Message Complained", 1, journey=JOURNEY)
    people.event(cleo, "Wished", 7)
    await people.save()
    for spelled, expected in {
        "goal:bought": (1, 0),
        "goal:other": (0, 1),
        "clicked": (1, 0),
        "complained": (0, 1),
        "event:Wished": (0, 1),
        "event:Message Clicked": (2, 0),
        "opened": (0, 0),
    }.items():
        metric = metric_of(spelled, WEEK)
        assert metric is not None, spelled
        assert str(metric) == spelled
        found = (await outcomes(people.engine, metric)).totals(ARMS)
        assert found == [ArmSums("a", 2, *[float(expected[0])] * 2), ArmSums("b", 1, *[float(expected[1])] * 2)], (
            spelled
        )
    ever = metric_of("goal:bought", None)
    assert ever is not None
    assert [one.y for one in (await outcomes(people.engine, ever)).totals(ARMS)] == [2, 0]
    for unknown in ("goal", "revenue:x", "speed", "event:"):
        assert metric_of(unknown) is None


async def test_left_out_are_two_arms_moved_arms_and_whoever_had_no_choice(people: People) -> None:
    people.exposed("a", 0)
    people.exposed("a", 0, crossed=True)
    people.exposed("a", 0, moved_from="c")
    people.exposed("a", 0, weights={"a": 1, "b": 0})
    people.exposed("a", 61)
    await people.save()
    assert [one.n for one in (await outcomes(people.engine, Metric("orders"))).totals(ARMS)] == [1, 0]


async def test_customers_of_different_weights_are_periods_of_their_own(people: People) -> None:
    even, uneven = {"a": 1, "b": 1}, {"a": 9, "b": 1, "c": 0}
    for arm, weights, bought in (("a", even, True), ("b", even, False), ("a", uneven, False), ("a", uneven, True)):
        who = people.exposed(arm, 0 if weights == even else 1, weights=weights)
        if bought:
            people.goal(who, 2)
    await people.save()
    first, second = (await outcomes(people.engine, Metric("goal", "bought"))).periods()
    assert [(one.arm, one.n, one.y) for one in first.arms] == [("a", 1, 1), ("b", 1, 0)]
    assert [(one.arm, one.n, one.y) for one in second.arms] == [("a", 2, 1), ("b", 0, 0)]
    assert (first.shares, second.shares) == ({"a": 1, "b": 1}, {"a": 9, "b": 1})


async def test_a_plain_count_over_what_was_put_in_says_the_same(people: People) -> None:
    draw = random.Random(5)
    orders: dict[UUID, list[tuple[float, float]]] = {}
    exposed: dict[UUID, tuple[str, float]] = {}
    for _ in range(60):
        arm, at = draw.choice(ARMS), draw.uniform(0, 20)
        who = people.exposed(arm, at)
        exposed[who], orders[who] = (arm, at), []
        for _ in range(draw.randrange(6)):
            when, amount = draw.uniform(-40, 55), float(draw.randrange(1, 500))
            people.order(who, when, amount)
            orders[who].append((when, amount))
    await people.save()
    found = (await outcomes(people.engine, Metric("revenue", within=WEEK, before=MONTH))).totals(ARMS, "KRW")
    for sums in found:
        of = [(at, orders[who]) for who, (arm, at) in exposed.items() if arm == sums.arm]
        after = [sum(amount for when, amount in own if at <= when <= at + 7) for at, own in of]
        before = [sum(amount for when, amount in own if at - 30 <= when < at) for at, own in of]
        plain = ArmSums.of(sums.arm, after, before)
        assert sums.n == plain.n
        for name in ("y", "yy", "x", "xx", "xy"):
            assert getattr(sums, name) == pytest.approx(getattr(plain, name)), (sums.arm, name)


async def test_a_holdout_is_compared_with_everybody_whom_it_might_have_been(people: People) -> None:
    entered, refused, held = (people.decided(one, 0) for one in ("admitted", "filter", "holdout"))
    people.decided("admitted", 3, who=held)  # a percentage that was lowered: the first decision counts
    kept = people.decided("workspace_holdout", 0)
    people.decided("paused", 0, who=uuid4())
    for who, amount in ((entered, 50), (refused, 20), (held, 5), (kept, 30)):
        people.order(who, 1, amount)
        people.order(who, -2, 8)
        people.order(who, 9, 1_000)
    await people.save()
    one = await load_journey_holdout(people.engine, JOURNEY, Orders(), UNTIL, WEEK, MONTH)
    assert one.orders == (ArmSums("treated", 2, 2, 2, 2, 2, 2), ArmSums("holdout", 1, 1, 1, 1, 1, 1))
    assert one.revenue == {
        "KRW": (ArmSums("treated", 2, 70, 2_900, 16, 128, 560), ArmSums("holdout", 1, 5, 25, 8, 64, 40))
    }
    assert (one.since, one.people, one.intended) == (day(0), 3, None)
    everywhere = await load_workspace_holdout(people.engine, Orders(), UNTIL, WEEK, MONTH)
    assert [sums.n for sums in everywhere.orders] == [3, 1]
    assert everywhere.revenue["KRW"][1] == ArmSums("holdout", 1, 30, 900, 8, 64, 240)
