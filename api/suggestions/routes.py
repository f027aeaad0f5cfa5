"""Suggestions over HTTP: which messages do measurably worse than their kind, and a change for each to try."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.documents.keys import Key as JourneyKey
from api.documents.revisions import changed_meanwhile
from api.http.access import Require, actor_of
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response
from api.suggestions.acting import Acting, NoSuggestion
from api.suggestions.listing import load_suggestions
from api.suggestions.schemas import Drawn, SuggestionList, suggestion_body
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.suggestions.change import StepGone
from orchestrator.core.suggestions.finding import Metric
from orchestrator.store.journeys.drafts import DraftChanged
from orchestrator.store.workspace import clock_of, load_workspace

router = APIRouter(
    prefix="/api/suggestions", tags=["Suggestions"], dependencies=[Depends(Require("read"))], responses=REFUSALS
)
_DRAW = [Depends(Require("draw"))]
Step = Annotated[str, Path(max_length=64, description="Id of the message step.")]
Channel = Annotated[str, Path(max_length=40, description="The channel by which it went out.")]
Of = Annotated[Metric, Path(description="What it does worse in.")]


@router.get("", summary="List suggestions", response_model=SuggestionList)
async def suggestions(request: Request) -> Response:
    """Of the messages of the last 28 days that live journeys sent: those that do worse than all others of their channel
    and class together, beyond chance and by a fifth at least; and what became of those that were taken up."""
    acting = await acting_of(request)
    found = await load_suggestions(acting.engine, acting.links, acting.now)
    return json_response(SuggestionList(items=[suggestion_body(one) for one in found]).model_dump())


@router.post(
    "/{journey}/{step}/{channel}/{metric}/draw",
    summary="Draw a suggestion",
    response_model=Drawn,
    dependencies=_DRAW,
)
async def draw(request: Request, journey: JourneyKey, step: Step, channel: Channel, metric: Of) -> Response:
    """Draws the change into the journey's draft, as an experiment before the message. Nothing is published."""
    try:
        experiment = await (await acting_of(request)).draw((journey, step, channel, metric))
    except NoSuggestion:
        raise _none(journey, step) from None
    except StepGone:
        raise ApiProblem("suggestion_outdated", "step", step=step) from None
    except DraftChanged as found:
        raise await changed_meanwhile(request, found) from None
    return json_response(Drawn(experiment=experiment).model_dump())


@router.post(
    "/{journey}/{step}/{channel}/{metric}/dismiss",
    summary="Put a suggestion aside",
    status_code=204,
    dependencies=_DRAW,
)
async def dismiss(request: Request, journey: JourneyKey, step: Step, channel: Channel, metric: Of) -> Response:
    """It is not made again for 90 days."""
    try:
        await (await acting_of(request)).dismiss((journey, step, channel, metric))
    except NoSuggestion:
        raise _none(journey, step) from None
    return Response(status_code=204)


@router.post(
    "/{journey}/{step}/{channel}/{metric}/restore",
    summary="Bring a suggestion back",
    status_code=204,
    dependencies=_DRAW,
)
async def restore(request: Request, journey: JourneyKey, step: Step, channel: Channel, metric: Of) -> Response:
    """Forgets that it was put aside or taken up. A draft that it was drawn into stays as it is."""
    try:
        await (await acting_of(request)).restore((journey, step, channel, metric))
    except NoSuggestion:
        raise _none(journey, step) from None
    return Response(status_code=204)


async def acting_of(request: Request) -> Acting:
    """Where whoever asks acts, by the workspace's clock."""
    resources, actor = resources_of(request), actor_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    links = LinkSettings.of(workspace.settings if workspace else {})
    return Acting(resources.engine, resources.sessions, links, clock_of(workspace).now(), actor.name, actor.id)


def _none(journey: str, step: str) -> ApiProblem:
    return ApiProblem("no_suggestion", "step", journey=journey, step=step)
