"""A rule ends an experiment once, by a version with an entry in the audit log, and not what somebody is editing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.experiments.judge import ExperimentActivities
from orchestrator.store.database import create_engine, dump_json
from orchestrator.store.experiments.library import load_experiment
from tests.store.experiments.exposed_people import (
    EXPERIMENT,
    JOURNEY,
    T0,
    People,
    crowd_in,
    day,
    publish_experiment,
    with_settings,
)

LATER = day(30)
RULED = {"winner": "always_valid", "least_exposed": 200, "least_days": 7}

_OPT_OUTS = r"""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select 'out' || customer_id, customer_id, 'system', 'Unsubscribed', '{"journey"\:"cart"}', '{}',
    at + interval '1 hour', at
from exposures where arm = 'b' and random() < 0.5
"""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url, pool_size=10)
    yield engine
    await engine.dispose()


@pytest.fixture
def judging(engine: AsyncEngine) -> ExperimentActivities:
    return ExperimentActivities(engine, "Asia/Seoul")


async def value(engine: AsyncEngine, query: str, **given: Any) -> Any:
    async with engine.connect() as db:
        return (await db.execute(text(query), given)).scalar_one_or_none()


async def live_weights(engine: AsyncEngine) -> tuple[int, dict[str, int]]:
    """The live version and the weights of its experiment."""
    document = await value(
        engine,
        "select document from journey_versions v join journeys j on j.key = v.journey_key and version = live_version",
    )
    version = await value(engine, "select live_version from journeys")
    variants = document["steps"][0]["settings"]["variants"]
    return version, {one["port"]: one["weight"] for one in variants}


async def test_the_winner_gets_everybody_by_a_version_that_names_the_rule_once(
    engine: AsyncEngine, judging: ExperimentActivities
) -> None:
    await publish_experiment(engine, with_settings(**RULED))
    await crowd_in(engine, 1_200, T0)
    assert await judging.once(day(6)) == {"wait": 1}  # too early by the rule's least days
    told = await asyncio.gather(*(judging.once(LATER) for _ in range(3)))
    assert sum(one.get("decided", 0) for one in told) == 1
    assert await live_weights(engine) == (2, {"a": 0, "b": 100})
    assert await value(engine, "select draft = document from journeys j, journey_versions v where version = 2")
    assert await value(engine, "select revision from journeys") == 2
    assert await judging.once(LATER + timedelta(days=1)) == {}
    assert await value(engine, "select count(*) from journey_versions") == 2
    known = await load_experiment(engine, EXPERIMENT)
    assert known is not None
    assert known.decision is not None
    assert (known.decision["decision"], known.decision["arm"], known.decision["version"]) == ("winner", "b", 2)
    assert known.running
    entry = await value(engine, "select to_jsonb(a) from audit_log a where what = 'experiment.decided'")
    assert (entry["via"], entry["subject"]) == ("system", f"{JOURNEY} colour")
    assert entry["before"] == {"weights": {"a": 50, "b": 50}}
    assert entry["after"]["rule"]["least_exposed"] == 200
    assert [(one["arm"], one["exposed"]) for one in entry["after"]["arms"]] == [("a", 600), ("b", 600)]


async def test_a_draft_that_somebody_edits_is_not_overwritten(
    engine: AsyncEngine, judging: ExperimentActivities
) -> None:
    document = with_settings(**RULED)
    await publish_experiment(engine, document)
    edited = {**document, "name": {"en": "Being edited"}}
    async with engine.begin() as db:
        await db.execute(text("update journeys set draft = cast(:d as jsonb)"), {"d": dump_json(edited)})
    await crowd_in(engine, 1_200, T0)
    assert await judging.once(LATER) == {"decided": 1}
    assert await live_weights(engine) == (2, {"a": 0, "b": 100})
    assert await value(engine, "select draft from journeys") == edited
    assert await value(engine, "select revision from journeys") == 1
    known = await load_experiment(engine, EXPERIMENT)
    assert known is not None
    assert known.decision is not None
    assert known.decision["draft"] is False


async def test_without_a_rule_or_customers_or_their_shares_nothing_is_done(
    engine: AsyncEngine, judging: ExperimentActivities
) -> None:
    await publish_experiment(engine, with_settings(**RULED))
    assert await judging.once(LATER) == {}
    await crowd_in(engine, 1_200, T0)
    people = People(engine)
    for _ in range(300):
        people.exposed("b", 1)
    await people.save()
    assert await judging.once(LATER) == {"wait": 1}  # the arms do not have their shares
    async with engine.begin() as db:
        by_hand = dump_json(with_settings(winner="by_hand"))
        await db.execute(text("update journey_versions set document = cast(:d as jsonb)"), {"d": by_hand})
    assert await judging.once(LATER) == {}
    assert await value(engine, "select live_version from journeys") == 1


@pytest.mark.parametrize(
    ("otherwise", "after"), [("control", (2, {"a": 100, "b": 0})), ("leave", (1, {"a": 50, "b": 50}))]
)
async def test_at_the_latest_day_it_is_over_as_the_rule_says(
    engine: AsyncEngine, judging: ExperimentActivities, otherwise: str, after: Any
) -> None:
    await publish_experiment(engine, with_settings(**RULED, latest="2026-01-20", otherwise=otherwise))
    await crowd_in(engine, 20, T0)
    assert await judging.once(day(14)) == {"wait": 1}  # the 19th
    assert await judging.once(day(16)) == {"decided": 1}
    assert await live_weights(engine) == after
    known = await load_experiment(engine, EXPERIMENT)
    assert known is not None
    assert known.decision is not None
    assert known.decision["decision"] == "undecided"


async def test_who_is_opted_out_of_too_often_loses_whatever_it_sells(
    engine: AsyncEngine, judging: ExperimentActivities
) -> None:
    await publish_experiment(engine, with_settings(**RULED))
    await crowd_in(engine, 1_200, T0)
    async with engine.begin() as db:
        await db.execute(text(_OPT_OUTS))
    assert await judging.once(LATER) == {"decided": 1}
    assert await live_weights(engine) == (2, {"a": 100, "b": 0})
    assert await value(engine, "select decision ->> 'decision' from experiments") == "guard"


async def test_weights_follow_what_is_known_without_a_version_and_once_a_day(
    engine: AsyncEngine, judging: ExperimentActivities
) -> None:
    await publish_experiment(engine, with_settings(winner="allocation"))
    await crowd_in(engine, 1_200, T0)
    assert await judging.once(LATER) == {"moved": 1}
    allocation = await value(engine, "select allocation from experiments")
    assert allocation["b"] > 80
    assert allocation["a"] >= 10
    assert await judging.once(LATER) == {"wait": 1}
    assert await value(engine, "select live_version from journeys") == 1
    entry = await value(engine, "select to_jsonb(a) from audit_log a where what = 'experiment.allocated'")
    assert entry["before"]["weights"] == {"a": 50, "b": 50}
    assert entry["after"]["weights"] == allocation
