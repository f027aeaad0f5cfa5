"""The checks before a draft goes live, over HTTP: with figures, a verdict each, and where to look.

The checks of a revision are kept for some minutes; its links are called in the background, and each answer tells how
far that is. Publishing makes them anew, whoever publishes: see ``doors``.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.documents.keys import Key
from api.documents.revisions import known_draft
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.preflight.context import checks_of, load_context
from api.preflight.doors import as_kept
from api.preflight.schemas import Preflight, preflight_body
from api.preflight.template_checks import check_stored_template
from api.preflight.verdicts import keep_checks, kept_checks, links_of
from orchestrator.core.preflight.links import Link
from orchestrator.store.templates.documents import load_template

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)

Fresh = Annotated[bool, Query(description="Look at everything again, and call every link again.")]


@router.get("/journeys/{key}/preflight", summary="Check a draft before it goes live", response_model=Preflight)
async def of_journey(request: Request, key: Key, fresh: Fresh = False) -> Response:
    """Condition, time, audience, text, link and coupon: what every marketer looks at, looked at by the machine.

    About 1,000 customers, always the same ones, are walked through the draft with their events of the last 30 days;
    messages are read with their data; links are called. Nothing is sent.
    """
    resources = resources_of(request)
    async with resources.sessions() as session:
        draft = await known_draft(session, key)
    kept = None if fresh else await kept_checks(request, key, draft.revision)
    world = await load_context(resources)
    if kept is None:
        kept = as_kept(await checks_of(request, draft.draft, world))
        await keep_checks(request, key, draft.revision, kept)
    links = [Link(*one) for one in kept["links"]]
    checks = {one["check"]: one for one in kept["checks"]}
    checks["link"] = (await links_of(request, links, world, fresh)).as_json()
    return json_response(preflight_body(draft.revision, checks))


@router.get(
    "/message-templates/{key}/preflight",
    tags=["Message templates"],
    summary="Check a template before it is put into use",
    response_model=Preflight,
)
async def of_template(request: Request, key: Key, fresh: Fresh = False) -> Response:
    """Text, link and coupon of a template's draft, read with the data of some customers."""
    async with resources_of(request).sessions() as session:
        stored = await load_template(session, key)
    if stored is None:
        raise ApiProblem("unknown_message_template", "key", key=key)
    made = await check_stored_template(request, stored)
    links = await links_of(request, made.links, made.world, fresh)
    checks = {**made.checks, **({} if made.unfinished else {"link": links})}
    return json_response(preflight_body(stored.revision, {name: one.as_json() for name, one in checks.items()}))
