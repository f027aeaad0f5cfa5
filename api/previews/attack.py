"""Made-up customers against a journey as drawn: which paths they find, what they break. Nothing is stored or sent."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from api.bounded_work.pool import bounded_walk
from api.http.access import Require
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import json_response
from api.http.words import Words
from api.previews.attacked import attack
from api.previews.test_run import JourneyBody, compiled, environment_of
from api.previews.test_run_schemas import Given, TestCustomer
from orchestrator.core.simulation.simulator import Person
from orchestrator.store.workspace import load_workspace

router = APIRouter(
    prefix="/api",
    tags=["Test run"],
    dependencies=[Depends(Require("draw"))],
    responses=REFUSALS,
    route_class=JourneyBody,
)
SECONDS = 4.0
"""So long customers are tried; what they broke is then made small."""
MOST_CUSTOMERS = 2_000


class Attack(Given):
    """A journey, and how many customers try it."""

    document: dict[str, Any] = Field(description="The journey, as drawn.")
    customers: int = Field(500, ge=1, le=MOST_CUSTOMERS, description="At most; time may be over before.")
    seed: int = Field(0, ge=0, lt=1 << 31, description="The same one makes up the same customers.")


class AttackEvent(BaseModel):
    """Something that a made-up customer did."""

    at: AwareDatetime
    name: str
    properties: dict[str, Any]


class AttackScript(BaseModel):
    """A made-up customer, as `POST /api/journeys/test-run` takes them."""

    start: AwareDatetime
    until: AwareDatetime
    events: list[AttackEvent]
    customer: TestCustomer


class AttackPlace(BaseModel):
    """A path of the journey: a step's way out, a step that ends it, an exit rule, a goal."""

    step: str | None = Field(description="Null for a rule of the journey.")
    port: str | None = Field(description="Null for a step that has no way out.")
    count: int = Field(description="How many customers took it.")
    text: Words
    script: AttackScript | None = Field(
        description="Somebody who took it; null where nobody did, or it cannot be told."
    )


class AttackLine(BaseModel):
    """One line of what happened."""

    at: AwareDatetime
    kind: str
    title: Words
    text: Words


class AttackFinding(BaseModel):
    """A promise that was broken, by the least that breaks it."""

    rule: str
    step: str | None
    text: Words
    lines: list[AttackLine]
    script: AttackScript | None


class AttackResult(BaseModel):
    """What came of it."""

    customers: int
    seed: int
    done: int = Field(description="Paths that somebody took.")
    of: int
    places: list[AttackPlace]
    broken: list[AttackFinding]


@router.post(
    "/journeys/attack",
    summary="Attack a journey with made-up customers",
    response_model=AttackResult,
    responses={409: {"model": ProblemBody, "description": "The journey has errors; they are in `problems`."}},
)
async def attack_journey(request: Request, given: Attack) -> Response:
    """Makes up customers to whom what the journey looks at happens in all orders, late, twice and at the deadline, and
    says which paths they found and which of the product's promises they broke. Nothing is sent or stored."""
    plan = await compiled(given.document, request)
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    environment = await environment_of(request, plan, Person("customer"), workspace)
    return json_response(await bounded_walk(request, attack, plan, environment, given.customers, SECONDS, given.seed))
