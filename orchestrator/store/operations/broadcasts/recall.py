"""A broadcast is taken back: nobody enters any more, and whoever has entered and got nothing yet is to leave."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.run.broadcasts import RECALLED
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.operations.choice import Choice, freeze
from orchestrator.store.operations.progress import NewOperation, add_operation, set_total, settle_turns

_RECALL = text("""
update operations set status = 'recalled', finished_at = clock_timestamp()
where id = :id and act = 'broadcast' and status <> 'recalled' returning chosen ->> 'journey' as journey
""")
_UNDECIDED = """
from operation_items i join events e on e.message_id = i.given ->> 'message'
where i.operation_id = :id and i.status = 'asked'
    and not exists (select from entry_decisions d where d.id = cast(i.given ->> 'decision' as uuid))
"""
# Routers decide under this lock, and look then at what was decided: whoever comes second finds it done.
_LOCK = text(f"""
select c.id from customers c where c.id in (select e.customer_id {_UNDECIDED}) order by c.id for update
""")
_REFUSE = text(f"""
insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, detail)
select cast(i.given ->> 'decision' as uuid), cast(:journey as text),
    coalesce((select live_version from journeys where key = cast(:journey as text)), 0), e.customer_id, e.message_id,
    cast(:now as timestamptz), false, '{RECALLED}', '{{}}' {_UNDECIDED}
order by 1 on conflict do nothing
""")
_DROP = text(f"""
update sends s set status = 'skipped', reason = '{RECALLED}', hold_until = null,
    inputs = s.inputs || jsonb_build_object('reason', jsonb_build_object('code', '{RECALLED}'))
from operation_items i join runs r on r.id = i.subject
where i.operation_id = :ending and s.customer_id = r.customer_id and s.run_id = r.id and s.status = 'held'
""")
_HAS_SENT = text("""
select exists (
    select from runs r join sends s on s.customer_id = r.customer_id and s.run_id = r.id
    where r.id = :run and s.status in ('sent', 'unknown', 'claimed')
)
""")


@dataclass(frozen=True)
class Ending:
    """The operation that ends runs which have not sent anything. ``runs``: how many; ``dropped``: held messages of
    theirs that will not go out; ``refused``: entries that were asked for and not decided."""

    operation: UUID
    runs: int
    dropped: int
    refused: int


async def recall(
    db: AsyncConnection, broadcast: UUID, ending: UUID, now: datetime, by: By, why: str, per_second: float
) -> Ending | None:
    """Take it back as far as it can be; None where it was already. ``ending``: id of the operation that has the runs
    leave, which is to be started; ``now``: journey time. The caller commits."""
    row = (await db.execute(_RECALL, {"id": broadcast})).one_or_none()
    if row is None:
        return None
    await db.execute(_LOCK, {"id": broadcast})
    refused = (await db.execute(_REFUSE, {"id": broadcast, "journey": row.journey, "now": now})).rowcount
    await settle_turns(db, broadcast)
    choice = Choice(row.journey, entered_by=broadcast, unsent=True)
    chosen = {**choice.as_json(), "reason": RECALLED}
    await add_operation(db, NewOperation(ending, "end", chosen, why, per_second, by.who))
    runs = await freeze(db, ending, "end", choice)
    await set_total(db, ending, runs)
    dropped = (await db.execute(_DROP, {"ending": ending})).rowcount
    told = {"ending": str(ending), "runs": runs, "dropped": dropped, "refused": refused}
    await record(db, by, Change("broadcast.recalled", str(broadcast), {}, told, why))
    return Ending(ending, runs, dropped, refused)


async def has_sent(engine: AsyncEngine, run: UUID) -> bool:
    """Whether a message of a run went out, or may have, or is on its way."""
    async with engine.connect() as db:
        return bool((await db.execute(_HAS_SENT, {"run": run})).scalar_one())
