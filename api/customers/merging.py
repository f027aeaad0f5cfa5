"""Two customers are made one by hand: looked at first, then done for good."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.customers.routes import Id
from api.http.access import Require, actor_of, by_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, known_customer, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.store.intake.merge_by_hand import MergePreview, merge_by_hand, preview_merge
from orchestrator.store.workspace import load_clock

router = APIRouter(
    prefix="/api/customers",
    tags=["Customers"],
    dependencies=[Depends(Require("draw", "operate"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)


class MergedValueAnswer(BaseModel):
    """One name: what each of the two says, and what stays."""

    name: str
    source: Any
    target: Any
    stays: Any


class MergedRunAnswer(BaseModel):
    """A run under way, and whether it ends because the other's earlier one goes on."""

    id: UUID
    journey_key: str
    key: str
    of_source: bool
    entered_at: datetime
    ends: bool


class MergePreviewAnswer(BaseModel):
    """What merging `source` into `target` would do."""

    source: UUID
    target: UUID
    values: list[MergedValueAnswer]
    consents: list[MergedValueAnswer] = Field(description="The stricter word stays.")
    identities: list[tuple[str, str]] = Field(description="Ids by which `target` is known as well from then on.")
    runs: list[MergedRunAnswer]
    moves: dict[str, int] = Field(description="Events, messages and runs that become those of `target`.")


class Merge(BaseModel):
    """Whom a customer becomes a part of."""

    model_config = ConfigDict(extra="forbid")
    into: str = Field(max_length=255, description="Our id, or your own, of the customer who remains.")


class MergeDone(BaseModel):
    """Who remains."""

    id: UUID


@router.get("/{customer:id}/merge", summary="What a merge would do", response_model=MergePreviewAnswer)
async def preview(
    request: Request,
    customer: Id,
    into: Annotated[str, Query(max_length=255, description="Our id, or your own, of the customer who would remain.")],
) -> Response:
    """What each of the two says and what would stay, which runs would end; nothing is done."""
    source, target = await known_customer(request, customer), await known_customer(request, into)
    found = await look_at_merge(request, source, target)
    if found is None:
        raise ApiProblem("same_customer", "into")
    return json_response(asdict(found))


@router.post("/{customer:id}/merge", summary="Merge a customer into another", response_model=MergeDone)
async def merge(request: Request, customer: Id, given: Merge) -> Response:
    """They are one person from now on. It cannot be taken back."""
    source, target = await known_customer(request, customer), await known_customer(request, given.into)
    async with resources_of(request).sessions() as session:
        now = (await load_clock(session)).now()
    async with resources_of(request).engine.begin() as db:
        remains = await merge_by_hand(db, source, target, by_of(actor_of(request)), now)
    if remains is None:
        raise ApiProblem("same_customer", "into")
    return json_response({"id": remains})


async def look_at_merge(request: Request, source: UUID, target: UUID) -> MergePreview | None:
    """The preview, which locks what it reads for no longer than it reads it."""
    async with resources_of(request).engine.connect() as db:
        found = await preview_merge(db, source, target)
        await db.rollback()
    return found
