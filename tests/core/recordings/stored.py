"""A recorded run put into a database, as the products' own parts would have left it there."""

import json
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg

from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.store.database import plain_dsn

_CUSTOMER = """
insert into customers (id, external_id, email, phone, locale, time_zone, attributes, consents, tags, stage, created_at,
    updated_at)
values (%(id)s, 'kim-77', 'kim@shop.example', '+821091234567', 'ko', 'Asia/Seoul', %(attributes)s, %(consents)s,
    %(tags)s, %(stage)s, %(at)s, %(at)s)
"""
_EVENT = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
values (%s, %s, 'track', %s, %s, '{}', %s, %s, %s)
"""
_PLAN = "insert into plans (hash, body, created_at) values (%s, %s, now()) on conflict do nothing"
_VERSION = """
insert into journey_versions (journey_key, version, plan_hash, published_at) values (%s, 1, %s, now())
on conflict do nothing
"""
_LIVE = "update journeys set status = 'live', live_version = 1 where key = %s"
_RUN = """
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status, step,
    entered_at, finished_at, reason)
values (%(id)s, %(workflow)s, %(journey)s, 1, %(plan)s, %(customer)s, %(key)s, %(entry)s, %(status)s, %(step)s,
    %(began)s, %(finished)s, %(reason)s)
"""
_LINE = """
insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_SEND = """
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel,
    inputs, content, attempts, created_at, sent_at)
values (%s, %s, %s, %s, %s, %s, 'advertising', %s, %s, %s, %s, '{}', 1, %s, %s)
"""


async def store(database_url: str, run: RecordedRun, inputs: dict[str, Any] | None = None) -> UUID:
    """The run's id. Its journey is there, and is published with it. ``inputs``: what the decisions saw."""
    customer, identity, journey = UUID(run.person.id), UUID(run.run_id), run.plan.key
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as db:
        given = {"id": customer, "at": run.began, "stage": run.person.stage, "tags": json.dumps(run.person.tags)}
        told = {name: json.dumps(getattr(run.person, name)) for name in ("attributes", "consents")}
        await db.execute(_CUSTOMER, {**given, **told})
        await db.execute(_PLAN, (run.plan.hash, run.plan.body))
        await db.execute(_VERSION, (journey, run.plan.hash))
        await db.execute(_LIVE, (journey,))
        for one in run.events:
            event, at = one.event, one.event.occurred_at
            properties = json.dumps(event.properties)
            row = (event.message_id, customer, event.name, properties, at, one.arrived, one.arrived)
            await db.execute(_EVENT, row)
        await db.execute(_RUN, _row(run, customer, identity))
        for line in run.lines:
            values = (identity, line.seq, journey, customer, *line[1:6], json.dumps(dict(line.note)))
            await db.execute(_LINE, values)
        for n, send in enumerate(run.sends):
            seen = json.dumps({**(inputs or {}), **send.inputs})
            sent: datetime | None = send.at if send.status == "sent" else None
            place = (uuid5(NAMESPACE_URL, f"{identity}{n}"), identity, journey, send.step, send.occurrence, customer)
            await db.execute(_SEND, (*place, send.status, send.reason, send.channel or None, seen, send.at, sent))
    return identity


def _row(run: RecordedRun, customer: UUID, identity: UUID) -> dict[str, Any]:
    ended = run.ended
    return {
        "id": identity,
        "workflow": f"{run.plan.key}/{customer}",
        "journey": run.plan.key,
        "plan": run.plan.hash,
        "customer": customer,
        "key": run.key,
        "entry": run.entry,
        "status": "running" if ended is None else "finished",
        "step": run.lines[-1].step,
        "began": run.began,
        "finished": run.finished_at,
        "reason": None if ended is None else ended.port,
    }
