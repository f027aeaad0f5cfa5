"""What the checks are made from: the draft, a sample of customers, the workspace, templates and pools."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from fastapi import Request
from sqlalchemy.exc import DBAPIError

from api.bounded_work.pool import Pieces, bounded, bounded_walk
from api.http.lists import resources_of
from api.http.resources import Resources
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.template_use import templates_of
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.core.preflight.coupons import PoolFacts
from orchestrator.core.preflight.make_checks import (
    PreflightContext,
    PreflightResult,
    checks_of_unreadable,
    make_checks,
)
from orchestrator.core.simulation.forecast import events_of
from orchestrator.store.coupons.pools import list_pools
from orchestrator.store.customers.audience import count_matching, is_about_customers
from orchestrator.store.customers.sample import Sample, load_sample
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.templates.source import load_live
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

log = structlog.get_logger(__name__)

SAMPLE = 1_000
"""Customers who are walked through the draft, about."""
PATIENCE = 2.0
"""Seconds for counting who matches now."""


async def load_context(resources: Resources) -> PreflightContext:
    """The workspace as it is now."""
    async with resources.sessions() as session:
        workspace, vocabulary = await load_workspace(session), await load_vocabulary(session)
    now, own = clock_of(workspace).now(), workspace.settings if workspace else {}
    time_zone = zone_of(workspace, resources.settings)
    locale = workspace.locale if workspace else resources.settings.workspace_locale
    pools = {
        pool.key: PoolFacts(pool.document, pool.stock.free, pool.standing(now, time_zone))
        for pool in await list_pools(resources.engine)
    }
    return PreflightContext(now, time_zone, locale, own, vocabulary, pools)


async def live_templates(resources: Resources, keys: Sequence[str]) -> dict[str, LiveTemplate]:
    """Those of these templates that are in use."""
    async with resources.engine.connect() as db:
        found = {key: await load_live(db, key) for key in keys}
    return {key: one for key, one in found.items() if one is not None}


async def checks_of(request: Request, document: Mapping[str, Any], world: PreflightContext) -> PreflightResult:
    """Every check of a draft. Walks a sample of customers, always the same, for some seconds at most."""
    resources = resources_of(request)
    result = await bounded(request, compile_journey, document, world.vocabulary)
    if result.plan is None:
        return checks_of_unreadable(result)
    plan = result.plan
    templates = await live_templates(resources, templates_of(plan.journey))
    matching = await _matching(resources, plan.journey.entry.filter, world.now)
    sample = await _sample(resources, plan, world)
    customers = Pieces(sample.customers)
    return await bounded_walk(request, make_checks, plan, result, customers, sample.of, templates, matching, world)


async def _matching(resources: Resources, condition: Condition | None, now: datetime) -> int | None:
    if condition is None or not is_about_customers(condition):
        return None
    return await count_matching(resources.engine, bind(condition), now, PATIENCE)


async def _sample(resources: Resources, plan: Plan, world: PreflightContext) -> Sample:
    try:
        return await load_sample(resources.engine, events_of(plan), world.now, SAMPLE, world.time_zone)
    except DBAPIError as error:
        log.warning("sample unknown", journey=plan.key, problem=type(error.orig).__name__)
        return Sample([], 0)
