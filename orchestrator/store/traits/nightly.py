"""What a night's work on traits reads and writes: customers in chunks by id, their best hours, the models' figures."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.core.events.system_events import CUSTOMERS_ACTS
from orchestrator.core.timing import known_zones
from orchestrator.store.database import dump_json
from orchestrator.store.traits.counting import Connection

CHUNK = 500
"""Customers at a time."""
FIRST = UUID(int=0)
KEEPS = 400
"""Nights of which the models are kept."""

_CUSTOMERS = """
select id from customers where id > %(after)s and merged_into is null order by id limit %(most)s
"""
_HOURS = """
select e.customer_id, count(*) as acts, cast(extract(hour from e.occurred_at at time zone
    case when c.time_zone = any(%(known)s::text[]) then c.time_zone else %(zone)s end) as int) as hour
from customers c
join events e on e.customer_id = c.id and e.occurred_at > %(since)s and e.occurred_at <= %(now)s
where c.id = any(%(customers)s::uuid[]) and (e.kind <> 'system' or e.name = any(%(acts)s::text[]))
group by 1, 3
"""
_MERGE = """
update customers set attributes = customers.attributes || jsonb_build_object('computed',
    (coalesce(customers.attributes -> 'computed', '{}') - %(names)s::text[]) || given.computed), updated_at = %(now)s
from json_to_recordset(%(rows)s::json) as given(id uuid, computed jsonb)
where customers.id = given.id and customers.merged_into is null
    and (coalesce(customers.attributes -> 'computed', '{}') - %(names)s::text[]) || given.computed
        <> coalesce(customers.attributes -> 'computed', '{}')
returning customers.id
"""
_KEEP = text("""
insert into trait_models (id, fitted_at, customers, problem, report)
values (:id, :now, :customers, :problem, cast(:report as jsonb))
""")
_FORGET = text("""
delete from trait_models where id in (
    select id from trait_models order by fitted_at desc, id desc offset :keeps
)
""")
_NEWEST = text("""
select id, fitted_at, customers, problem, report from trait_models order by fitted_at desc, id desc limit :most
""")


@dataclass(frozen=True, slots=True)
class KeptModel:
    """One night's models (``store.tables.traits.TraitModel``)."""

    id: UUID
    fitted_at: datetime
    customers: int
    problem: str
    report: dict[str, Any]


async def customers_after(db: Connection, after: UUID, most: int = CHUNK) -> list[UUID]:
    """The next customers by id; none at the end."""
    async with db.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(_CUSTOMERS, {"after": after, "most": most})).fetchall()
    return [row["id"] for row in rows]


async def hours_of_acts(
    db: Connection, customers: Collection[UUID], since: datetime, now: datetime, zone: str
) -> dict[UUID, dict[int, int]]:
    """How much of what each customer did fell into which local hour. ``zone``: where their own is not known.

    What journeys and the product add to their log is no act of theirs.
    """
    given = {"customers": list(customers), "since": since, "now": now, "zone": zone, "known": sorted(known_zones())}
    given["acts"] = sorted(CUSTOMERS_ACTS)
    found: dict[UUID, dict[int, int]] = defaultdict(dict)
    async with db.cursor(row_factory=dict_row) as cursor:
        for row in await (await cursor.execute(_HOURS, given)).fetchall():
            found[row["customer_id"]][row["hour"]] = row["acts"]
    return found


async def write_figures(
    db: Connection, figures: Mapping[UUID, Mapping[str, Any]], names: Sequence[str], now: datetime
) -> list[UUID]:
    """Put figures in the place of those of these names, and leave other computed traits; whose changed."""
    rows = [{"id": customer, "computed": dict(told)} for customer, told in figures.items()]
    given = {"rows": dump_json(rows), "names": list(names), "now": now}
    async with db.cursor(row_factory=dict_row) as cursor:
        return [row["id"] for row in await (await cursor.execute(_MERGE, given)).fetchall()]


async def keep_model(
    engine: AsyncEngine, customers: int, problem: str, report: Mapping[str, Any], now: datetime
) -> None:
    """Keep what a night has learned, and forget what is long past."""
    given = {"id": uuid7(), "now": now, "customers": customers, "problem": problem, "report": dump_json(dict(report))}
    async with engine.begin() as db:
        await db.execute(_KEEP, given)
        await db.execute(_FORGET, {"keeps": KEEPS})


async def newest_models(engine: AsyncEngine, most: int = 30) -> list[KeptModel]:
    """The last nights' models, the newest first."""
    async with engine.connect() as db:
        return [KeptModel(*row) for row in await db.execute(_NEWEST, {"most": most})]
