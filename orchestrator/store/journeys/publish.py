"""Journeys: drafts that people change, and versions that nobody can."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.core.journey.plan import CompileResult, compile_journey
from orchestrator.core.journey.plan import Plan as CompiledPlan
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.template_document import facts_of
from orchestrator.core.problems import Problem
from orchestrator.store.coupons.pools import load_standings
from orchestrator.store.journeys.notices import tell_changed
from orchestrator.store.journeys.vocabulary import OWN_ATTRIBUTES, load_called
from orchestrator.store.runs import live_plans
from orchestrator.store.secrets.named import secret_names
from orchestrator.store.segments.standings import load_segment_links, load_segment_standings
from orchestrator.store.surveys.documents import survey_groups
from orchestrator.store.tables.journeys import Journey, JourneyVersion, Plan
from orchestrator.store.teamwork.approvals import approver_of
from orchestrator.store.workspace import load_clock

"""PostgreSQL notification, with a journey's key, that its live version or status changed."""

_SEEN = text("select kind, event, name from seen_names")
_TEMPLATES = text("""
select t.key, coalesce(r.document, '{}'), t.live_revision is not null, t.archived_at is not null
from templates t left join template_revisions r on r.template_key = t.key and r.revision = t.live_revision
""")
_KEYS = text("select key from journeys")
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(:lock)")
PUBLISHING = 0x50_55_42_4C
_NEXT_VERSION = text("select coalesce(max(version), 0) + 1 from journey_versions where journey_key = :key")
_PLAN_OF = text("select plan_hash from journey_versions where journey_key = :key and version = :version")


@dataclass(frozen=True)
class Published:
    """A publication: ``version`` is None where errors stood in its way."""

    version: int | None
    plan_hash: str | None
    problems: tuple[Problem, ...]


Compiler = Callable[[dict[str, Any], Vocabulary], Awaitable[CompileResult]]
"""Compiles a journey where it keeps nobody waiting."""


async def compile_in_thread(document: dict[str, Any], vocabulary: Vocabulary) -> CompileResult:
    """Compiles a file of one's own; what others bring, the API compiles in a process that can be killed."""
    return await asyncio.to_thread(compile_journey, document, vocabulary)


async def load_vocabulary(session: AsyncSession) -> Vocabulary:
    """What the workspace has seen: what a journey may speak of without being asked whether it is a typing error."""
    events: dict[str, set[str]] = defaultdict(set)
    attributes: set[str] = set()
    for kind, event, name in await session.execute(_SEEN):
        if kind == "event":
            events[name].update()
        elif kind == "property":
            events[event].add(name)
        else:
            attributes.add(name)
    journeys = frozenset((await session.execute(_KEYS)).scalars())
    templates = {
        key: facts_of(document, live, archived) for key, document, live, archived in await session.execute(_TEMPLATES)
    }
    seen = {name: frozenset(names) for name, names in events.items()}
    coupons = await load_standings(session, (await load_clock(session)).now())
    surveys = await survey_groups(await session.connection())
    known = frozenset(attributes | set(OWN_ATTRIBUTES))
    # What cannot be read passes nothing on here; the router tells of it.
    readable, _ = await live_plans.of_this_process.load(session)
    live = {one.plan.key: one.plan.links for one in readable} | await load_segment_links(session)
    secrets, names = await secret_names(session), await load_called(session)
    segments = await load_segment_standings(session)
    return Vocabulary(seen, known, journeys, templates, coupons, surveys, secrets, live, names, segments)


async def check(session: AsyncSession, key: str, compiler: Compiler = compile_in_thread) -> CompileResult | None:
    """What the compiler says of a draft; None: there is no such journey."""
    draft = (await session.execute(select(col(Journey.draft)).where(col(Journey.key) == key))).scalar_one_or_none()
    return None if draft is None else await compiler(draft, await load_vocabulary(session))


async def publish(
    session: AsyncSession,
    key: str,
    now: datetime,
    by: str | None = None,
    checks: dict[str, Any] | None = None,
    compiler: Compiler = compile_in_thread,
) -> Published | None:
    """Makes the draft the version that customers enter from now on; None: there is no such journey.

    ``checks``: what the checks before it said, to be kept with the version.

    Publishing what is live already changes nothing. A paused journey stays paused. The caller commits, and with that
    tells the router. Raises :class:`ApprovalMissing` where the workspace wants approval of what would go live.
    """
    await lock_publishing(session)
    query = select(Journey).where(col(Journey.key) == key).with_for_update()
    journey = (await session.execute(query)).scalar_one_or_none()
    if journey is None:
        return None
    result = await compiler(journey.draft, await load_vocabulary(session))
    if result.plan is None:
        return Published(None, None, result.problems)
    if await _is_new(session, journey, result.plan.hash):
        approved_by = await approver_of(session, key, journey.draft)
        await _add_version(session, journey, result.plan, journey.draft, now, by, approved_by, checks)
    if journey.status != "paused":
        journey.status = "live"
    return await _told(session, journey, result, now)


async def lock_publishing(session: AsyncSession) -> None:
    """Nobody else publishes until the transaction ends: two at once would not see each other's circle. To be taken
    before the row of a journey."""
    await session.execute(_ONE_AT_A_TIME, {"lock": PUBLISHING})


async def publish_document(
    session: AsyncSession, journey: Journey, document: dict[str, Any], now: datetime, by: str, approved_by: str | None
) -> Published:
    """Makes a file the version that customers enter from now on, whatever the draft is. Publishing and the journey's
    row are locked by the caller, who commits. Whether customers enter at all is left as it is.

    ``approved_by``: who gave leave for what is changed by it, where the workspace wants that.
    """
    result = await compile_in_thread(document, await load_vocabulary(session))
    if result.plan is None:
        return Published(None, None, result.problems)
    if await _is_new(session, journey, result.plan.hash):
        await _add_version(session, journey, result.plan, document, now, by, approved_by, None)
    return await _told(session, journey, result, now)


async def _is_new(session: AsyncSession, journey: Journey, plan_hash: str) -> bool:
    live = {"key": journey.key, "version": journey.live_version}
    return bool((await session.execute(_PLAN_OF, live)).scalar_one_or_none() != plan_hash)


async def _add_version(
    session: AsyncSession,
    journey: Journey,
    compiled: CompiledPlan,
    document: dict[str, Any],
    now: datetime,
    by: str | None,
    approved_by: str | None,
    checks: dict[str, Any] | None,
) -> None:
    """The next version, which is live from now on."""
    plan = {"hash": compiled.hash, "body": compiled.body, "created_at": now}
    await session.execute(insert(Plan).values(**plan).on_conflict_do_nothing())
    journey.live_version = int((await session.execute(_NEXT_VERSION, {"key": journey.key})).scalar_one())
    session.add(
        JourneyVersion(
            approved_by=approved_by,
            journey_key=journey.key,
            version=journey.live_version,
            plan_hash=compiled.hash,
            published_at=now,
            published_by=by,
            document=document,
            checks=checks,
        )
    )


async def _told(session: AsyncSession, journey: Journey, result: CompileResult, now: datetime) -> Published:
    journey.updated_at = now
    await session.flush()
    await tell_changed(session, journey.key)
    return Published(journey.live_version, result.plan.hash if result.plan else None, result.problems)


async def set_status(session: AsyncSession, key: str, status: str, now: datetime) -> bool | None:
    """Lets customers in (``live``) or not (``paused``); runs under way go on. The caller commits.

    False: nothing was published that could be entered; None: there is no such journey.
    """
    query = select(Journey).where(col(Journey.key) == key).with_for_update()
    journey = (await session.execute(query)).scalar_one_or_none()
    if journey is None:
        return None
    if journey.live_version is None:
        return False
    if journey.status != status:
        journey.status = status
        journey.updated_at = now
        await session.flush()
        await tell_changed(session, key)
    return True
