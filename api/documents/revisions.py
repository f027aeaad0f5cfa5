"""A journey's draft as the API answers it, and the revision by which two people on one draft notice each other."""

import asyncio
import re
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.hidden_secrets import hidden
from api.http.problems import ApiProblem, json_response
from orchestrator.core.journey.plan import meaning_of
from orchestrator.core.text import Text
from orchestrator.store.journeys.drafts import Draft, DraftChanged, load_draft

_TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
SOMEBODY = Text("Somebody")


class DraftBody(BaseModel):
    """A journey: its draft, and which version is live."""

    key: str
    name: dict[str, str]
    status: str = Field(description="draft, live, paused, closed (nobody enters, those inside go on) or archived")
    version: int | None = Field(description="The version that customers enter now.")
    draft: dict[str, Any] = Field(description="The journey file, however unfinished.")
    revision: int = Field(description="Of the draft; one more with each change. Also the ETag.")
    edited_by: str | None = Field(description="Who changed the draft last.")
    edited_at: datetime
    published_at: datetime | None = Field(description="When the live version was published.")
    plan_hash: str | None = Field(description="Address of the live version's plan.")
    has_changes: bool = Field(description="Whether the draft means something else than the live version.")


ETAG = {"ETag": {"description": "The draft's revision, quoted.", "schema": {"type": "string"}}}
"""For the OpenAPI description of what answers with a draft."""
IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "The ETag of the draft that was changed; another by now: 412 `draft_changed`.",
        }
    ]
}


async def draft_answer(
    request: Request, draft: Draft, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The draft, with its revision as ETag."""
    return json_response(await draft_body(request, draft), status, {"ETag": f'"{draft.revision}"', **(headers or {})})


async def draft_body(request: Request, draft: Draft) -> dict[str, Any]:
    """The draft as JSON, without the secrets that are written out in it."""
    return {
        "key": draft.key,
        "name": draft.name,
        "status": draft.status,
        "version": draft.version,
        "draft": await asyncio.to_thread(hidden, request, draft.draft),
        "revision": draft.revision,
        "edited_by": draft.edited_by,
        "edited_at": draft.edited_at,
        "published_at": draft.published_at,
        "plan_hash": draft.plan_hash,
        "has_changes": await _has_changes(request, draft),
    }


async def _has_changes(request: Request, draft: Draft) -> bool:
    if draft.plan_hash is None:
        return True
    if draft.published is not None and _without_layout(draft.draft) == _without_layout(draft.published):
        return False
    return await bounded(request, meaning_of, draft.draft) != draft.plan_hash


def _without_layout(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "layout"}


def revision_of(request: Request) -> int | None:
    """Which revision a change began from; None where the caller does not say, or does not mind (``*``)."""
    given = request.headers.get("if-match", "").strip()
    if given in ("", "*"):
        return None
    tag = _TAG.fullmatch(given)
    if tag is None:
        raise ApiProblem("invalid_parameter", "If-Match", reason="ETag")
    return int(tag[1])


async def known_draft(session: AsyncSession, key: str) -> Draft:
    """The draft of a journey that there must be."""
    draft = await load_draft(session, key)
    if draft is None:
        raise ApiProblem("unknown_journey", "key", key=key)
    return draft


async def changed_meanwhile(request: Request, found: DraftChanged) -> ApiProblem:
    """What is answered to whom somebody else was ahead of: what the draft is by now."""
    problem = ApiProblem("draft_changed", "If-Match", by=found.current.edited_by or SOMEBODY)
    problem.more["current"] = await draft_body(request, found.current)
    problem.headers["ETag"] = f'"{found.current.revision}"'
    return problem
