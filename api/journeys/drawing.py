"""What a canvas asks while somebody draws: what a journey says and lacks, and which names the workspace has seen."""

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.body import MOST_BYTES
from api.documents.hidden_secrets import revealed
from api.documents.keys import Key
from api.documents.problems import too_large
from api.documents.revisions import IF_MATCH, revision_of
from api.http.access import Require, actor_of
from api.http.body import parse_large_json, read_body
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.journeys.described import describe_journey
from api.journeys.schemas.drawing import JourneyDescription, Names, Places, Sketch
from orchestrator.core.events.system_events import OWN_PROPERTIES, SURVEY_ANSWERED, SYSTEM_EVENTS
from orchestrator.core.problems import Problem
from orchestrator.core.surveys.invitations import INVITATIONS
from orchestrator.core.surveys.questionnaire import SurveyDocument, groups_of
from orchestrator.store.journeys.drafts import keep_places, load_draft
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.journeys.versions import list_versions, load_version
from orchestrator.store.journeys.vocabulary import KnownNames, load_names
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("read"))], responses=REFUSALS)


_LOOKED_AT = 20
"""Newest versions whose files somebody who may not draw may have described."""


async def _may_describe(request: Request, session: AsyncSession, document: dict[str, Any]) -> None:
    """Who may only look has described what is there, drawn or published, and nothing of their own."""
    actor, key = actor_of(request), str(document.get("key"))[:100]
    if "draw" in actor.can:
        return
    draft = await load_draft(session, key)
    if draft is not None and _without_layout(draft.draft) == _without_layout(document):
        return
    for version in (await list_versions(session, key) or [])[:_LOOKED_AT]:
        found = await load_version(session, key, version.version)
        if found is not None and _without_layout(found.document) == _without_layout(document):
            return
    raise Require("draw").refusal(request, actor)


def _without_layout(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "layout"}


@router.post(
    "/journeys/describe",
    summary="Describe a journey being drawn",
    response_model=JourneyDescription,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Sketch.model_json_schema()}}}
    },
)
async def describe(request: Request) -> Response:
    """Says of each step which ways lead out and what it does, and what is wrong; however broken the others are.

    Nothing is stored. A file beyond all reason is refused with the place.
    """
    given = await parse_large_json(await read_body(request, MOST_BYTES))
    if not isinstance(given, dict) or not isinstance(given.get("document"), dict):
        raise ApiProblem("wrong_type", "document", expected="object")
    document = await asyncio.to_thread(revealed, request, given["document"])
    async with resources_of(request).sessions() as session:
        await _may_describe(request, session, document)
        vocabulary = await load_vocabulary(session)
    answer = await bounded(request, describe_journey, document, vocabulary, language(request))
    if isinstance(answer, Problem):
        raise too_large(answer)
    return json_response(answer)


@router.put(
    "/journeys/{key}/layout",
    summary="Keep where the steps of a draft stand",
    status_code=204,
    dependencies=[Depends(Require("draw"))],
    openapi_extra=IF_MATCH,
)
async def keep_layout(request: Request, key: Key, places: Places) -> Response:
    """Gives places to the steps that have none, so that the draft opens at once and looks the same for everybody.

    It is no change of the draft: its revision and who edited it last stay. What has a place keeps it, and a draft that
    is not the revision of `If-Match` any more is left as it is.
    """
    positions = {step: at.model_dump() for step, at in places.positions.items()}
    async with resources_of(request).sessions.begin() as session:
        if not await keep_places(session, key, positions, revision_of(request)):
            raise ApiProblem("unknown_journey", "key", key=key)
    return Response(status_code=204)


@router.get("/names", summary="List known names", response_model=Names)
async def names(request: Request) -> Response:
    """Events with their properties, attributes, journeys and consents that the workspace has seen: for pick lists."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    time_zone = zone_of(workspace, resources.settings)
    known = await load_names(resources.engine, clock_of(workspace).now(), time_zone)
    return json_response(_named(known))


def _named(known: KnownNames) -> dict[str, Any]:
    own = {name: dict.fromkeys(OWN_PROPERTIES.get(name, ()), "string") for name in sorted(SYSTEM_EVENTS)}
    own[SURVEY_ANSWERED] |= {"score": "number", "occurrence": "number", "choices": "array"}
    events: dict[str, dict[str, str]] = {**own, **known.events}
    return {
        "events": [
            {"name": name, "properties": _properties(found), "system": name in SYSTEM_EVENTS}
            for name, found in events.items()
        ],
        "attributes": _properties(known.attributes),
        "journeys": [{"key": key, "name": words} for key, words in known.journeys.items()],
        "consents": known.consents,
        "coupons": [
            {"key": one.key, "name": one.name, "free": one.free, "state": one.standing} for one in known.coupons
        ],
        "surveys": [_survey(key, document) for key, document in known.surveys.items()],
        "secrets": list(known.secrets),
        "segments": [{"key": key, "name": name} for key, name in known.segments.items()],
    }


def _survey(key: str, document: SurveyDocument) -> dict[str, Any]:
    """Of numbers the best group comes first, as one draws them."""
    found = groups_of(document)
    ordered = reversed(found) if document.kind in ("nps", "csat") else found
    groups = [{"port": group.key, "label": group.label.by_locale()} for group in ordered]
    return {"key": key, "name": document.name, "groups": groups, "content": INVITATIONS[document.kind]}


def _properties(found: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in sorted(found.items())]
