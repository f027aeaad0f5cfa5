"""The gallery over HTTP: journeys to begin with, as `/journeys/new` shows them."""

from typing import Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.journeys.schemas.gallery import TemplateInList, TemplateList
from orchestrator.journey_gallery import Template, find_template, templates
from orchestrator.store.journeys.publish import load_vocabulary

router = APIRouter(prefix="/api", tags=["Templates"], dependencies=[Depends(Require("read"))], responses=REFUSALS)


class TemplateDetail(TemplateInList):
    """One, with the journey itself."""

    document: dict[str, Any]


@router.get("/templates", summary="List templates", response_model=TemplateList)
async def all_templates(request: Request) -> Response:
    """Journeys to begin with, in the order in which people meet them."""
    seen = await _seen(request)
    return json_response({"items": [_item(one, seen) for one in templates()]})


@router.get("/templates/{identity}", summary="Get a template", response_model=TemplateDetail)
async def one_template(
    request: Request, identity: str = Path(max_length=64, description="A template's id.")
) -> Response:
    """One, with its journey file."""
    found = find_template(identity)
    if found is None:
        raise ApiProblem("unknown_template", "template", template=identity)
    return json_response({**_item(found, await _seen(request)), "document": found.document})


async def _seen(request: Request) -> frozenset[str]:
    async with resources_of(request).sessions() as session:
        return frozenset((await load_vocabulary(session)).events)


def _item(template: Template, seen: frozenset[str]) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name.by_locale(),
        "description": template.description.by_locale(),
        "stages": list(template.stages),
        "channels": list(template.channels),
        "steps": template.steps,
        "events": [{"name": name, "seen": name in seen} for name in template.events],
    }
