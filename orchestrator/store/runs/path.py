"""One run's way through its journey: its trace, its messages, and the events that its trace names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.customer_names import NAME
from orchestrator.store.runs.trouble import PROBLEM

MOST_LINES = 2_000
"""The last so many; a run that has passed more steps is one that goes round."""

_RUN = text(f"""
select r.id, r.journey_key, r.version, r.plan_hash, r.customer_id, r.key, r.status, r.step, r.waiting_until,
    {PROBLEM} as problem,
    r.entry_message_id, r.entered_at, r.finished_at, r.reason, c.external_id, c.time_zone,
    {NAME} as name
from runs r left join customers c on c.id = r.customer_id where r.id = :id
""")
_LINES = text("""
select seq, at, what, step, occurrence, port, note from transitions where run_id = :id order by seq desc limit :most
""")
# By the customer, of whom there are few: sends are not listed by their run.
_SENDS = text("""
select s.step, s.occurrence, s.channel, s.status, s.reason, s.inputs, s.hold_until,
    coalesce(s.sent_at, s.created_at) as at
from runs r join sends s on s.customer_id = r.customer_id and s.run_id = r.id
where r.id = :id order by at, s.step limit :most
""")
_EVENTS = text("""
select message_id, name, occurred_at, properties from events where message_id in :ids
""").bindparams(bindparam("ids", expanding=True))


@dataclass(frozen=True)
class PathSend:
    """One message of the run, as the ledger has it."""

    step: str
    occurrence: int
    channel: str | None
    status: str
    reason: str
    inputs: dict[str, Any]
    hold_until: datetime | None
    at: datetime


@dataclass(frozen=True)
class RunPath:
    """``run``: the row, with its customer's name and zone. ``events``: those that the trace names, by message id."""

    run: Any
    lines: tuple[Transition, ...]
    sends: tuple[PathSend, ...]
    events: Mapping[str, CustomerEvent]


async def load_path(engine: AsyncEngine, run: UUID) -> RunPath | None:
    """The way of a run; None where there is none."""
    async with engine.connect() as db:
        row = (await db.execute(_RUN, {"id": run})).one_or_none()
        if row is None:
            return None
        lines = [Transition(*line) for line in await db.execute(_LINES, {"id": run, "most": MOST_LINES})][::-1]
        sends = [PathSend(*send) for send in await db.execute(_SENDS, {"id": run, "most": MOST_LINES})]
        named = {line.note["message_id"] for line in lines if line.note.get("message_id")} | {row.entry_message_id}
        ids = [one for one in named if one]
        found = [CustomerEvent(*event) for event in await db.execute(_EVENTS, {"ids": ids})] if ids else []
    return RunPath(row, tuple(lines), tuple(sends), {event.message_id: event for event in found})
