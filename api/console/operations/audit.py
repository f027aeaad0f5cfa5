"""The audit log as a page: who changed what, when and why."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.console.operations.paused_names import paused_names
from api.pages.access import PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.audit.chain import first_broken
from orchestrator.store.audit.log import AuditFilter, AuditRow, audit_names, list_audit

router = APIRouter(route_class=ConsoleRoute)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
TOLD = ("version", "status", "act", "count", "role", "rows", "stored", "rejected")
"""Values of a change that a page shows, each with a word of its own."""
Operator = Annotated[View, Depends(PageAccess("operate"))]


@dataclass(frozen=True)
class Difference:
    """One value that a change changed."""

    name: str
    before: Any
    after: Any


@router.get("/audit")
async def audit(
    view: Operator,
    area: str = "",
    who: str = "",
    subject: str = "",
    since: str = "",
    until: str = "",
    before: str = "",
    check: str = "",
) -> Response:
    """Entries, the newest first. ``check``: look whether the whole chain holds, however long it is."""
    wanted = AuditFilter(
        area=area,
        who=who,
        subject=subject,
        since=_day(view, since),
        until=_day(view, until, timedelta(days=1)),
    )
    page = await list_audit(view.engine, wanted, before)
    journeys = await view.journey_names()
    paused = await paused_names(view, {row.subject for row in page.rows})
    names, people = await audit_names(view.engine)
    checked = check == "1"
    return view.render(
        "audit.html",
        page=page,
        differences={row.seq: _differences(row) for row in page.rows},
        called={row.seq: _called(row, {**journeys, **paused}) for row in page.rows},
        areas=sorted({name.partition(".")[0] for name in names}),
        people=people,
        broken=await first_broken(view.engine) if checked else None,
        checked=checked,
    )


def _differences(row: AuditRow) -> list[Difference]:
    """What people read of it; hashes and codes stand in the export."""
    return [
        Difference(name, row.before.get(name), row.after.get(name))
        for name in {**row.before, **row.after}
        if name in TOLD and row.before.get(name) != row.after.get(name)
    ]


def _called(row: AuditRow, names: dict[str, str]) -> str:
    """What was changed, by its name; empty where an id is all that there is."""
    return names.get(row.subject, "" if _ID.search(row.subject) else row.subject)


def _day(view: View, given: str, more: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day in the workspace's zone; None: none is given, or it is no day."""
    try:
        begins = datetime.combine(date.fromisoformat(given), time.min, view.words.zone)
        return (begins + more).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
