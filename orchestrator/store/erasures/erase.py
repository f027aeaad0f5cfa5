"""A person is taken out of every table. What is counted stays, as somebody's of whom nothing is known.

Deleted: the profile and whatever says who they are, what they did and said, what they were sent. Kept under an id that
is drawn for it and written down nowhere else: that a run passed a step, that a message went out and was opened, that a
code was given away, that somebody opted out by a message. Their contents and whatever leads back to them are emptied.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.database import driver_connection
from orchestrator.store.intake.merge import count_merge, lock_identities
from orchestrator.store.tables import tables_of_customers

KEPT = frozenset({"runs", "transitions", "sends", "entry_decisions", "survey_responses", "coupon_codes"})
"""Tables whose rows stay for statistics."""
_NOTES = ["value", "currency", "from", "stays", "by", "plan", "timer", "outcome", "reason", "group", "score"]
"""What a line of a run's trace may go on to say."""
_ANY = "any(cast(:who as uuid[]))"
_LOCK = text(f"select id from customers where id = {_ANY} order by id for update")
_IDENTIFIERS = text(f"""
select external_id as value from customers where id = {_ANY}
union select email from customers where id = {_ANY}
union select phone from customers where id = {_ANY}
union select value from identities where customer_id = {_ANY}
""")
_RUNS = text(f"select id, workflow_id from runs where customer_id = {_ANY} order by id")
_KEEP = {
    "transitions": text("""
update transitions set customer_id = :nobody, note = (
    select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(note)
    where key = any(cast(:notes as text[]))
)
where run_id = any(cast(:runs as uuid[]))
"""),
    "sends": text(f"""
update sends set customer_id = :nobody, content = '{{}}', inputs = '{{}}', provider_message_id = null,
    status = case when status in ('held', 'claimed') then 'skipped' else status end, hold_until = null
where customer_id = {_ANY}
"""),
    "entry_decisions": text(f"""
update entry_decisions set customer_id = :nobody, message_id = '', detail = '{{}}' where customer_id = {_ANY}
"""),
    "survey_responses": text(f"""
update survey_responses set customer_id = :nobody, comment = '', locale = null where customer_id = {_ANY}
"""),
    "coupon_codes": text(f"""
update coupon_codes set customer_id = :nobody, redeemed_by = null where customer_id = {_ANY}
"""),
    "runs": text(f"""
update runs set customer_id = :nobody, workflow_id = 'erased/' || id, entry_message_id = null, key = '',
    status = 'finished', finished_at = coalesce(finished_at, :at), reason = coalesce(reason, 'erased'),
    problem = null, waiting_until = null, parked_at = null, tell = false, ending = null
where customer_id = {_ANY}
"""),
}
"""By table, in an order in which each still finds the person."""
_OPT_OUTS = text(f"""
update consent_log set customer_id = :nobody, evidence = jsonb_strip_nulls(
    jsonb_build_object('send', evidence -> 'send', 'bounce', evidence -> 'bounce', 'message',
        case when source = 'provider' then evidence -> 'message' end))
where customer_id = {_ANY} and source in ('unsubscribe', 'provider')
""")
_DELETE = {
    table: text(f"delete from {table} where customer_id = {_ANY}") for table in sorted(tables_of_customers(KEPT))
}
_LAST = {
    # Their place in the lists of broadcasts is another's of whom nobody knows; what was decided stays counted.
    "operation_items": text(f"""
update operation_items set subject = gen_random_uuid(), given = given - 'message' where subject = {_ANY}
"""),
    # Lists of customers who are to enter name them by what the file said.
    "operation_items_of_lists": text("""
update operation_items set given = given - array['customer', 'message', 'properties'],
    outcome = case when status in ('waiting', 'asked', 'failed') then 'unknown' else outcome end,
    status = case when status in ('waiting', 'asked', 'failed') then 'passed' else status end
where given ->> 'customer' = any(cast(:written as text[]))
"""),
    "held_merges": text(f"delete from held_merges where source_id = {_ANY} or target_id = {_ANY}"),
    "customers": text(f"delete from customers where id = {_ANY}"),
}
_REFUSED = text("""
delete from refused_rows where exists (
    select from jsonb_array_elements_text(cells) as cell where lower(cell) = any(cast(:values as text[]))
)
""")


async def identifiers_of(db: AsyncConnection, who: Sequence[UUID]) -> list[str]:
    """Whatever a person is known by: the shop's ids, visitors' ids, addresses."""
    return sorted({value for value in (await db.execute(_IDENTIFIERS, {"who": list(who)})).scalars() if value})


async def runs_of(db: AsyncConnection, who: Sequence[UUID]) -> Mapping[UUID, str]:
    """Every run they ever had, with its workflow id."""
    return {row.id: row.workflow_id for row in await db.execute(_RUNS, {"who": list(who)})}


async def erase_person(
    db: AsyncConnection, who: Sequence[UUID], *, runs: Sequence[UUID], nobody: UUID, at: datetime
) -> Mapping[str, int]:
    """Take these ids of one person out of all tables; rows by table. The caller commits.

    Done again, it takes out what was written meanwhile by something that was under way.

    Args:
        runs: Of theirs, from before the first time.
        nobody: The id under which what is counted stays, drawn anew for each person.
        at: Journey time, at which runs under way have ended.
    """
    connection = await driver_connection(db)
    await lock_identities(connection)
    await db.execute(_LOCK, {"who": list(who)})
    given = {
        "who": list(who),
        "written": [str(one) for one in who],
        "runs": [*runs, *await runs_of(db, who)],
        "nobody": nobody,
        "at": at,
    }
    values = [value.lower() for value in await identifiers_of(db, who)]
    counts: dict[str, int] = {}
    for table, statement in _KEEP.items():
        counts[f"{table}_kept"] = (await db.execute(statement, _with_notes(table, given))).rowcount
    counts["consent_log_kept"] = (await db.execute(_OPT_OUTS, given)).rowcount
    for table, statement in {**_DELETE, **_LAST}.items():
        counts[table] = (await db.execute(statement, given)).rowcount
    if values:
        counts["refused_rows"] = (await db.execute(_REFUSED, {"values": values})).rowcount
    await count_merge(connection)  # whoever remembers whose an id is looks again
    return {name: count for name, count in counts.items() if count > 0}


def _with_notes(table: str, given: Mapping[str, object]) -> dict[str, object]:
    return {**given, "notes": _NOTES} if table == "transitions" else dict(given)
