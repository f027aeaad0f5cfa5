"""Customers with exposures, orders and goals, put into the tables as they are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.ids import experiment_id

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
