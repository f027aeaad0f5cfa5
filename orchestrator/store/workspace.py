"""The workspace: one row with the defaults of everything, and the clock by which journeys run."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from orchestrator.core.sending.policies import NEW_WORKSPACE
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.settings import Settings
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.tables.workspace import Workspace

_EVENT_SETTINGS = """
select settings -> 'coupon_properties' as coupon_properties, settings -> 'complaints' as complaints,
    settings -> 'traits' as traits, time_zone
from workspace
"""


async def ensure_workspace(session: AsyncSession, settings: Settings, now: datetime | None = None) -> Workspace:
    """The workspace; on first use it is made from the settings. The caller commits.

    A ``day_seconds`` that is set and differs from the stored one is taken over. One that is not set changes nothing,
    because tools beside ``sojourn run`` (an import, say) are started without it and must not slow the demo's clock.
    """
    now = now or datetime.now(UTC)
    await session.execute(
        insert(Workspace)
        .values(
            id=1,
            time_zone=settings.workspace_time_zone,
            locale=settings.workspace_locale,
            day_seconds=settings.day_seconds,
            clock_real=now,
            clock_journey=now,
            settings={"sending": dict(NEW_WORKSPACE)},
        )
        .on_conflict_do_nothing()
    )
    workspace = (await session.execute(select(Workspace))).scalar_one()
    if settings.day_seconds is not None and settings.day_seconds != workspace.day_seconds:
        return await set_day_seconds(session, settings.day_seconds, now)
    return workspace


async def load_workspace(session: AsyncSession) -> Workspace | None:
    """The workspace, or None before first use."""
    return (await session.execute(select(Workspace))).scalar_one_or_none()


def zone_of(workspace: Workspace | None, settings: Settings) -> str:
    """The workspace's time zone, as an IANA name: its own, before first use the one that it will be made with."""
    return workspace.time_zone if workspace else settings.workspace_time_zone


async def load_zone(engine: AsyncEngine, settings: Settings) -> str:
    """The workspace's time zone, for customers without one of their own."""
    async with session_factory(engine)() as session:
        return zone_of(await load_workspace(session), settings)


def clock_of(workspace: Workspace | None) -> Clock:
    """The clock that the row describes; real time where nothing was ever set."""
    if workspace is None or workspace.clock_real is None or workspace.clock_journey is None:
        return REAL_TIME
    return Clock(workspace.day_seconds or 86_400.0, workspace.clock_real, workspace.clock_journey)


async def load_clock(session: AsyncSession) -> Clock:
    """The workspace's clock."""
    return clock_of(await load_workspace(session))


_CLOCK = text("select day_seconds, clock_real, clock_journey from workspace where id = 1")


async def event_settings(engine: AsyncEngine) -> Mapping[str, Any]:
    """Those of the workspace's settings that say what events mean to it: routing asks for each batch."""
    async with direct(engine).connection() as db:
        return await (await db.execute(_EVENT_SETTINGS)).fetchone() or {}


async def read_clock(db: AsyncConnection) -> Clock:
    """The workspace's clock, over a connection."""
    row = (await db.execute(_CLOCK)).first()
    if row is None or row.clock_real is None or row.clock_journey is None:
        return REAL_TIME
    return Clock(row.day_seconds or 86_400.0, row.clock_real, row.clock_journey)


async def set_day_seconds(session: AsyncSession, day_seconds: float | None, now: datetime | None = None) -> Workspace:
    """Changes the speed of journey time from this moment on. The caller commits.

    The new line starts where the old one stands, so that journey time neither jumps nor runs backwards.
    """
    now = now or datetime.now(UTC)
    workspace = (
        await session.execute(select(Workspace).with_for_update().execution_options(populate_existing=True))
    ).scalar_one()
    workspace.clock_journey = clock_of(workspace).at(now)
    workspace.clock_real = now
    workspace.day_seconds = day_seconds
    await session.flush()
    return workspace


async def prepare_workspace(settings: Settings) -> None:
    """Makes the workspace row, before any process reads the clock: a step of its own after the migration."""
    engine = create_engine(settings.database_url)
    async with session_factory(engine)() as session:
        await ensure_workspace(session, settings)
        await session.commit()
    await engine.dispose()


SENDER = ("sender_name", "sender_contact", "opt_out_number", "opt_out_url", "opt_out_in_app")
"""What advertising must say of its sender (``core.sending.advertising``), by name among the workspace's settings."""


async def set_sender(session: AsyncSession, given: Mapping[str, str]) -> None:
    """Takes over what of :data:`SENDER` is given; an empty one is forgotten. The caller commits."""
    workspace = (await session.execute(select(Workspace).with_for_update())).scalar_one_or_none()
    if workspace is None:
        return
    kept = {name: value for name, value in workspace.settings.items() if name not in given}
    workspace.settings = {**kept, **{name: value for name, value in given.items() if name in SENDER and value}}
    await session.flush()


async def change_settings(session: AsyncSession, given: Mapping[str, Any]) -> None:
    """Takes over settings by name; what is not given stays. The caller commits."""
    workspace = (await session.execute(select(Workspace).with_for_update())).scalar_one_or_none()
    if workspace is not None:
        workspace.settings = {**workspace.settings, **given}
        await session.flush()


async def change_setting(session: AsyncSession, name: str, change: Callable[[Mapping[str, Any]], Any]) -> None:
    """Sets a setting to what ``change`` makes of its value, which nobody else changes meanwhile. The caller commits."""
    workspace = (await session.execute(select(Workspace).with_for_update())).scalar_one()
    workspace.settings = {**workspace.settings, name: change(workspace.settings.get(name) or {})}
    await session.flush()


LISTS = ("coupon_properties", "link_domains")
"""Names that a workspace lists: properties of events that bear a coupon code (``store.coupons.redeem``), and its own
domains, beyond which the link check points links out (``core.preflight.links``)."""


async def set_lists(session: AsyncSession, given: Mapping[str, Sequence[str]]) -> None:
    """Takes over what of :data:`LISTS` is given; an empty one is forgotten. The caller commits."""
    workspace = (await session.execute(select(Workspace).with_for_update())).scalar_one_or_none()
    if workspace is None:
        return
    kept = {name: value for name, value in workspace.settings.items() if name not in given}
    workspace.settings = {**kept, **{name: list(value) for name, value in given.items() if name in LISTS and value}}
    await session.flush()
