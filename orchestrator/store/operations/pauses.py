"""Pausing and resuming: one row says so, and whoever comes due reads it. Nothing is asked of any run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.notices import tell_changed
from orchestrator.store.journeys.publish import set_status
from orchestrator.store.journeys.sending_steps import steps_that_send
from orchestrator.store.paused import EVERYTHING, PAUSED
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import clock_of, load_workspace

_STATUS = text("select status from journeys where key = :key for update")
_JOURNEYS = text("select key, updated_at from journeys where status = 'paused' order by key")


@dataclass(frozen=True)
class Pause:
    """Something that is paused. ``what``: ``everything``, ``channel:email``, ``journey:welcome``,
    ``step:welcome/hello``; ``at``: journey time. Of one that nobody asked for, ``cause`` is the short code of what went
    wrong, and ``reason`` says it as the ledger of sends does (``core.sending.decision.Reason.as_json``)."""

    what: str
    at: datetime
    by: str = ""
    why: str = ""
    cause: str = ""
    basis: str = ""
    """What the step's messages were made of when it failed (``mending.basis_of``)."""
    reason: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def kind(self) -> str:
        """``everything``, ``channel``, ``journey`` or ``step``."""
        return self.what.partition(":")[0]

    @property
    def name(self) -> str:
        """Of the channel; the journey's key; of a step, the journey's key and its id."""
        return self.what.partition(":")[2]

    @property
    def journey(self) -> str | None:
        """The journey that it concerns, or in which it is a step; None: it concerns them all."""
        return journey_of(self.what)

    @property
    def step(self) -> str | None:
        """The step that it concerns, or None."""
        return step_of(self.what)

    @property
    def parked_for(self) -> str:
        """As a run that waits for it keeps it."""
        return "journey" if self.kind == "journey" else self.what


@dataclass(frozen=True)
class Fault:
    """Why something is paused that nobody asked to be: a short code, and what to say of it."""

    cause: str
    reason: Mapping[str, Any] = field(default_factory=dict, hash=False)
    basis: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"cause": self.cause, "reason": dict(self.reason), "basis": self.basis}


class NothingToPause(LookupError):
    """There is no such channel, no such journey that was published, or none of its steps sends under this id."""


def journey_of(what: str) -> str | None:
    """The journey that is paused, or in which a step is."""
    kind, _, name = what.partition(":")
    return name.partition("/")[0] if kind in ("journey", "step") else None


def step_of(what: str) -> str | None:
    """The step that is paused."""
    kind, _, name = what.partition(":")
    return name.partition("/")[2] if kind == "step" else None


async def pauses(engine: AsyncEngine) -> Sequence[Pause]:
    """What is paused now, the widest first."""
    async with session_factory(engine)() as session:
        workspace = await load_workspace(session)
        kept = _kept(workspace)
        journeys = (await session.execute(_JOURNEYS)).all()
    found = [_pause(EVERYTHING, kept[EVERYTHING])] if kept.get(EVERYTHING) else []
    found += [_pause(f"channel:{name}", one) for name, one in sorted((kept.get("channels") or {}).items())]
    found += [_pause(f"step:{name}", one) for name, one in sorted((kept.get("steps") or {}).items())]
    noted = kept.get("journeys") or {}
    for row in journeys:
        what = f"journey:{row.key}"
        found.append(_pause(what, noted[row.key]) if row.key in noted else Pause(what, row.updated_at))
    return found


async def find_pause(engine: AsyncEngine, what: str) -> Pause | None:
    """One of them, or None."""
    return next((one for one in await pauses(engine) if one.what == what), None)


async def pause(session: AsyncSession, what: str, by: By, why: str = "", fault: Fault | None = None) -> bool:
    """Nothing goes out and nobody enters, of what is named. False: it is paused already. The caller commits.

    Raises :class:`NothingToPause`.
    """
    return await _turn(session, what, by, why, fault, paused=True)


async def end_pause(session: AsyncSession, what: str, by: By, why: str = "") -> bool:
    """It is paused no more; those who are parked are to be let go then. False: it was not. The caller commits.

    Raises :class:`NothingToPause`.
    """
    return await _turn(session, what, by, why, paused=False)


async def _turn(
    session: AsyncSession, what: str, by: By, why: str, fault: Fault | None = None, *, paused: bool
) -> bool:
    kind, _, name = what.partition(":")
    locked = select(Workspace).with_for_update().execution_options(populate_existing=True)
    workspace = (await session.execute(locked)).scalar_one_or_none()
    now = clock_of(workspace).now()
    kept = {**_kept(workspace)}
    known = bool(fault) or name in (kept.get("steps") or {})
    if not (kind == "step" and known) and not await _can(session, kind, name, now, paused=paused):
        raise NothingToPause(what)
    if workspace is None and kind != "journey":
        raise NothingToPause(what)
    group = kept if kind == EVERYTHING else {**(kept.get(f"{kind}s") or {})}
    before = group.pop(name or EVERYTHING, None)
    if paused:
        found = fault.as_json() if fault else {}
        group[name or EVERYTHING] = before or {"at": now.isoformat(), "by": by.who, "why": why, **found}
    if workspace is not None:
        kept = group if kind == EVERYTHING else {**kept, f"{kind}s": group}
        if kind == "journey" and not paused:
            kept["resumed"] = {**(kept.get("resumed") or {}), name: now.isoformat()}
        workspace.settings = {**workspace.settings, PAUSED: kept}
    await session.flush()
    if kind == EVERYTHING:
        await tell_changed(session)
    if bool(before) == paused:
        return False
    verb = "paused" if paused else "resumed"
    after = {"paused": paused, **({"cause": fault.cause, "reason": dict(fault.reason)} if fault else {})}
    await record(session, by, Change(f"pause.{verb}", what, {"paused": not paused}, after, why))
    return True


async def _can(session: AsyncSession, kind: str, name: str, now: datetime, *, paused: bool) -> bool:
    """Whether there is such a thing; a journey takes its status at once. One that is closed is neither."""
    match kind:
        case "everything":
            return not name
        case "channel":
            return name in CHANNELS
        case "journey":
            status = (await session.execute(_STATUS, {"key": name})).scalar_one_or_none()
            if status not in ("live", "paused"):
                return False
            return bool(await set_status(session, name, "paused" if paused else "live", now))
        case "step":
            journey, _, step = name.partition("/")
            return step in await steps_that_send(session, journey)
    return False


def _kept(workspace: Workspace | None) -> dict[str, Any]:
    found: dict[str, Any] = (workspace.settings if workspace else {}).get(PAUSED) or {}
    return found


def _pause(what: str, kept: dict[str, Any]) -> Pause:
    told = {name: kept[name] for name in ("by", "why", "cause", "reason", "basis") if name in kept}
    return Pause(what, datetime.fromisoformat(kept["at"]), **told)
