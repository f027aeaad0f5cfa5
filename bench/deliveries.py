"""Deliveries in bulk, without Temporal between them: a store full of runs that stand at a message, and workers on them.

``python -m bench.deliveries <number> <of> <at once>`` is one worker: it delivers its share of all runs, the shares cut
so that every customer's runs are spread over all workers, and repeats what Temporal would repeat. What it took stands
in the last line that it writes.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from temporalio.exceptions import ApplicationError

from activities.sending.deliver import DeliverInput, Delivery, delivery_from
from orchestrator.cli import event_loop
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.settings import load_settings
from orchestrator.store.database import create_engine, dump_json, plain_dsn
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.sending.frequency import counting_redis

NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
"""Noon in Seoul: the journeys' time of every delivery."""
STEP = "nudge"
PATIENCE = 600.0
"""Seconds for which a worker repeats one delivery."""

_WORKSPACE = """
insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', %s)
on conflict (id) do update set settings = excluded.settings
"""
_CUSTOMERS = """
insert into customers (id, external_id, email, phone, attributes, consents, created_at, updated_at)
select id, 'c-' || n, 'c' || n || '@example.com', '+8210' || lpad(n::text, 8, '0'), '{"first_name": "지은"}',
    '{"sms": true, "email": true}', %(at)s, %(at)s
from unnest(%(ids)s::uuid[]) with ordinality as given(id, n)
"""
_JOURNEY = """
insert into journeys (key, status, live_version, created_at, updated_at) values (%s, 'live', 1, %s, %s)
"""
_EVENTS = """
insert into events (message_id, customer_id, kind, name, properties, occurred_at, received_at, routed_at)
select %(key)s || '/' || id, id, 'track', 'Cart Updated', '{"cart_id": "c-1", "total": 39000}', %(at)s, %(at)s, %(at)s
from customers
"""
_RUNS = """
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status,
    entered_at)
select gen_random_uuid(), %(key)s || '/' || id, %(key)s, 1, %(plan)s, id, '', %(key)s || '/' || id, 'running', %(at)s
from customers
"""
_SHARE = """
select id from (select id, row_number() over (order by customer_id, journey_key) as n from runs) numbered
where n %% %s = %s order by n
"""


def journey(key: str, settings: Mapping[str, Any]) -> Plan:
    """A journey of one message."""
    document = {
        "key": key,
        "name": {"ko": key, "en": key},
        "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
        "steps": [
            {"id": STEP, "kind": "message", "stage": "intake", "settings": dict(settings)},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "done"}},
        ],
        "edges": [{"from": "entry", "to": STEP}, {"from": STEP, "to": "end"}],
    }
    compiled = compile_journey(document)
    if compiled.plan is None:
        raise RuntimeError(f"the journey does not compile: {compiled.problems}")
    return compiled.plan


async def fill(
    database_url: str, *, journeys: int, customers: int, message: Mapping[str, Any], sending: Mapping[str, Any]
) -> None:
    """Every customer stands in every journey. ``sending``: the workspace's setting of that name."""
    engine = create_engine(database_url)
    plans = [journey(f"journey-{number}", message) for number in range(journeys)]
    for plan in plans:
        await Plans(engine).save(plan.hash, plan.body)
    await engine.dispose()
    workspace = {
        "sender_name": "달빛상점",
        "sender_contact": "02-123-4567",
        "opt_out_number": "0801234567",
        "sending": dict(sending),
    }
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as db:
        await db.execute(_WORKSPACE, (dump_json(workspace),))
        await db.execute(_CUSTOMERS, {"ids": [uuid4() for _ in range(customers)], "at": NOON})
        for plan in plans:
            await db.execute(_JOURNEY, (plan.key, NOON, NOON))
            given = {"key": plan.key, "plan": plan.hash, "at": NOON}
            await db.execute(_EVENTS, given)
            await db.execute(_RUNS, given)
        await db.execute("analyze")


async def share_of(database_url: str, number: int, of: int) -> list[UUID]:
    """The runs of one of several workers."""
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url)) as db:
        return [row[0] for row in await (await db.execute(_SHARE, (of, number))).fetchall()]


async def deliver(delivery: Delivery, run: UUID) -> str:
    """Until it is settled, as Temporal would; how it ended, and why."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            result = await delivery.carry_out(DeliverInput(str(run), STEP), NOON)
        except ApplicationError as again:
            if again.non_retryable or time.monotonic() > give_up:
                raise
            await asyncio.sleep(0.2)
        else:
            return f"{result.outcome}:{result.reason}"


async def deliver_all(delivery: Delivery, runs: Sequence[UUID], at_once: int) -> dict[str, int]:
    """All of them, so many at once; how many ended in each way."""
    left, ended = iter(runs), dict[str, int]()

    async def one_after_another() -> None:
        for run in left:
            how = await deliver(delivery, run)
            ended[how] = ended.get(how, 0) + 1

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return ended


async def main(number: int, of: int, at_once: int, warm: int) -> None:
    """One worker. ``warm``: deliveries that are not measured."""
    settings = load_settings()
    engine = create_engine(settings.database_url, pool_size=10, max_overflow=20, application=f"worker {number}")
    redis = counting_redis(settings.redis_url)
    delivery = await delivery_from(settings, engine, Plans(engine), redis=redis)
    runs = await share_of(settings.database_url, number, of)
    warmed = await deliver_all(delivery, runs[:warm], at_once)
    print("ready", flush=True)
    began, used = time.perf_counter(), time.process_time()
    ended = await deliver_all(delivery, runs[warm:], at_once)
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
    print(json.dumps({"messages": len(runs) - warm, **took, "ended": ended, "warmed": warmed}), flush=True)
    await redis.aclose()
    await engine.dispose()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(main(*map(int, sys.argv[1:5])))
