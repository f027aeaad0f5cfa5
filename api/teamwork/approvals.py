"""Approval before publishing: asked for, given or refused by another person, and held to by whoever publishes."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.documents.keys import Key
from api.documents.revisions import IF_MATCH, changed_meanwhile, known_draft, revision_of
from api.http.access import Actor, Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from api.teamwork.schemas import ApprovalBody, AskForApproval, Decision
from orchestrator.store.journeys import drafts
from orchestrator.store.journeys.drafts import Draft, DraftChanged
from orchestrator.store.teamwork import approvals as store
from orchestrator.store.workspace import load_clock


class _Asked(BoundedBody):
    """A note is short."""

    most = 16 * 1024
    sender = Require("read")


router = APIRouter(
    prefix="/api", tags=["Team"], dependencies=[Depends(Require("read"))], responses=REFUSALS, route_class=_Asked
)
_CHANGED: dict[int | str, dict[str, Any]] = {
    412: {"model": ProblemBody, "description": "Somebody else changed the draft; it is in `current`."}
}
_DRAW = [Depends(Require("draw"))]


@router.get("/journeys/{key}/approval", summary="Whether a draft may be published", response_model=ApprovalBody)
async def approval(request: Request, key: Key) -> Response:
    """Whether the workspace wants approval, and how it stands with what the draft says now."""
    async with resources_of(request).sessions() as session:
        return json_response(await _body(session, await known_draft(session, key), actor_of(request)))


@router.post(
    "/journeys/{key}/approval",
    summary="Ask for approval",
    response_model=ApprovalBody,
    dependencies=_DRAW,
    responses=_CHANGED,
    openapi_extra=IF_MATCH,
)
async def ask(request: Request, key: Key, given: AskForApproval) -> Response:
    """Asks another person to approve the draft as it is; takes the place of what was asked before. With
    `If-Match`, of the revision that was looked at."""
    actor = actor_of(request)
    async with resources_of(request).sessions.begin() as session:
        draft = await _held(request, session, key)
        now = (await load_clock(session)).now()
        await store.ask_for_approval(
            session, key, draft.revision, draft.draft, by=actor.name, by_id=actor.id, note=given.note, now=now
        )
        body = await _body(session, draft, actor)
    return json_response(body)


@router.post(
    "/journeys/{key}/approval/decision",
    summary="Approve or decline",
    response_model=ApprovalBody,
    dependencies=_DRAW,
    responses={409: {"model": ProblemBody, "description": "Nothing waits for a decision."}, **_CHANGED},
    openapi_extra=IF_MATCH,
)
async def decide(request: Request, key: Key, given: Decision) -> Response:
    """By a person who neither asked nor changed the draft last; programs and tokens cannot. It holds for what the draft
    says now, and for that alone."""
    actor = actor_of(request)
    async with resources_of(request).sessions.begin() as session:
        draft = await _held(request, session, key)
        asked = await store.newest_request(session, key)
        if asked is None or asked.decision is not None or asked.draft_hash != store.hash_of_draft(draft.draft):
            raise ApiProblem("approval_decided", None)
        if actor.via != "session" or actor.id is None or not await store.may_decide(session, key, asked, actor.id):
            raise ApiProblem("approval_own", None)
        now = (await load_clock(session)).now()
        done = await store.decide_request(
            session, asked.id, approved=given.approve, by=actor.name, by_id=actor.id, reason=given.reason, now=now
        )
        if not done:
            raise ApiProblem("approval_decided", None)
        body = await _body(session, draft, actor)
    return json_response(body)


async def _held(request: Request, session: AsyncSession, key: str) -> Draft:
    """The draft, locked: nobody changes what is being decided about."""
    draft = await known_draft(session, key)
    revision = revision_of(request)
    try:
        await drafts.expect(session, key, draft.revision if revision is None else revision)
    except DraftChanged as found:
        raise await changed_meanwhile(request, found) from None
    return draft


async def _body(session: AsyncSession, draft: Draft, actor: Actor) -> dict[str, Any]:
    wanted, asked = await store.approval_wanted(session), await store.newest_request(session, draft.key)
    try:
        approver = await store.approver_of(session, draft.key, draft.draft)
    except store.ApprovalMissing:
        approver = None
    return {"wanted": wanted, "approved": approver is not None, "request": await _asked(session, draft, actor, asked)}


async def _asked(
    session: AsyncSession, draft: Draft, actor: Actor, asked: store.Request | None
) -> dict[str, Any] | None:
    if asked is None:
        return None
    current = asked.draft_hash == store.hash_of_draft(draft.draft)
    person = actor.id if actor.via == "session" and "draw" in actor.can else None
    may = current and asked.decision is None and await store.may_decide(session, draft.key, asked, person)
    hidden = {"id", "draft_hash", "requested_by_id", "decided_by_id"}
    told = {name: value for name, value in vars(asked).items() if name not in hidden}
    return {**told, "current": current, "may_decide": may}
