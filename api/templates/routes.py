"""The admin API's message templates: drafts, putting them into use, what they said before, and who uses them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.keys import key_of
from api.documents.revisions import ETAG, IF_MATCH, revision_of
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.preflight.doors import Override, check_template_use, overridden
from api.templates.beginning import with_own_pictures
from api.templates.responses import (
    changed_meanwhile,
    in_list,
    known_template,
    require_within_limits,
    template_answer,
    template_has_errors,
)
from api.templates.schemas import (
    Archived,
    NewTemplate,
    ReadyMadeListing,
    RevisionBody,
    RevisionListing,
    TemplateBody,
    TemplateForms,
    TemplateListing,
)
from orchestrator.core.email.brand import brand_of
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_forms import template_forms, with_brand
from orchestrator.core.steps.message import TEMPLATE_KEY
from orchestrator.message_gallery import find_ready_made, ready_made
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.templates import documents as store
from orchestrator.store.templates.documents import TemplateChanged
from orchestrator.store.workspace import load_clock, load_workspace

MOST_BYTES = 4 * 1024 * 1024
MOST_NUMBERED = 200


class TemplateRoute(BoundedBody):
    """A template with e-mails in two languages is larger than most bodies."""

    most = MOST_BYTES
    sender = Require("draw")


router = APIRouter(
    prefix="/api/message-templates",
    tags=["Message templates"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=TemplateRoute,
)

_DRAW = [Depends(Require("draw"))]
_WITH_ETAG: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG}}
_CHANGED: dict[int | str, dict[str, Any]] = {
    412: {"model": ProblemBody, "description": "Somebody else changed it; the draft is in `current`."}
}
Key = Annotated[str, Path(pattern=TEMPLATE_KEY, description="A template's key, such as `welcome`.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="A revision.")]


@router.get("", summary="List message templates", response_model=TemplateListing)
async def all_templates(request: Request) -> Response:
    """Every template, archived ones last, with the journeys that use it."""
    async with resources_of(request).sessions() as session:
        found, used = await store.list_templates(session), await store.uses(session)
    return json_response({"items": [in_list(one, used) for one in found]})


@router.get("-forms", summary="Describe the forms of message templates", response_model=TemplateForms)
async def forms(request: Request) -> Response:
    """JSON Schemas of a template's parts, with their words in both languages, for an editor.

    What an e-mail looks like unless it says otherwise is the workspace's brand: the theme's defaults.
    """
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    return json_response(with_brand(template_forms(), brand_of(workspace.settings if workspace else None)))


@router.get("-ready-made", summary="List ready-made message templates", response_model=ReadyMadeListing)
async def begin_with() -> Response:
    """Templates to begin with, in Korean and English."""
    items = [
        {
            "id": one.id,
            "name": one.name.by_locale(),
            "description": one.description.by_locale(),
            "class": one.template.message_class,
            "channels": list(one.template.written_channels),
            "document": one.document,
        }
        for one in ready_made()
    ]
    return json_response({"items": items})


@router.post(
    "",
    summary="Make a message template",
    response_model=TemplateBody,
    status_code=201,
    dependencies=_DRAW,
    responses={201: {"headers": ETAG}, 409: {"model": ProblemBody, "description": "The key is taken."}},
)
async def make(request: Request, given: NewTemplate) -> Response:
    """Makes a template: empty, from a ready-made one, as a copy, or from a document. Nothing sends it yet."""
    async with resources_of(request).sessions.begin() as session:
        document = await with_own_pictures(request, await _beginning(session, given), language(request))
        now, by = (await load_clock(session)).now(), actor_of(request).name
        wanted = given.key or key_of(document, "template")
        numbered = [] if given.key else [f"{wanted[:58]}-{n}" for n in range(2, MOST_NUMBERED)]
        for key in (wanted, *numbered):
            if await store.create_template(session, key, document, now, by):
                break
        else:
            raise ApiProblem("template_exists", "key", key=wanted)
        return await template_answer(request, session, key, 201, {"Location": f"/api/message-templates/{key}"})


async def _beginning(session: Any, given: NewTemplate) -> dict[str, Any]:
    document: dict[str, Any] = {"class": "advertising", "channels": {}}
    if given.ready_made is not None:
        found = find_ready_made(given.ready_made)
        if found is None:
            raise ApiProblem("unknown_message_template", "ready_made", key=given.ready_made)
        document = found.copy()
    elif given.copy_of is not None:
        document = (await known_template(session, given.copy_of)).document
    elif given.document is not None:
        document = await require_within_limits(given.document)
    if given.name:
        document = {**document, "name": given.name}
    if not document.get("name"):
        raise ApiProblem("missing_field", "name")
    return document


@router.get("/{key}", summary="Get a message template", response_model=TemplateBody, responses=_WITH_ETAG)
async def one_template(request: Request, key: Key) -> Response:
    """Its draft, what is wrong with it, and who uses it."""
    async with resources_of(request).sessions() as session:
        return await template_answer(request, session, key)


@router.put(
    "/{key}",
    summary="Save a message template's draft",
    response_model=TemplateBody,
    dependencies=_DRAW,
    responses={**_WITH_ETAG, **_CHANGED},
    openapi_extra=IF_MATCH,
)
async def save(request: Request, key: Key, given: Annotated[dict[str, Any], Body()]) -> Response:
    """Saves a draft, however unfinished; what messages say stays as it is until it is put into use."""
    document = await require_within_limits(given)
    revision, by = revision_of(request), actor_of(request).name
    try:
        async with resources_of(request).sessions.begin() as session:
            now = (await load_clock(session)).now()
            if not await store.save_template(session, key, document, now, by, revision):
                raise ApiProblem("unknown_message_template", "key", key=key)
            return await template_answer(request, session, key)
    except TemplateChanged as found:
        raise changed_meanwhile(found) from None


@router.post(
    "/{key}/use",
    summary="Put a message template into use",
    response_model=TemplateBody,
    dependencies=_DRAW,
    responses={
        **_WITH_ETAG,
        **_CHANGED,
        409: {
            "model": ProblemBody,
            "description": "The draft has errors; they are in `problems`. Or live journeys send it and a check says "
            "stop; they are in `stops` and `checks`.",
        },
    },
    openapi_extra={
        **IF_MATCH,
        "requestBody": {"required": False, "content": {"application/json": {"schema": Override.model_json_schema()}}},
    },
)
async def use(request: Request, key: Key) -> Response:
    """From now on messages say what the draft says, in running journeys too. Refused while the draft has errors.

    Where live journeys send it, the checks (`…/preflight`) are made of it now, within those journeys too; where one
    says `stop`, it takes `{"override": true}`.
    """
    revision, by, override = revision_of(request), actor_of(request).name, await overridden(request)
    async with resources_of(request).sessions() as session:
        found, vocabulary = await known_template(session, key), await load_vocabulary(session)
        sent = any(one.live for one in await store.uses(session, key))
    try:
        if revision is not None and revision != found.revision:
            raise TemplateChanged(found)
        template, problems = await bounded(request, check_template, found.document, vocabulary)
        if template is None or any(problem.severity == "error" for problem in problems):
            raise template_has_errors(problems, language(request))
        passed = await check_template_use(request, found, sent, override)
        async with resources_of(request).sessions.begin() as session:
            await store.expect(session, key, found.revision)  # what was checked is what is sent
            await store.put_into_use(session, key, (await load_clock(session)).now(), by)
            return await template_answer(request, session, key, more={"checks": passed.looks})
    except TemplateChanged as changed:
        raise changed_meanwhile(changed) from None


@router.post(
    "/{key}/archive",
    summary="Archive a message template, or bring it back",
    response_model=TemplateBody,
    dependencies=_DRAW,
    responses={**_WITH_ETAG, 409: {"model": ProblemBody, "description": "A published journey sends it."}},
)
async def archive(request: Request, key: Key, given: Archived) -> Response:
    """An archived template is not offered and not sent; it is refused while a published journey names it."""
    async with resources_of(request).sessions.begin() as session:
        await known_template(session, key)
        live = [one.key for one in await store.uses(session, key) if one.live]
        if given.archived and live:
            raise ApiProblem("template_used", "key", key=key, journeys=", ".join(live[:5]))
        await store.archive(session, key, (await load_clock(session)).now() if given.archived else None)
        return await template_answer(request, session, key)


@router.get("/{key}/revisions", summary="List what a template said", response_model=RevisionListing)
async def revisions(request: Request, key: Key) -> Response:
    """Every document that was put into use, the newest first."""
    async with resources_of(request).sessions() as session:
        await known_template(session, key)
        found = await store.list_revisions(session, key)
    items = [{"revision": r.revision, "at": r.at, "edited_by": r.edited_by, "live": r.live} for r in found]
    return json_response({"items": items})


@router.get("/{key}/revisions/{number}", summary="Get what a template said", response_model=RevisionBody)
async def one_revision(request: Request, key: Key, number: Number) -> Response:
    """One document that was put into use."""
    async with resources_of(request).sessions() as session:
        return json_response({"revision": number, "document": await _known_revision(session, key, number)})


@router.post(
    "/{key}/revisions/{number}/restore",
    summary="Bring back what a template said",
    response_model=TemplateBody,
    dependencies=_DRAW,
    responses={**_WITH_ETAG, **_CHANGED},
    openapi_extra=IF_MATCH,
)
async def restore(request: Request, key: Key, number: Number) -> Response:
    """Makes it the draft again; messages say it once that is put into use."""
    revision, by = revision_of(request), actor_of(request).name
    try:
        async with resources_of(request).sessions.begin() as session:
            document = await _known_revision(session, key, number)
            await store.save_template(session, key, document, (await load_clock(session)).now(), by, revision)
            return await template_answer(request, session, key)
    except TemplateChanged as found:
        raise changed_meanwhile(found) from None


async def _known_revision(session: Any, key: str, number: int) -> dict[str, Any]:
    await known_template(session, key)
    document = await store.load_revision(session, key, number)
    if document is None:
        raise ApiProblem("unknown_version", "revision", key=key, version=number)
    return document
