"""The admin API's one customer: changed by the team, noted about, and what else is known of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.customers.editing import change_customer
from api.customers.routes import Id
from api.customers.schemas import (
    CustomerChange,
    CustomerChanged,
    DeviceAnswer,
    NoteAnswer,
    NoteMade,
    NoteRemoved,
    NoteText,
    OrdersAnswer,
)
from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, Listing, Page, known_customer, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.core.characters import storable_text
from orchestrator.store.customers.consent_list import LoggedConsent, consent_changes
from orchestrator.store.customers.facts_of_one import Orders, load_devices, load_orders
from orchestrator.store.customers.notes import add_note, list_notes, remove_note
from orchestrator.store.workspace import load_clock

router = APIRouter(
    prefix="/api/customers",
    tags=["Customers"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
Care = Depends(Require("draw", "operate"))
"""Whoever works with customers."""


@router.post("/{customer:id}/changes", summary="Change a customer", response_model=CustomerChanged, dependencies=[Care])
async def change(request: Request, customer: Id, given: CustomerChange) -> Response:
    """Attributes, contact, tags and consents, by the rules of `identify`: what waits for `Customer Updated` or
    `Consent Changed` hears of it. A value that cannot be used is refused, and then nothing is changed."""
    who = await known_customer(request, customer)
    async with resources_of(request).sessions() as session:
        now = (await load_clock(session)).now()
    edited = await change_customer(request, who, given, actor_of(request), now)
    return json_response(
        {"changed": edited.changed, "consents": dict(edited.consents or {}), "overruled": edited.overruled}
    )


@router.get(
    "/{customer:id}/consents", summary="How a customer's consents came about", response_model=Listing[LoggedConsent]
)
async def consents(request: Request, customer: Id, page: Page) -> Response:
    """The log, the newest first: what was said, by whom, with what proof, and whether it counts."""
    who = await known_customer(request, customer)
    found = await consent_changes(resources_of(request).engine, customer=who, before=page.before, limit=page.limit)
    return page.answer(found.rows, found.next)


@router.get("/{customer:id}/devices", summary="A customer's devices", response_model=list[DeviceAnswer])
async def devices(request: Request, customer: Id) -> Response:
    """Apps and browsers that can be pushed to, the one seen last first."""
    return json_response(await load_devices(resources_of(request).engine, await known_customer(request, customer)))


@router.get("/{customer:id}/orders", summary="What a customer ordered", response_model=OrdersAnswer)
async def orders(request: Request, customer: Id) -> Response:
    """From `Order Completed` and `Order Refunded`: the newest, how many, and what they came to."""
    found = await load_orders(resources_of(request).engine, await known_customer(request, customer), 50)
    return json_response(orders_as_json(found))


def orders_as_json(found: Orders) -> dict[str, object]:
    """Amounts are decimal numbers, and no floats."""
    newest = [
        {name: getattr(one, name) for name in ("id", "number", "currency", "refunded", "at")}
        | {"value": None if one.value is None else format(one.value, "f")}
        for one in found.newest
    ]
    value = {currency: format(amount, "f") for currency, amount in found.value.items()}
    ends = {"first_at": found.first_at, "last_at": found.last_at}
    return {"newest": newest, "count": found.count, "value": value, **ends}


@router.get("/{customer:id}/notes", summary="The team's notes about a customer", response_model=Listing[NoteAnswer])
async def notes(request: Request, customer: Id, page: Page) -> Response:
    """The newest first."""
    who = await known_customer(request, customer)
    found = await list_notes(resources_of(request).engine, who, before=page.before, limit=page.limit)
    return page.answer([note_as_json(one) for one in found.rows], found.next)


def note_as_json(note: object) -> dict[str, object]:
    """A note as it is answered."""
    return {name: getattr(note, name) for name in NoteAnswer.model_fields}


@router.post(
    "/{customer:id}/notes",
    summary="Write a note about a customer",
    status_code=201,
    response_model=NoteMade,
    dependencies=[Care],
)
async def write_note(request: Request, customer: Id, note: NoteText) -> Response:
    """Under the name of whoever asks."""
    who = await known_customer(request, customer)
    async with resources_of(request).sessions() as session:
        now = (await load_clock(session)).now()
    actor, body = actor_of(request), storable_text(note.body).strip()
    if not body:
        raise ApiProblem("missing_field", "body")
    made = await add_note(resources_of(request).engine, who, body, author=actor.name, account=actor.account, at=now)
    return json_response({"id": made}, 201)


@router.delete(
    "/{customer:id}/notes/{note}",
    summary="Remove a note about a customer",
    response_model=NoteRemoved,
    dependencies=[Care],
)
async def take_note_away(request: Request, customer: Id, note: Annotated[UUID, "A note's id."]) -> Response:
    """It is gone for good."""
    removed = await remove_note(resources_of(request).engine, await known_customer(request, customer), note)
    return json_response({"removed": removed})
