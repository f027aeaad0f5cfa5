"""A test run of a journey as drawn: a customer, picked or invented; events; a clock. Nothing is stored, nothing sent.

Stateless: whoever asks sends the whole script each time, so that one may change any part of it and look again.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.accounts.first_steps import note_first
from api.bounded_work.pool import bounded
from api.documents.body import MOST_BYTES, require_within_limits
from api.documents.hidden_secrets import revealed
from api.documents.problems import refusal
from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, known_customer, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.played import play
from api.previews.test_run_schemas import TestRun, TestScript
from orchestrator.core.conditions.customer import Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.template_use import templates_of
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import policy_for
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.simulator import Person, recipient_of
from orchestrator.store.customers.sample import load_person
from orchestrator.store.customers.view import load_newest
from orchestrator.store.journeys.vocabulary import load_called
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.templates.source import load_named
from orchestrator.store.workspace import clock_of, load_workspace, zone_of


class JourneyBody(BoundedBody):
    """As large as a journey may be."""

    most = MOST_BYTES
    sender = Require("draw")


router = APIRouter(
    prefix="/api",
    tags=["Test run"],
    dependencies=[Depends(Require("draw"))],
    responses=REFUSALS,
    route_class=JourneyBody,
)

MOST_HISTORY = 5_000
LONGEST = timedelta(days=3_660)
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@router.post(
    "/journeys/test-run",
    summary="Test a journey",
    response_model=TestRun,
    responses={409: {"model": ProblemBody, "description": "The journey has errors; they are in `problems`."}},
)
async def test_run(request: Request, script: TestScript) -> Response:
    """Walks a customer through the journey as drawn, with the reason of every decision. Nothing is sent or stored."""
    plan = await compiled(script.document, request)
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    start = script.start or clock_of(workspace).now()
    until = script.until or start
    _check_times(script, start, until)
    person, known = await _person(request, script, workspace, start)
    environment = await environment_of(request, plan, person, workspace)
    events = [
        CustomerEvent(f"test-{n}", event.name, event.at, dict(event.properties))
        for n, event in enumerate(script.events)
    ]
    await note_first(request, "test_run")
    return json_response(await bounded(request, play, plan, person, until, environment, known, events, start))


async def compiled(document: dict[str, Any], request: Request) -> Plan:
    """The journey as drawn, as a plan; or the refusal that tells its errors."""
    await require_within_limits(document)
    revealed_document = await asyncio.to_thread(revealed, request, document)
    result = await bounded(request, compile_journey, revealed_document)
    if result.plan is None:
        raise refusal(result.problems, language(request))
    return result.plan


def _check_times(script: TestScript, start: datetime, until: datetime) -> None:
    for name, at in (("start", start), ("until", until)):
        if not EARLIEST <= at <= LATEST:
            raise ApiProblem("invalid_parameter", name, reason=f"{EARLIEST.year}–{LATEST.year}")
    if not start <= until <= start + LONGEST:
        raise ApiProblem("invalid_parameter", "until", reason=f"start … start + {LONGEST.days} d")
    for n, event in enumerate(script.events):
        if not EARLIEST <= event.at <= LATEST:
            raise ApiProblem("invalid_parameter", f"events.{n}.at", reason=f"{EARLIEST.year}–{LATEST.year}")


async def _person(
    request: Request, script: TestScript, workspace: Workspace | None, start: datetime
) -> tuple[Person, dict[str, Any]]:
    """The customer who is walked, and what messages may say of them."""
    given = script.customer
    person = Person(f"test-{given.seed}", zone=zone_of(workspace, resources_of(request).settings))
    known: dict[str, Any] = {"id": person.id, "external_id": None, "email": None, "phone": None, "locale": None}
    if given.id is not None:
        person = await _customer(request, given.id, start, person.zone)
        known |= {"id": person.id, "locale": person.locale, **person.known}
    person.attributes |= given.attributes
    person.zone = given.time_zone or person.zone
    person.stage = given.stage or person.stage
    person.consents = person.consents if given.consents is None else dict(given.consents)
    person.tags = person.tags if given.tags is None else list(given.tags)
    person.time_zone = given.time_zone or person.time_zone
    person.segments |= given.segments or {}
    person.contacts = person.contacts if given.contacts is None else dict(given.contacts)
    known |= {"email": person.contacts.get("email"), "phone": person.contacts.get("phone")}
    known["locale"] = given.locale or known["locale"]
    person.locale = known["locale"]
    return person, known


async def environment_of(request: Request, plan: Plan, person: Person, workspace: Workspace | None) -> RunEnvironment:
    """What messages need of the workspace, by the rules of the customer's country."""
    resources = resources_of(request)
    own = workspace.settings if workspace else {}
    locale = workspace.locale if workspace else resources.settings.workspace_locale
    policy = policy_for(own.get("sending"), recipient_of(person).country)
    async with resources.engine.connect() as db:
        named, names = await load_named(db, templates_of(plan.journey)), await load_called(db)
    return RunEnvironment(policy, Sender.of(own), own, locale, named, names=names)


async def _customer(request: Request, given: str, start: datetime, zone: str) -> Person:
    """A copy of a customer that there is: as decisions at a real send see them, with their history up to the start."""
    engine = resources_of(request).engine
    identity = await known_customer(request, given)
    person = await load_person(engine, identity, start, zone)
    if person is None:
        raise ApiProblem("unknown_customer", "customer")
    async with engine.connect() as db:
        person.log = Log(await load_newest(db, identity, start, MOST_HISTORY))
    return person
