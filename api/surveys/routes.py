"""Complaints and surveys over HTTP: a help desk opens and resolves; reports are read by programs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, Listing, Page, known_customer, resources_of
from api.http.problems import ApiProblem, json_response
from api.surveys.schemas import Opened, Resolution, Resolved, SurveyInList, SurveyReport, Ticket
from orchestrator.core.surveys.questionnaire import KEY, groups_of, score
from orchestrator.store.surveys import documents as surveys
from orchestrator.store.surveys.complaints import ComplaintRow, list_complaints, open_complaint, resolve_complaints
from orchestrator.store.surveys.reports import Slice, survey_report
from orchestrator.store.workspace import clock_of, load_workspace

router = APIRouter(
    prefix="/api",
    tags=["Surveys"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
Care = Depends(Require("draw", "operate"))
"""Whoever works with customers."""
Customer = Annotated[str, Path(max_length=255, description="Our id, or your own (`external_id`).")]
Survey = Annotated[str, Path(pattern=KEY, description="A survey's key.")]


@router.get("/complaints", summary="List complaints", response_model=Listing[ComplaintRow])
async def all_complaints(
    request: Request,
    page: Page,
    state: Annotated[str, Query(pattern="^(open|resolved|all)$")] = "open",
    customer: Annotated[str | None, Query(max_length=255, description="Our id, or your own.")] = None,
) -> Response:
    """Complaints, the newest first."""
    who = None if customer is None else await known_customer(request, customer)
    still_open = {"open": True, "resolved": False}.get(state)
    found = await list_complaints(
        resources_of(request).engine, customer=who, still_open=still_open, before=page.before, limit=page.limit
    )
    return page.answer(found.rows, found.next)


@router.post(
    "/customers/{customer}/complaints",
    summary="Open a complaint",
    status_code=201,
    response_model=Opened,
    dependencies=[Care],
)
async def open_one(request: Request, customer: Customer, ticket: Ticket) -> Response:
    """While it is open the customer gets no advertising and no request for a review. Adds `Complaint Opened`."""
    who = await known_customer(request, customer)
    reference = ticket.reference.strip() or str(uuid7())
    detail = {"reason": ticket.reason.strip(), "by": actor_of(request).name}
    now = await _now(request)
    async with resources_of(request).engine.begin() as db:
        complaint = await open_complaint(db, who, "ticket", reference, detail, now)
    return json_response({"complaint": complaint}, 201)


@router.post(
    "/customers/{customer}/complaints/resolve",
    summary="Resolve complaints",
    response_model=Resolved,
    dependencies=[Care],
)
async def resolve(request: Request, customer: Customer, which: Resolution) -> Response:
    """Adds `Complaint Resolved` for each. Resolving what is resolved changes nothing."""
    who, now = await known_customer(request, customer), await _now(request)
    by = actor_of(request).name
    async with resources_of(request).engine.begin() as db:
        done = await resolve_complaints(db, who, now, by, complaint=which.complaint, reference=which.reference)
    return json_response({"resolved": done})


@router.get("/surveys", summary="List surveys", response_model=Listing[SurveyInList])
async def all_surveys(request: Request) -> Response:
    """Every survey, archived ones too, with how often it was answered."""
    engine = resources_of(request).engine
    found = [*await surveys.list_surveys(engine), *await surveys.list_surveys(engine, archived=True)]
    return json_response({"items": [_survey(one) for one in found], "next": None})


@router.get("/surveys/{key}/report", summary="What the answers say", response_model=SurveyReport)
async def report(
    request: Request,
    key: Survey,
    since: Annotated[datetime | None, Query(description="Answers from this instant on (with its zone).")] = None,
    journey: Annotated[str | None, Query(max_length=64)] = None,
    channel: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """The score with its margin, the answer groups, the distribution, and how many of those asked have answered."""
    if since is not None and since.tzinfo is None:
        raise ApiProblem("invalid_parameter", "since", reason="no time zone")
    engine = resources_of(request).engine
    async with engine.connect() as db:
        survey = await surveys.load_survey(db, key)
    if survey is None:
        raise ApiProblem("unknown_survey", "key", key=key)
    found = await survey_report(engine, Slice(key, since, journey, None, channel), "month", "UTC")
    scored = score(survey.document, found.by_group)
    return json_response(
        {
            "answers": found.answers,
            "asked": found.asked,
            "answered_of_asked": found.answered_of_asked,
            "score": scored and scored.value,
            "margin": scored and scored.margin,
            "groups": {group.key: found.by_group.get(group.key, 0) for group in groups_of(survey.document)},
            "distribution": dict(found.by_answer),
            "comments": found.comments,
        }
    )


def _survey(one: surveys.SurveyInList) -> dict[str, Any]:
    row = one.survey
    return {
        "key": row.key,
        "document": row.document.model_dump(mode="json"),
        "revision": row.revision,
        "groups": [{"key": group.key, "label": group.label.by_locale()} for group in groups_of(row.document)],
        "answers": one.answers,
        "archived": row.archived_at is not None,
    }


async def _now(request: Request) -> datetime:
    async with resources_of(request).sessions() as session:
        return clock_of(await load_workspace(session)).now()
