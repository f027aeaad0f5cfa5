"""Customers who turn out to be one person: everything of the one is re-pointed to the other, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from orchestrator.core.customers.consents import LoggedWord, compare
from orchestrator.core.customers.traits import Profile, merged
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, STAGE_CHANGED
from orchestrator.core.timing import Clock
from orchestrator.store.customers.consents import Said, record_many
from orchestrator.store.database import dump_json
from orchestrator.store.intake.held_merges import Pair, emails_beside, stays_apart
from orchestrator.store.intake.identities import IDENTITY_LOCK, Connection, IdentityOwner, link, look_up
from orchestrator.store.intake.incoming import IdentityKey, Incoming
from orchestrator.store.intake.profiles import read_profiles, write_profiles
from orchestrator.store.tables import tables_of_customers
from orchestrator.store.traits.counting import count_traits, load_computing

HELD_ELSEWHERE = frozenset({"exposures", "identities", "runs", "transitions", "segment_members", "segment_recheck"})
"""Tables with a ``customer_id`` that are re-pointed by statements of their own: identities last, for they are what is
returned; runs first and twice; transitions by their runs, having no index by customer. Membership of segments is not
re-pointed at all, but worked out anew. Of two exposures to one experiment the earlier stands.

No other table of customers may hold the customer in a unique key, for two customers' rows could meet there (a test
looks)."""


_RUNS = """
update runs set customer_id = %(target)s, tell = tell or finished_at is null where customer_id = %(source)s
"""
_LOCK_RUNS = """
select from runs where customer_id in (%(source)s, %(target)s) and finished_at is null order by id for update
"""
# Of two runs of one journey (and key) the one that entered first goes on; from now on the other sends nothing, and ends
# as soon as it hears of it.
_ONE_GOES_ON = """
update runs set ending = 'merged', tell = true
from (
    select id, row_number() over (partition by journey_key, key order by entered_at, id) as place
    from runs where customer_id = %(target)s and finished_at is null and ending is null
) as live
where runs.id = live.id and live.place > 1
"""
_LOCK = "select from customers where id in (%(source)s, %(target)s) order by id for update"
_REPOINT = (
    # Runs first, because a commit begins by locking its own: what it wrote before is there to be re-pointed. Then the
    # customers, which an entry locks; then the runs that such an entry has just made.
    _LOCK_RUNS,
    _RUNS,
    _LOCK,
    _RUNS,
    _ONE_GOES_ON,
    """update transitions set customer_id = %(target)s
       where run_id in (select id from runs where customer_id = %(target)s) and customer_id = %(source)s""",
    *(
        f"update {table} set customer_id = %(target)s where customer_id = %(source)s"
        for table in tables_of_customers(HELD_ELSEWHERE)
    ),
    # Who has two arms by merging is left out of what is counted; what they were shown first, they go on to be shown.
    """update exposures as kept set crossed = true from exposures as other
       where kept.experiment_id = other.experiment_id and (kept.arm <> other.arm or other.crossed)
           and (kept.customer_id, other.customer_id) in
               ((%(source)s, %(target)s), (%(target)s, %(source)s))""",
    """delete from exposures as later using exposures as earlier
       where later.experiment_id = earlier.experiment_id
           and (later.customer_id, earlier.customer_id) in
               ((%(source)s, %(target)s), (%(target)s, %(source)s))
           and (later.at, later.customer_id) > (earlier.at, earlier.customer_id)""",
    "update exposures set customer_id = %(target)s where customer_id = %(source)s",
    "delete from segment_members where customer_id = %(source)s",
    "delete from segment_recheck where customer_id = %(source)s",
    """insert into segment_recheck (customer_id, at)
       select %(target)s, now() where exists (select from segments where archived_at is null)
       on conflict (customer_id) do update set at = segment_recheck.at""",
    "update customers set merged_into = %(target)s where merged_into = %(source)s",
)
_MOVE_IDENTITIES = "update identities set customer_id = %(target)s where customer_id = %(source)s returning kind, value"
# Twenty times within a day of real time, and it is nobody's own: it stays where it is (``IdentityOwner.crowded``).
_TAKE_OVER = """
update identities set customer_id = %s,
  taken_over = case when taken_since > now() - interval '1 day' then taken_over + 1 else 1 end,
  taken_since = case when taken_since > now() - interval '1 day' then taken_since else now() end
where kind = %s and value = %s
"""
_NAME = "update customers set external_id = %s, updated_at = %s where id = %s"
_LOCK_IDENTITIES = "select pg_advisory_xact_lock(%s)"
_STORED = "select message_id from events where message_id = any(%s)"
_NEXT_MERGE = "select nextval('identity_merges')"

_LEAVE = """
update customers set merged_into = %(target)s, external_id = null, email = null, phone = null,
  attributes = '{}', consents = '{}', consented_at = '{}', consent_record = '{}', said_at = '{}', tags = '[]',
  updated_at = %(at)s
where id = %(source)s
"""

_STAGE = """
update customers as known set stage = visitor.stage, stage_since = visitor.stage_since
from customers as visitor
where known.id = %(target)s and visitor.id = %(source)s and known.stage is null and visitor.stage is not null
returning known.stage
"""

_TELL = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (%(message)s, %(target)s, 'system', %(name)s, %(properties)s::jsonb, '{}', %(at)s, %(at)s)
on conflict (message_id) do nothing
"""


SETTLE_FOR = 0.1
"""Seconds after which settling makes room for others who wait for the lock: so many merges come in one transaction."""


@dataclass
class Settlement:
    """What a merge changed: the identities to forget, and the counter of merges where it moved. ``settled``: ids of
    the events that are done with; ``held``: who was kept apart for a human to decide."""

    changed: set[IdentityKey] = field(default_factory=set)
    repointed: bool = False
    merges: int | None = None
    settled: set[str] = field(default_factory=set)
    held: set[Pair] = field(default_factory=set)


async def lock_identities(connection: Connection) -> None:
    """Keep everybody else from linking or merging until the transaction ends."""
    await connection.execute(_LOCK_IDENTITIES, (IDENTITY_LOCK,))


async def count_merge(connection: Connection) -> int:
    """Say that customers were merged: whoever remembers whose an identity is looks again."""
    [(merges,)] = await (await connection.execute(_NEXT_MERGE)).fetchall()
    return int(merges)


async def settle(
    connection: Connection, events: Sequence[Incoming], clock: Clock, beside: Sequence[Incoming] = ()
) -> Settlement:
    """Brings together, one after another, what these events say is one customer: as many as there is time for, and one
    at least. ``beside``: all that is stored along with them. The caller commits.

    An event that is stored already says nothing new: told again, it must not undo what was said since.
    """
    await lock_identities(connection)
    found = await connection.execute(_STORED, ([event.message_id for event in events],))
    stored = {row[0] for row in await found.fetchall()}
    settlement, until = Settlement(), monotonic() + SETTLE_FOR
    emails = emails_beside(beside)
    for event in events:
        if event.message_id not in stored and event.user_id is not None:
            own = {email for key in event.keys for email in emails.get(key, ())}
            await _settle(connection, event, event.user_id, own, clock, settlement)
        settlement.settled.add(event.message_id)
        if monotonic() > until:
            break
    if settlement.repointed:
        settlement.merges = await count_merge(connection)
    return settlement


async def _settle(
    connection: Connection, event: Incoming, user_id: str, emails: set[str], clock: Clock, done: Settlement
) -> None:
    """Of a user and another identity: link what is new, give a visitor their name, or merge two customers."""
    at = clock.now()
    user_key, other_key = ("user", user_id), await _other_key(connection, event)
    done.changed |= {user_key, other_key}
    known = await look_up(connection, [user_key, other_key])
    user, other = known.get(user_key), known.get(other_key)
    declared = event.kind == "alias" and event.said_by == "server"  # a page may not make two known customers one
    one_person = declared or other is None or not other.named
    if user is None and other is not None and one_person:
        await _name(connection, other.customer, user_id, at)
        return
    if user is None:
        user = (await link(connection, {user_key: IdentityOwner(uuid7(), True)}, at))[user_key]
    if other is None:
        await link(connection, {other_key: user}, at)
    elif other.customer != user.customer and one_person:
        if await stays_apart(connection, other.customer, user.customer, event, emails, clock):
            done.held.add((other.customer, user.customer))
        else:
            told = event.kind == "identify"
            done.changed |= await merge_customers(
                connection, other.customer, user.customer, at, told=told, history=event.history
            )
        done.repointed = True
    elif other.customer != user.customer and event.kind == "identify" and not other.crowded:
        await _take_over(connection, other_key, user.customer)
        done.repointed = True


async def _other_key(connection: Connection, event: Incoming) -> IdentityKey:
    """The identity beside the user. An alias may name a visitor or, second, a user by a previous id."""
    if event.previous_id is None:
        return ("anonymous", event.anonymous_id or "")
    candidates = [("anonymous", event.previous_id), ("user", event.previous_id)]
    known = await look_up(connection, candidates)
    return next((key for key in candidates if key in known), candidates[0])


async def _name(connection: Connection, customer: UUID, user_id: str, at: datetime) -> None:
    """The commonest case: a visitor signs up. They keep their id, so whatever waits for them goes on waiting."""
    await link(connection, {("user", user_id): IdentityOwner(customer, True)}, at)
    await connection.execute(_NAME, (user_id, at, customer))


async def _take_over(connection: Connection, key: IdentityKey, customer: UUID) -> None:
    """A shared device: from now on it is another person's. What was done on it before stays where it is."""
    await connection.execute(_TAKE_OVER, (customer, *key))


async def merge_customers(
    connection: Connection, source: UUID, target: UUID, at: datetime, *, told: bool = False, history: bool = False
) -> set[IdentityKey]:
    """Re-points all of ``source`` to ``target``, whose own profile wins; returns the identities that moved.

    The caller holds the exclusive identity lock. The row of ``source`` stays, empty, to say whom it became. What waits
    for either is told that its customer changed: ``told`` where the call that merges says so itself, ``history`` where
    it is of the past and offered to no journey.
    """
    both = {"source": source, "target": target, "at": at}
    async with connection.pipeline():  # all at once: whoever stores events waits for this
        for statement in _REPOINT:
            await connection.execute(statement, both)
    profiles = await read_profiles(connection, [source, target])
    moved = await connection.execute(_MOVE_IDENTITIES, both)
    keys: set[IdentityKey] = {(kind, value) for kind, value in await moved.fetchall()}
    stage = await (await connection.execute(_STAGE, both)).fetchone()
    await connection.execute(_LEAVE, both)
    known, other = profiles[target], profiles[source]
    united = merged(known, other)
    await write_profiles(connection, {target: united}, at)
    await record_many(connection, _consents(source, target, known, united, at, history), at)
    if not told and not history and (_seen(united) != _seen(known) or _seen(united) != _seen(other)):
        await _tell(connection, both, CUSTOMER_UPDATED, {})
    if stage is not None and not history:
        await _tell(connection, both, STAGE_CHANGED, {"from": None, "to": stage[0]})
    computing = await load_computing(connection)
    if computing is not None:  # of the orders of both
        await count_traits(connection, [target], computing, at)
    return keys


async def _tell(connection: Connection, both: Mapping[str, Any], name: str, properties: Mapping[str, Any]) -> None:
    """An event of the one who remains, for what waits for it."""
    message = derived_event_id(name, str(both["source"]), str(both["target"]))
    given = {**both, "name": name, "message": message, "properties": dump_json(dict(properties))}
    await connection.execute(_TELL, given)


def _consents(
    source: UUID, target: UUID, known: Profile, united: Profile, at: datetime, history: bool
) -> Sequence[Said]:
    """What the merge changes in how the consents of ``target`` stand."""
    before, now = known.consents.standing, united.consents
    changes = compare(before, now.standing)
    changed = sorted({*changes.granted, *changes.withdrawn})
    lines = [
        LoggedWord(name, now.standing[name], now.records[name].act.granted is now.standing[name], True)
        for name in changed
    ]
    return [Said(target, changes, at, "merge", {"merged": str(source)}, history, lines)] if lines else []


def _seen(profile: Profile) -> tuple[object, ...]:
    """What conditions see of a profile."""
    contact = {name: value for name, value in profile.contact.items() if value is not None}
    return contact, profile.attributes, dict(profile.consents.standing), profile.tags
