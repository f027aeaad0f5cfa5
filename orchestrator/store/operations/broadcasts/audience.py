"""Who a broadcast is for: counted and looked at before, and written down when it starts, all in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, Text, and_, cast, false, func, literal, null, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.reachable import Reachable
from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.core.timing import known_zones
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.conditions.condition_sql import customers, to_sql
from orchestrator.store.customers.audience import CANCELLED
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.runs import EntryDecision, Operation, OperationItem, Run
from orchestrator.store.tables.sending import SendRecord

_items = OperationItem.metadata.tables["operation_items"]
_operations = Operation.metadata.tables["operations"]
_decisions = EntryDecision.metadata.tables["entry_decisions"]
_runs = Run.metadata.tables["runs"]
_sends = SendRecord.metadata.tables["sends"]
_people = Customer.metadata.tables["customers"]
GONE_OUT = ("sent", "unknown")
"""What a message is that has reached somebody, or may have."""
_PATIENCE = text("select set_config('statement_timeout', :milliseconds, true)")
_ZONE = text("select time_zone from workspace where id = 1")
_ZONES = text("select distinct time_zone from customers where time_zone is not null")
_OPEN = text("""
select chosen from operations where id = :id and act = 'broadcast' and status = 'running' for no key update
""")
# Nobody has a place in the list before it is prepared; whoever has none then is left out, or is no customer any more.
_NAME = text("""
insert into operation_items (operation_id, subject, position, status)
select :id, one, 0, 'waiting' from unnest(cast(:people as uuid[])) as given(one) on conflict do nothing
""")
_LEFT_OUT = text("delete from operation_items where operation_id = :id and position = 0")
_PREPARED = text("""
update operations set total = :total, chosen = chosen || cast(:more as jsonb) where id = :id
""")


@dataclass(frozen=True)
class Way:
    """A channel by which the journey may write; ``consent``: whether it needs the customer's word for that."""

    channel: str
    consent: bool


@dataclass(frozen=True)
class Audience:
    """Whom a broadcast would be for now. ``customers``: None where counting takes too long; ``reachable``: by channel,
    whom it could be sent to; ``anyhow``: by one of them at least, None where the journey writes to nobody; ``sample``:
    some, and what they are called."""

    customers: int | None
    reachable: Mapping[str, int]
    anyhow: int | None
    sample: Sequence[tuple[UUID, str]]


async def look_at(
    engine: AsyncEngine,
    broadcast: Broadcast,
    ways: Sequence[Way],
    now: datetime,
    patience: float,
    people: Sequence[UUID] = (),
) -> Audience:
    """Count and sample those who are meant now, ``patience`` seconds at most. Nothing is written. ``people``: those who
    are named, of one that goes to a list."""
    meant = _meant(broadcast, now)
    if broadcast.listed:
        meant = meant.where(customers.c.id == func.any(literal([*people], ARRAY(UUID_TYPE))))
    wanted = [_reaches(way, now) for way in ways]
    counting = [func.count().filter(one) for one in wanted]
    query = meant.with_only_columns(func.count(), func.count().filter(or_(false(), *wanted)), *counting)
    query = query.select_from(customers)
    called = func.coalesce(customers.c.attributes["name"].astext, customers.c.external_id, "")
    sample = meant.with_only_columns(customers.c.id, called).order_by(customers.c.id).limit(8)
    counts: Sequence[Any] = ()
    try:
        async with engine.begin() as db:
            await db.execute(_PATIENCE, {"milliseconds": str(int(patience * 1000))})
            counts = tuple((await db.execute(query)).one())
            found = [(row[0], row[1]) for row in await db.execute(sample)]
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != CANCELLED:
            raise
        return Audience(None, {}, None, [])
    reachable = {way.channel: count for way, count in zip(ways, counts[2:], strict=True)}
    return Audience(counts[0], reachable, counts[1] if ways else None, found)


async def prepare(db: AsyncConnection, operation: UUID, now: datetime) -> int | None:
    """Write down who is meant at this moment, each once, in an order that is random and always the same; how many.

    None where that was done before, or the broadcast does not run. The caller commits.
    """
    row = (await db.execute(_OPEN, {"id": operation})).one_or_none()
    if row is None or row.chosen.get("prepared"):
        return None
    broadcast = Broadcast.of(row.chosen)
    await db.execute(_PATIENCE, {"milliseconds": "0"})
    adding = (await _listing(db, operation, broadcast, now)).execution_options(preserve_rowcount=True)
    total = (await db.execute(adding)).rowcount
    if broadcast.listed:
        await db.execute(_LEFT_OUT, {"id": operation})
    more: dict[str, Any] = {"prepared": True}
    if broadcast.share is not None:
        more["first"] = -(-total * broadcast.share // 100)
    await db.execute(_PREPARED, {"id": operation, "total": total, "more": orjson.dumps(more).decode()})
    return total


async def name_listed(db: AsyncConnection, operation: UUID, people: Sequence[UUID]) -> int:
    """Keep those whom somebody has named until it starts; how many. The caller commits."""
    return (await db.execute(_NAME, {"id": operation, "people": list(people)})).rowcount


async def _listing(db: AsyncConnection, operation: UUID, broadcast: Broadcast, now: datetime) -> Any:
    people = _meant(broadcast, now)
    if broadcast.listed:
        named = select(_items.c.subject).where(_items.c.operation_id == operation)
        people = people.where(customers.c.id.in_(named))
    drawn = func.md5(func.concat(literal(str(operation)), cast(customers.c.id, Text)))
    lot = func.row_number().over(order_by=drawn).label("lot")
    meant = people.with_only_columns(
        customers.c.id, customers.c.time_zone, lot, func.count().over().label("all")
    ).subquery("meant")
    place: ColumnElement[Any] = meant.c.lot
    given: ColumnElement[Any] = cast(null(), JSONB)
    if broadcast.time_of_day is not None:
        turns = literal(await _turns(db, broadcast, now), JSONB)
        due = func.coalesce(turns[func.coalesce(meant.c.time_zone, "")].astext, turns[""].astext)
        given = func.jsonb_build_object("due", due)
        # Of each hour as many are among the first as of all: whom the lot has drawn for it.
        share = 100 if broadcast.share is None else broadcast.share
        place = func.row_number().over(order_by=[meant.c.lot > (meant.c.all * share + 99) // 100, due, meant.c.lot])
    rows = select(literal(operation, UUID_TYPE), meant.c.id, place, literal("waiting", Text), given)
    adding = insert(_items).from_select(["operation_id", "subject", "position", "status", "given"], rows)
    placed = {"position": adding.excluded.position, "given": adding.excluded.given}
    return adding.on_conflict_do_update(index_elements=["operation_id", "subject"], set_=placed)


async def _turns(db: AsyncConnection, broadcast: Broadcast, now: datetime) -> dict[str, str]:
    """When it is whose turn, by zone; under no name, of those who have none."""
    zone = (await db.execute(_ZONE)).scalar_one_or_none() or DEFAULT_ZONE
    found = {one for one in (await db.execute(_ZONES)).scalars() if one in known_zones()}
    turns = {one: broadcast.turn(now, one, zone) or now for one in ("", *sorted(found))}
    return {one: at.astimezone(UTC).isoformat(timespec="microseconds") for one, at in turns.items()}


def _meant(broadcast: Broadcast, now: datetime) -> Select[Any]:
    """Those of a list apart, which nobody has written down before."""
    meant = select(customers).where(customers.c.merged_into.is_(None))
    condition = broadcast.audience()
    if condition is not None:
        meant = meant.where(to_sql(condition, now))
    if broadcast.reached_by is not None:
        meant = meant.where(customers.c.id.in_(_reached(broadcast.reached_by)), ~_made_up_to(broadcast.reached_by))
    return meant


def _reaches(way: Way, now: datetime) -> ColumnElement[bool]:
    known = to_sql(Reachable(channel=way.channel), now)
    return and_(known, to_sql(Consent(channel=way.channel), now)) if way.consent else known


def _reached(broadcast: UUID) -> Select[Any]:
    """Whoever got a message of a run that this broadcast began, followed to whom they turned out to be."""
    decision = cast(_items.c.given["decision"].astext, UUID_TYPE)
    whose = _people.alias("whose")
    went_out = and_(
        _sends.c.customer_id == _runs.c.customer_id, _sends.c.run_id == _runs.c.id, _sends.c.status.in_(GONE_OUT)
    )
    return (
        select(func.coalesce(whose.c.merged_into, whose.c.id))
        .select_from(_items)
        .join(_decisions, _decisions.c.id == decision)
        .join(_runs, _runs.c.id == _decisions.c.run_id)
        .join(_sends, went_out)
        .join(whose, whose.c.id == _runs.c.customer_id)
        .where(_items.c.operation_id == broadcast, _items.c.status == "done")
    )


def _made_up_to(broadcast: UUID) -> ColumnElement[bool]:
    """Whether another broadcast has made up to the customer for this one already."""
    return (
        select(literal(1))
        .select_from(_items)
        .join(_operations, _operations.c.id == _items.c.operation_id)
        .where(
            _items.c.subject == customers.c.id,
            _operations.c.act == "broadcast",
            _operations.c.chosen["reached_by"].astext == str(broadcast),
        )
        .correlate(customers)
        .exists()
    )
