"""A back-test's final counts are those of real runs: generated customers live through a journey on Temporal, and then
their events, as they stand in the database, are walked."""

import asyncio
import uuid
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.core.backtest.estimate import DRAFT, Totals
from orchestrator.core.backtest.walk import Backtest, walk_customer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.simulation.simulator import Person, compliant, walk
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.backtest.people import load_walked
from orchestrator.store.backtest.strata import stratify, uuids
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, publish, skipping
from tests.workflows.test_same_as_simulator import BEGIN, EVERY_CONSENT, example

CUSTOMERS = 10
DAYS = 60
JOURNEY = "cart-recovery"
_ENTRIES = text("select count(*) from runs where journey_key = :key")
_ENDS = text("""
select t.port, count(*) from transitions t join runs r on r.id = t.run_id
where r.journey_key = :key and t.what = 'ended' group by t.port
""")
_GOALS = text("""
select t.port, count(*) from transitions t join runs r on r.id = t.run_id
where r.journey_key = :key and t.what = 'goal' group by t.port
""")
_SENT = text("select channel, sent_at from sends where journey_key = :key and status = 'sent'")
_SKIPPED = text("select reason, count(*) from sends where journey_key = :key and status = 'skipped' group by reason")


def life(random: Random) -> list[CustomerEvent]:
    """Some carts, filled and perhaps bought; one thing well after the other, for a server needs its time."""
    events, at = [], BEGIN + timedelta(minutes=random.randrange(600))
    for cart in range(random.randrange(0, 4)):
        for name, share in (("Product Added", 1.0), ("Product Added", 0.3), ("Order Completed", 0.5)):
            if random.random() < share:
                properties = {"cart_id": f"c{cart}", "revenue": 12_000}
                events.append(CustomerEvent(str(uuid.UUID(int=random.getrandbits(128))), name, at, properties))
            at += timedelta(minutes=random.choice((17, 95, 200)), seconds=random.randrange(59))
        at += timedelta(days=random.randrange(1, 9), minutes=random.randrange(300))
    lone = CustomerEvent(str(uuid.UUID(int=random.getrandbits(128))), "Order Completed", at, {"cart_id": "other"})
    return [*events, lone]


def person(random: Random) -> Person:
    """Somebody who can be reached, or who has not consented to all."""
    identity = uuid.UUID(int=random.getrandbits(128))
    consents = dict(EVERY_CONSENT) if random.random() < 0.7 else {"email": False}
    return Person(str(identity), {}, consents, {"email": f"{identity}@example.com"})


@pytest.mark.timeout(600)
async def test_final_counts_are_those_of_real_runs(environment: Environment) -> None:
    plan, random, engine = example(JOURNEY), Random(3), environment.engine
    await publish(engine, [plan])
    people = [(person(random), life(random)) for _ in range(CUSTOMERS)]
    await asyncio.gather(*(_lived(environment, plan, one, events) for one, events in people))
    now = BEGIN + timedelta(days=DAYS)
    asked = Backtest(plan, None, now, DAYS + 1, DEFAULT_ZONE, rules_of({}))
    strata = await stratify(engine, asked.triggers, asked.lead_in, now, everybody_may=False)
    totals = Totals(strata.sizes, frozenset({"none"}))
    for name, ids in strata.ids.items():
        for one in await load_walked(engine, asked, uuids(ids)):
            totals.strata[name].add(walk_customer(asked, one), compared=False)
    assert totals.complete
    assert await _forecast(totals) == await _lived_through(environment)
    assert totals.estimate((DRAFT, "sent")).value >= 5
    assert totals.estimate((DRAFT, "goal_anyway", "recovered")).exact


async def _lived(environment: Environment, plan: Any, person: Person, events: list[CustomerEvent]) -> None:
    until = BEGIN + timedelta(days=DAYS)
    passage = walk(Routes((plan,)), person, events, until, compliant())
    fresh = Person(person.id, {}, dict(person.consents), dict(person.contacts))
    live = LiveCustomer(
        environment.engine,
        skipping(environment.client),
        environment.task_queue,
        uuid.UUID(person.id),
        [plan],
        fresh,
    )
    await live.live(events, {t.at for run in passage.runs for t in run.transitions})


async def _forecast(totals: Totals) -> dict[tuple[str, ...], int]:
    """What the back-test says, without what the store does not count."""
    kept = ("entries", "ended", "goal", "skipped", "sent_on")
    keys = [key for key in totals.keys() if key[0] == DRAFT and key[1] in kept]  # noqa: SIM118 - no mapping
    found = {key[1:]: totals.estimate(key) for key in keys}
    assert all(one.exact for one in found.values())
    return {key: round(one.value) for key, one in found.items()}


async def _lived_through(environment: Environment) -> dict[tuple[str, ...], int]:
    """The same, counted in the store."""
    given, found = {"key": JOURNEY}, dict[tuple[str, ...], int]()
    async with environment.engine.connect() as db:
        found["entries",] = int((await db.execute(_ENTRIES, given)).scalar_one())
        for kind, asked in (("ended", _ENDS), ("goal", _GOALS), ("skipped", _SKIPPED)):
            found |= {(kind, name): count for name, count in await db.execute(asked, given)}
        for channel, at in await db.execute(_SENT, given):
            day = at.astimezone(zone(DEFAULT_ZONE)).date().isoformat()
            found["sent_on", day, channel] = found.get(("sent_on", day, channel), 0) + 1
    return found
