"""Imports of customers: a file is chosen, its columns are looked at, it is tried, and goes on by itself."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.http.problems import ApiProblem
from api.imports.jobs import known_import, start_import, try_import
from api.imports.refused import refused_as_csv
from api.intake.csv_columns import IGNORED
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.files.tables import MOST_BYTES, MOST_ROWS
from orchestrator.store.audit.chain import Change, record_alone
from orchestrator.store.imports.progress import ImportRow, cancel_import, list_imports

router = APIRouter(route_class=ConsoleRoute)
Caring = Annotated[View, Depends(PageAccess("draw", "operate"))]
"""Whoever works with customers."""
OWN = ("user_id", "anonymous_id", "email", "phone", "name", "locale", "timezone", "timestamp")
"""What a column may be, beside a consent and an attribute of its own name."""
_MEGA = 1024 * 1024


@router.get("/imports")
async def imports(view: Reader, before: str = "", done: str = "") -> Response:
    """All of them, and the place for another file."""
    page = await list_imports(view.engine, before=before or None)
    return view.render("imports.html", page=page, done=done, most=MOST_BYTES // _MEGA, most_rows=MOST_ROWS)


@router.get("/imports/{identity}")
async def one(view: Caring, identity: UUID) -> Response:
    """Its columns, as long as it has not begun; how far it is, from then on."""
    return await _page(view, await _known(view, identity))


@router.post("/imports/{identity}")
async def go_on(view: Caring, identity: UUID) -> Response:
    """Try it, begin it or cancel it."""
    row = await _known(view, identity)
    fields = [view.form.get(f"c{place}", IGNORED) for place in range(len(row.columns))]
    try:
        match view.form.get("act"):
            case "start":
                await start_import(view.request, row, fields, "tells" in view.form)
                await record_alone(view.engine, view.by, Change("import.begun", str(row.id)))
            case "cancel":
                if await cancel_import(view.engine, row.id):
                    await record_alone(view.engine, view.by, Change("import.cancelled", str(row.id)))
            case _:
                trial = await try_import(view.request, row, fields, view.locale)
                return await _page(view, row, fields=fields, trial=trial)
    except ApiProblem as problem:
        return await _page(view, row, fields=fields, problem=problem.rendered(view.locale)["message"], status=422)
    return RedirectResponse(f"/imports/{row.id}", 303)


@router.get("/imports/{identity}/refused.csv")
async def refused(view: Caring, identity: UUID) -> Response:
    """Rows that were refused, to be mended and imported again."""
    row = await _known(view, identity)
    headers = {"content-disposition": f'attachment; filename="refused-{row.id}.csv"'}
    return StreamingResponse(refused_as_csv(view.engine, row), media_type="text/csv; charset=utf-8", headers=headers)


async def _known(view: View, identity: UUID) -> ImportRow:
    try:
        return await known_import(view.request, identity)
    except ApiProblem:
        raise NothingHere from None


async def _page(view: View, row: ImportRow, *, status: int = 200, **given: Any) -> Response:
    consents = {f"consents.{name}": view.words.channel(name) for name in CHANNELS}
    defaults: dict[str, Any] = {"fields": row.fields, "trial": None, "problem": ""}
    choices: dict[str, Any] = {"own": OWN, "consents": consents, "ignored": IGNORED}
    return view.render("import.html", status, row=row, **choices, **{**defaults, **given})
