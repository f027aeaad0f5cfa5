"""Comments at the steps of a journey, who can be named in them, and what of that was read."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.teamwork.schemas import Members, NewComment, Resolution, Threads
from orchestrator.store.journeys.live_counts import load_journey
from orchestrator.store.teamwork import comments as store
from orchestrator.store.workspace import load_clock


class _Said(BoundedBody):
    """A comment is short."""

    most = 64 * 1024
    sender = Require("read")


router = APIRouter(
    prefix="/api", tags=["Team"], dependencies=[Depends(Require("read"))], responses=REFUSALS, route_class=_Said
)


@router.get("/members", summary="People of the workspace", response_model=Members)
async def members(request: Request) -> Response:
    """Who can be named in a comment: names, no addresses."""
    return json_response({"items": await store.list_members(resources_of(request).engine)})


@router.get("/journeys/{key}/comments", summary="Comments on a journey", response_model=Threads)
async def threads(request: Request, key: Key) -> Response:
    """Every thread, settled or not."""
    await _known(request, key)
    me = actor_of(request).id
    found = await store.list_threads(resources_of(request).engine, key)
    return json_response({"items": [_thread(one, me) for one in found]})


@router.post("/journeys/{key}/comments", summary="Comment on a step", response_model=Threads, status_code=201)
async def add(request: Request, key: Key, said: NewComment) -> Response:
    """Says something, or answers; an answer opens a settled thread again. Answers with every thread."""
    resources, actor = resources_of(request), actor_of(request)
    await _known(request, key)
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    made = await store.add_comment(
        resources.engine,
        key,
        said.body,
        step=said.step,
        parent=said.thread,
        author=actor.name,
        author_id=actor.id,
        mentions=said.mentions,
        now=now,
    )
    if made is None:
        raise ApiProblem("unknown_comment", "thread")
    found = await store.list_threads(resources.engine, key)
    return json_response({"items": [_thread(one, actor.id) for one in found]}, 201)


@router.post("/journeys/{key}/comments/read", summary="Mark mentions as read", status_code=204)
async def read(request: Request, key: Key) -> Response:
    """Whoever asks has seen what was said over the journey."""
    me = actor_of(request).id
    if me is not None:
        await store.mark_read(resources_of(request).engine, me, key)
    return Response(status_code=204)


@router.post("/journeys/{key}/comments/{comment}/resolve", summary="Settle a thread", response_model=Threads)
async def resolve(request: Request, key: Key, comment: UUID, given: Resolution) -> Response:
    """Settles a thread, or opens it again. Answers with every thread."""
    resources, actor = resources_of(request), actor_of(request)
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    done = await store.resolve_thread(resources.engine, key, comment, resolved=given.resolved, by=actor.name, now=now)
    if not done:
        raise ApiProblem("unknown_comment", "comment")
    found = await store.list_threads(resources.engine, key)
    return json_response({"items": [_thread(one, actor.id) for one in found]})


@router.delete("/journeys/{key}/comments/{comment}", summary="Delete one's own comment", status_code=204)
async def delete(request: Request, key: Key, comment: UUID) -> Response:
    """With the answers to it."""
    done = await store.delete_comment(resources_of(request).engine, key, comment, actor_of(request).id)
    if done is None:
        raise ApiProblem("unknown_comment", "comment")
    if not done:
        raise ApiProblem("not_your_comment", "comment")
    return Response(status_code=204)


async def _known(request: Request, key: str) -> None:
    if await load_journey(resources_of(request).engine, key) is None:
        raise ApiProblem("unknown_journey", "key", key=key)


def _thread(thread: store.Thread, me: UUID | None) -> dict[str, Any]:
    return {
        "step": thread.first.step,
        "first": _comment(thread.first, me),
        "answers": [_comment(one, me) for one in thread.answers],
        "resolved_at": thread.resolved_at,
        "resolved_by": thread.resolved_by,
    }


def _comment(comment: store.CommentRow, me: UUID | None) -> dict[str, Any]:
    return {
        "id": comment.id,
        "author": comment.author,
        "mine": comment.author_id == me,
        "body": comment.body,
        "mentions": sorted(comment.mentions.values()),
        "at": comment.created_at,
    }
