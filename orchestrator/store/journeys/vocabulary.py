"""Names that the workspace has seen, with their types: for pick lists."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from orchestrator.core.channels.registry import consent_names
from orchestrator.core.journey.vocabulary import PoolStanding
from orchestrator.core.surveys.questionnaire import ATTRIBUTES, SurveyDocument
from orchestrator.core.text import Names
from orchestrator.core.traits.definition import computed_names
from orchestrator.store.coupons.pools import list_pools
from orchestrator.store.secrets.named import secret_names
from orchestrator.store.segments.standings import load_segment_names
from orchestrator.store.surveys.documents import all_surveys
from orchestrator.store.traits.counting import as_settings

OWN_ATTRIBUTES = {**dict.fromkeys(ATTRIBUTES.values(), "number"), "open_complaint": "boolean"}
"""Attributes that the product itself sets, with their JSON types: known before the first customer has one."""

_TRAITS = text("select settings -> 'traits' from workspace")
_SEEN = text("select kind, event, name, type from seen_names order by name")
_CALLED = text("""
select 'journey' as kind, key, name from journeys
union all select 'survey', key, document->'name' from surveys
union all select 'coupon_pool', key, document->'name' from coupon_pools
union all select 'template', key, document->'name' from templates
union all select 'segment', key, document->'name' from segments
""")
_JOURNEYS = text("select key, name from journeys order by created_at, key")
_CONSENTS = text("""
select distinct jsonb_object_keys(consents) as name from (
    select consents from customers where consents <> '{}'::jsonb limit 10000
) newest order by 1 limit 100
""")
_ATTRIBUTES = text("select name from seen_names where kind = 'attribute' order by name limit 200")
ALWAYS = consent_names()
"""Consents that can be asked about although nobody has given or refused them yet."""


@dataclass(frozen=True)
class KnownPool:
    """A coupon pool, by what is picked from: its name, how many codes are left, how it stands."""

    key: str
    name: dict[str, str]
    free: int
    standing: PoolStanding


@dataclass(frozen=True)
class KnownNames:
    """Properties by event, attributes, each with its JSON type; journeys by key; consents; pools; surveys; secrets;
    segments."""

    events: dict[str, dict[str, str]]
    attributes: dict[str, str]
    journeys: dict[str, dict[str, str]]
    consents: list[str]
    coupons: list[KnownPool]
    surveys: dict[str, SurveyDocument] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    segments: dict[str, dict[str, str]] = field(default_factory=dict)


async def load_called(db: AsyncSession | AsyncConnection) -> Names:
    """What journeys, surveys, coupon pools, templates and segments are called, by kind and key."""
    return {(row.kind, row.key): row.name for row in await db.execute(_CALLED) if isinstance(row.name, dict)}


async def load_names(engine: AsyncEngine, now: datetime, time_zone: str) -> KnownNames:
    """All of them. ``now`` and the workspace's zone: for how coupon pools stand."""
    events: dict[str, dict[str, str]] = defaultdict(dict)
    attributes: dict[str, str] = dict(OWN_ATTRIBUTES)
    async with engine.connect() as db:
        for row in await db.execute(_SEEN):
            if row.kind == "event":
                events[row.name].update()
            elif row.kind == "property":
                events[row.event][row.name] = row.type
            else:
                attributes[row.name] = row.type
        journeys = {row.key: row.name for row in await db.execute(_JOURNEYS)}
        surveys = {key: row.document for key, row in (await all_surveys(db)).items() if row.archived_at is None}
        seen = [row.name for row in await db.execute(_CONSENTS)]
        secrets = tuple(sorted(await secret_names(db)))
        segments = await load_segment_names(db)
        settings = as_settings((await db.execute(_TRAITS)).scalar_one_or_none())
    if settings is not None:
        attributes |= computed_names(settings)
    pools = [
        KnownPool(pool.key, pool.document.name, pool.stock.free, pool.standing(now, time_zone))
        for pool in await list_pools(engine)
        if pool.archived_at is None
    ]
    consents = list(dict.fromkeys([*ALWAYS, *seen]))
    return KnownNames(dict(sorted(events.items())), attributes, journeys, consents, pools, surveys, secrets, segments)


async def attribute_names(engine: AsyncEngine) -> list[str]:
    """Names of attributes alone, for pick lists."""
    async with engine.connect() as db:
        return list((await db.execute(_ATTRIBUTES)).scalars())
