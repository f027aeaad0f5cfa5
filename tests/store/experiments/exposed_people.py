"""Customers with exposures, orders and goals, put into the tables as they are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.ids import experiment_id
from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.database import session_factory
from orchestrator.store.tables.journeys import Journey, JourneyVersion
from orchestrator.store.tables.journeys import Plan as StoredPlan

T0 = datetime(2026, 1, 5, 1, tzinfo=UTC)
JOURNEY, NAME = "cart", "colour"
EXPERIMENT = experiment_id(JOURNEY, NAME)
_STATEMENTS = {
    "experiment": "insert into experiments (id, journey_key, name, first_exposed_at) "
    "values (:id, :journey, :name, :at) on conflict do nothing",
    "exposure": "insert into exposures (experiment_id, customer_id, arm, version, step, run_id, at, weights, crossed, "
    "moved_from) values (:id, :customer, :arm, 1, 'split', gen_random_uuid(), :at, cast(:weights as jsonb), :crossed, "
    ":moved_from)",
    "event": "insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at) "
    "values (:message, :customer, 'track', :name, cast(:properties as jsonb), '{}', :at, :at)",
    "goal": "insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port) "
    "values (gen_random_uuid(), 1, :journey, :customer, :at, 'goal', 's', 1, :goal)",
    "decision": "insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason) "
    "values (gen_random_uuid(), :journey, :version, :customer, '', :at, :admitted, :reason)",
}


def day(number: float) -> datetime:
    """So many days after the beginning."""
    return T0 + timedelta(days=number)


class People:
    """Writes rows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.rows: list[tuple[str, dict[str, Any]]] = []

    def exposed(
        self,
        arm: str,
        at: float,
        *,
        weights: dict[str, int] | None = None,
        crossed: bool = False,
        moved_from: str | None = None,
        who: UUID | None = None,
    ) -> UUID:
        customer = who or uuid4()
        given = {"id": EXPERIMENT, "customer": customer, "arm": arm, "at": day(at), "crossed": crossed}
        given |= {"weights": orjson.dumps(weights or {"a": 1, "b": 1}).decode(), "moved_from": moved_from}
        self.rows.append(("exposure", given))
        return customer

    def event(self, customer: UUID, name: str, at: float, **properties: Any) -> None:
        given = {"message": str(uuid4()), "customer": customer, "name": name, "at": day(at)}
        self.rows.append(("event", {**given, "properties": orjson.dumps(properties).decode()}))

    def order(self, customer: UUID, at: float, revenue: Any, currency: str | None = None) -> None:
        self.event(customer, "Order Completed", at, revenue=revenue, **({"currency": currency} if currency else {}))

    def goal(self, customer: UUID, at: float, goal: str = "bought", journey: str = JOURNEY) -> None:
        self.rows.append(("goal", {"customer": customer, "at": day(at), "goal": goal, "journey": journey}))

    def decided(self, reason: str, at: float, *, who: UUID | None = None, journey: str = JOURNEY) -> UUID:
        customer = who or uuid4()
        given = {"customer": customer, "journey": journey, "version": 1, "at": day(at), "reason": reason}
        self.rows.append(("decision", {**given, "admitted": reason == "admitted"}))
        return customer

    async def save(self) -> None:
        async with self.engine.begin() as db:
            given = {"id": EXPERIMENT, "journey": JOURNEY, "name": NAME, "at": T0}
            await db.execute(text(_STATEMENTS["experiment"]), given)
            for kind, row in self.rows:
                await db.execute(text(_STATEMENTS[kind]), row)
        self.rows.clear()


_CROWD = r"""
with numbered as (
    select n, cast(md5('crowd' || n) as uuid) as customer, case when n % 2 = 0 then 'a' else 'b' end as arm,
        cast(:began as timestamptz) + n * interval '20 minutes' as at
    from generate_series(1, :people) n
), exposed as (
    insert into exposures (experiment_id, customer_id, arm, version, step, run_id, at, weights)
    select :id, customer, arm, 1, 'split', cast(md5('run' || n) as uuid), at, '{"a"\:50, "b"\:50}' from numbered
), reached as (
    insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
    select cast(md5('run' || n) as uuid), 1, :journey, customer, at + interval '5 hours', 'goal', 'split', 1, 'bought',
        '{}'
    from numbered where case when arm = 'a' then n % 20 < 2 else n % 20 in (1, 3, 5, 7, 9) end
)
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select 'crowd' || n, customer, 'track', 'Order Completed', jsonb_build_object('revenue', 10000 + n % 7 * 1000),
    '{}', at + interval '5 hours', at + interval '5 hours'
from numbered where case when arm = 'a' then n % 20 < 2 else n % 20 in (1, 3, 5, 7, 9) end
"""
DOCUMENT: dict[str, Any] = {
    "key": JOURNEY,
    "name": {"en": "Cart reminder", "ko": "장바구니 리마인드"},
    "entry": {"triggers": [{"kind": "event", "event": "Visited"}]},
    "goals": [{"id": "bought", "event": "Order Completed", "label": {"en": "Order", "ko": "주문"}}],
    "steps": [
        {
            "id": "split",
            "kind": "experiment",
            "stage": "retention",
            "label": {"en": "Name in the subject line", "ko": "제목에 이름 넣기"},
            "settings": {
                "experiment": NAME,
                "variants": [
                    {"port": "a", "weight": 50, "control": True, "label": {"en": "Without name", "ko": "이름 없이"}},
                    {"port": "b", "weight": 50, "label": {"en": "With name", "ko": "이름 넣어"}},
                ],
            },
        },
        {"id": "end", "kind": "exit", "stage": "retention", "settings": {"reason": "through"}},
    ],
    "edges": [
        {"from": "entry", "port": "next", "to": "split"},
        {"from": "split", "port": "a", "to": "end"},
        {"from": "split", "port": "b", "to": "end"},
    ],
}
"""A journey with an experiment; half of the customers have their name in the subject line."""


def with_settings(**settings: Any) -> dict[str, Any]:
    """The journey, its experiment set otherwise."""
    split, end = DOCUMENT["steps"]
    changed = {**split, "settings": {**split["settings"], **settings}}
    return {**DOCUMENT, "steps": [changed, end]}


async def publish_experiment(engine: AsyncEngine, document: dict[str, Any] | None = None) -> None:
    """The journey, live in one version, with its draft as it is."""
    given = document or DOCUMENT
    plan = compile_journey(given).plan
    assert plan is not None
    async with session_factory(engine).begin() as session:
        session.add(StoredPlan(hash=plan.hash, body=plan.body, created_at=T0))
        about: dict[str, Any] = {"created_at": T0, "updated_at": T0}
        session.add(Journey(key=JOURNEY, name=given["name"], draft=given, status="live", live_version=1, **about))
        await session.flush()
        session.add(
            JourneyVersion(journey_key=JOURNEY, version=1, plan_hash=plan.hash, published_at=T0, document=given)
        )


async def crowd_in(engine: AsyncEngine, people: int, began: datetime) -> None:
    """So many are exposed, one after another every twenty minutes: of a, a tenth comes to the goal; of b, a half."""
    async with engine.begin() as db:
        given = {"id": EXPERIMENT, "journey": JOURNEY, "name": NAME, "at": began}
        await db.execute(text(_STATEMENTS["experiment"]), given)
        crowd = {"id": EXPERIMENT, "journey": JOURNEY, "people": people, "began": began}
        await db.execute(text(_CROWD), crowd)
