"""The audit log as a page: who changed what, when and why."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.pages.access import PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.audit.chain import first_broken
from orchestrator.store.audit.log import AuditFilter, AuditRow, audit_names, list_audit

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]


@dataclass(frozen=True)
class Difference:
    """One value that a change changed."""

    name: str
    before: Any
    after: Any


@router.get("/audit")
async def audit(
    view: Operator, area: str = "", who: str = "", subject: str = "", since: str = "", until: str = "", before: str = ""
) -> Response:
    """Entries, the newest first; whether the chain holds is looked at on the first page."""
    wanted = AuditFilter(
        area=area,
        who=who,
        subject=subject,
        since=_day(view, since),
        until=_day(view, until, timedelta(days=1)),
    )
    page = await list_audit(view.engine, wanted, before)
    names, people = await audit_names(view.engine)
    first = not before and not any(wanted.wanted.values())
    return view.render(
        "audit.html",
        page=page,
        differences={row.seq: _differences(row) for row in page.rows},
        areas=sorted({name.partition(".")[0] for name in names}),
        people=people,
        broken=await first_broken(view.engine) if first else None,
        checked=first,
    )


def _differences(row: AuditRow) -> list[Difference]:
    return [
        Difference(name, row.before.get(name), row.after.get(name))
        for name in {**row.before, **row.after}
        if row.before.get(name) != row.after.get(name)
    ]


def _day(view: View, given: str, more: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day in the workspace's zone; None: none is given, or it is no day."""
    try:
        day = datetime.strptime(given, "%Y-%m-%d")  # noqa: DTZ007 - the zone is the workspace's
        return (day.replace(tzinfo=view.words.zone) + more).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
