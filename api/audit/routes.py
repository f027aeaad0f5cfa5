"""The admin API's audit log."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response, StreamingResponse

from api.audit.export import MEDIA_TYPES, Form, begun, export_audit
from api.http.access import Require
from api.http.lists import REFUSALS, Listing, Page, resources_of
from api.http.problems import json_response
from orchestrator.store.audit.chain import first_broken
from orchestrator.store.audit.log import AuditFilter, list_audit

router = APIRouter(
    prefix="/api/audit", tags=["Audit log"], dependencies=[Depends(Require("operate"))], responses=REFUSALS
)


class AuditBody(BaseModel):
    """One change."""

    seq: int = Field(description="Its number in the chain.")
    id: UUID
    at: datetime = Field(description="Real time.")
    who: str
    via: str = Field(description="`session`, `token`, `setting` (the admin token), `local` or `command`.")
    what: str = Field(description="Such as `journey.published`.")
    subject: str
    before: dict[str, object]
    after: dict[str, object]
    why: str
    hash: str = Field(description="SHA-256 over this entry and the hash of the one before.")


class Verified(BaseModel):
    """Whether the chain holds."""

    holds: bool
    broken_at: int | None = Field(description="Number of the first entry that is not as it was written, or is missing.")


@router.get("", summary="List changes", response_model=Listing[AuditBody])
async def listed(
    request: Request,
    page: Page,
    what: Annotated[str, Query(max_length=80)] = "",
    who: Annotated[str, Query(max_length=200)] = "",
    subject: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
) -> Response:
    """Who changed what, when and why, the newest first."""
    wanted = AuditFilter(what=what, who=who, subject=subject, since=since, until=until)
    found = await list_audit(resources_of(request).engine, wanted, page.before, page.limit)
    return page.answer([vars(one) for one in found.rows], found.next)


@router.get("/export", summary="Export the audit log")
async def exported(request: Request, form: Annotated[Form, Query(alias="format")] = "jsonl") -> Response:
    """The whole log in the order of its chain, as lines of JSON or as CSV: keep its last hash elsewhere."""
    name = {"content-disposition": f'attachment; filename="audit.{form}"', "cache-control": "no-store"}
    rows = await begun(export_audit(resources_of(request).engine, form))
    return StreamingResponse(rows, media_type=MEDIA_TYPES[form], headers=name)


@router.get("/verify", summary="Verify the audit log", response_model=Verified)
async def verified(request: Request) -> Response:
    """Whether each entry is as it was written, and none is missing."""
    broken = await first_broken(resources_of(request).engine)
    return json_response({"holds": broken is None, "broken_at": broken})
