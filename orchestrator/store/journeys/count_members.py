"""Who stands behind a count on the canvas: the customers who are at a step, came to it, left it, got its message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.customer_names import NAME
from orchestrator.store.pagination import Page, cut, read_cursor
from orchestrator.store.runs.trouble import PROBLEM
from orchestrator.store.statements import Filtered

What = Literal["here", "entered", "left", "ended", "goal", "sent"]

_PERSON = f"c.id, c.external_id, {NAME} as name, c.email"
_RUNS = Filtered(
    f"""
select {_PERSON}, r.id as run, coalesce((select max(t.at) from transitions t
    where t.run_id = r.id and t.step = r.step and t.what = 'entered'), r.entered_at) as since,
    r.status, {PROBLEM} as problem, r.waiting_until, '' as port, r.entered_at as at
from runs r left join customers c on c.id = r.customer_id
{{where}}
order by r.entered_at desc, r.id desc limit :limit
""",
    {"here": "r.status in ('starting', 'running')", "ended": "r.status = 'finished'"},
    always=(
        "r.journey_key = :journey",
        "(r.entered_at, r.id) < (:at, :id)",
        "(cast(:step as text) is null or r.step = :step)",
    ),
)
_PASSAGES = text(f"""
select {_PERSON}, t.run_id as run, t.at as since, r.status, {PROBLEM} as problem, r.waiting_until, t.port, t.at
from transitions t join runs r on r.id = t.run_id left join customers c on c.id = t.customer_id
where t.journey_key = :journey and t.what = :what and (cast(:step as text) is null or t.step = :step)
    and (cast(:port as text) is null or t.port = :port) and (t.at, t.run_id) < (:at, :id)
order by t.at desc, t.run_id desc limit :limit
""")
_SENDS = text(f"""
select {_PERSON}, s.run_id as run, coalesce(s.sent_at, s.created_at) as since, s.status, null as problem,
    s.hold_until as waiting_until, s.reason as port, s.created_at as at, s.id as send
from sends s left join customers c on c.id = s.customer_id
where s.journey_key = :journey and (cast(:step as text) is null or s.step = :step)
    and (cast(:port as text) is null or s.status = :port) and (s.created_at, s.id) < (:at, :id)
order by s.created_at desc, s.id desc limit :limit
""")


@dataclass(frozen=True)
class BehindRow:
    """One customer behind a count. ``since``: when they came, left, or were written to."""

    customer: UUID
    external_id: str | None
    name: str | None
    email: str | None
    run: UUID
    since: datetime
    status: str
    problem: str | None
    waiting_until: datetime | None
    port: str


async def list_behind(
    engine: AsyncEngine,
    journey: str,
    what: What,
    *,
    step: str | None = None,
    port: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page[BehindRow]:
    """The newest first. Of ``left`` and ``goal``, ``port`` is the way out or the goal; of ``sent``, a status.

    One who passed a step twice stands here twice, as in the count.
    """
    at, identity = read_cursor(before)
    given: dict[str, Any] = {"journey": journey, "step": step, "at": at, "id": identity, "limit": limit + 1}
    match what:
        case "here":
            query = _RUNS.statement(("here",))
        case "entered" if step is None:
            query = _RUNS.statement(())
        case "ended" if step is None:
            query = _RUNS.statement(("ended",))
        case "sent":
            query, given["port"] = _SENDS, port
        case _:
            query, given["what"], given["port"] = _PASSAGES, what, port
    async with engine.connect() as db:
        rows = list(await db.execute(query, given))
    page = cut(rows, limit, lambda row: (row.at, row.send if what == "sent" else row.run))
    return Page([BehindRow(*row[:10]) for row in page.rows], page.next)
