"""From a run to the Temporal UI: to the tab that says in words where it stands."""

from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from temporalio.service import RPCError

from api.pages.access import NothingHere, Reader
from api.pages.console_route import ConsoleRoute
from api.runs.routes import runs_of
from orchestrator.store.runs.run_list import load_execution

router = APIRouter(route_class=ConsoleRoute)
log = structlog.get_logger(__name__)
STANDING = "user-metadata"
"""The tab with what the run says of itself. It needs the execution's own id; without one the UI opens its timeline."""


@router.get("/runs/{identity}/temporal")
async def temporal(view: Reader, request: Request, identity: UUID) -> Response:
    """Asks Temporal for the execution under way; where that cannot be had, leads to the workflow."""
    found = await load_execution(view.engine, identity)
    address = view.temporal(found.workflow_id) if found else None
    if found is None or address is None:
        raise NothingHere
    execution = found.closing_run_id
    if execution is None:
        try:
            execution = await (await runs_of(request)()).execution(found.workflow_id)
        except (RuntimeError, RPCError, OSError) as error:
            log.info("Temporal does not say which execution it is", problem=type(error).__name__)
    return RedirectResponse(f"{address}/{execution}/{STANDING}" if execution else address, 302)
