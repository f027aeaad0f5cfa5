"""Approval before publishing: where the workspace wants it, another person approves exactly what goes live.

The rule is held where a version is made (``store.journeys.publish``), so that it binds the console, the API and
deployments of files alike. What is approved is the draft's content: any change voids it, but moving cards about does
not, and neither does saving the same file again, as deployments do.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_WANTED = text("select settings -> 'publishing' ->> 'approval' = 'true' from workspace where id = 1")
_NEWEST = text("""
select id, revision, draft_hash, requested_by, requested_by_id, requested_at, note, decision, decided_by, decided_by_id,
    decided_at, reason
from publish_requests where journey_key = :journey order by requested_at desc, id limit 1
""")
_DECISION = text("""
select decision, decided_by from publish_requests
where journey_key = :journey and draft_hash = :draft_hash and decision is not null order by decided_at desc limit 1
""")
_ASK = text("""
insert into publish_requests (id, journey_key, revision, draft_hash, requested_by, requested_by_id, requested_at, note)
values (:id, :journey, :revision, :draft_hash, :by, :by_id, :now, :note)
""")
_DECIDE = text("""
update publish_requests set decision = :decision, decided_by = :by, decided_by_id = :by_id, decided_at = :now,
    reason = :reason
where id = :id and decision is null returning id
""")
_EDITOR = text("select edited_by_id from journeys where key = :journey")
_APPROVERS = text("""
select count(*) from users where disabled_at is null and password is not null and role in ('marketer', 'admin')
""")
ENOUGH = 2
"""People who may publish: with fewer, nothing could go live any more."""


class ApprovalMissing(Exception):
    """The workspace wants another person's approval of this draft."""


def hash_of_draft(draft: Mapping[str, Any]) -> str:
    """Of all that a draft says, places on the canvas left out."""
    said = {name: value for name, value in draft.items() if name != "layout"}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class Request:
    """The last request for a journey."""

    id: UUID
    revision: int
    draft_hash: str
    requested_by: str
    requested_by_id: UUID | None
    requested_at: datetime
    note: str
    decision: str | None
    decided_by: str | None
    decided_by_id: UUID | None
    decided_at: datetime | None
    reason: str


async def approval_wanted(session: AsyncSession) -> bool:
    """Whether the workspace wants approval before anything is published."""
    return bool((await session.execute(_WANTED)).scalar())


async def enough_approvers(session: AsyncSession) -> bool:
    """Whether there are two who may publish, so that one can ask the other."""
    return int((await session.execute(_APPROVERS)).scalar_one()) >= ENOUGH


async def newest_request(session: AsyncSession, journey: str) -> Request | None:
    """What was asked last, decided or not."""
    row = (await session.execute(_NEWEST, {"journey": journey})).one_or_none()
    return None if row is None else Request(*row)


async def approver_of(session: AsyncSession, journey: str, draft: Mapping[str, Any]) -> str | None:
    """Who approved this draft; None: nobody needs to. What was said of it last counts.

    Raises :class:`ApprovalMissing`.
    """
    given = {"journey": journey, "draft_hash": hash_of_draft(draft)}
    last = (await session.execute(_DECISION, given)).one_or_none()
    found: str | None = last.decided_by if last is not None and last.decision == "approved" else None
    if found is None and await approval_wanted(session):
        raise ApprovalMissing
    return found


async def ask_for_approval(
    session: AsyncSession,
    journey: str,
    revision: int,
    draft: Mapping[str, Any],
    *,
    by: str,
    by_id: UUID | None,
    note: str,
    now: datetime,
) -> None:
    """Asks for approval of a draft; it takes the place of what was asked before. The caller commits."""
    given: dict[str, Any] = {"journey": journey, "revision": revision, "by": by, "by_id": by_id, "note": note}
    await session.execute(_ASK, {"id": uuid4(), "draft_hash": hash_of_draft(draft), **given, "now": now})


async def may_decide(session: AsyncSession, journey: str, request: Request, person: UUID | None) -> bool:
    """Whether a person is another than who asked and than who changed the draft last. Programs are nobody."""
    editor = (await session.execute(_EDITOR, {"journey": journey})).scalar_one_or_none()
    return person is not None and person not in (request.requested_by_id, editor)


async def decide_request(
    session: AsyncSession, request: UUID, *, approved: bool, by: str, by_id: UUID, reason: str, now: datetime
) -> bool:
    """Approves or declines; False: that was done already. The caller commits."""
    decision = "approved" if approved else "declined"
    given = {"id": request, "decision": decision, "by": by, "by_id": by_id, "reason": reason, "now": now}
    return (await session.execute(_DECIDE, given)).scalar_one_or_none() is not None
