"""What all of the admin API shares: pages, and finding the customer that is meant."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.http.problems import ApiProblem, json_response
from api.http.resources import Resources
from orchestrator.store.customers.record import find_customer

Item = TypeVar("Item")
MOST_ITEMS = 200


class ProblemBody(BaseModel):
    """Something is wrong: problem details after RFC 9457, `application/problem+json`."""

    type: str = Field(description="`urn:sojourn:problem:` and the code.")
    title: str = Field(description="What the status means, in few words.")
    status: int
    detail: str = Field(description="What is wrong and what to do, Korean or English by Accept-Language.")
    code: str = Field(description="What is wrong, for programs. docs/api.md lists all codes.")
    field: str | None = Field(description="Where in the request, dotted.")
    parameters: dict[str, Any]


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ProblemBody, "description": "A parameter or the body is wrong."},
    401: {"model": ProblemBody, "description": "Nobody is signed in, or the token is wrong."},
    403: {"model": ProblemBody, "description": "The role does not permit it, or it did not come from our page."},
    404: {"model": ProblemBody, "description": "There is no such thing."},
}
"""For the OpenAPI description of every route."""


class Listing(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Pass it as `cursor` for the next page; null on the last.")


@dataclass(frozen=True)
class Paging:
    """Which page is asked for. ``before``: the cursor as the store's lists read it."""

    limit: int
    before: str | None

    def answer(self, items: Sequence[Any], following: str | None) -> Response:
        """The page; ``following``: the store's cursor of the next one."""
        return json_response({"items": items, "next": None if following is None else _opaque(following)})


def resources_of(request: Request) -> Resources:
    """What this process holds open."""
    resources: Resources = request.app.state.resources
    return resources


def read_paging(
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Items on a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=400, description="`next` of the page before.")] = None,
) -> Paging:
    """Which page is asked for."""
    return Paging(limit, None if cursor is None else _readable(cursor))


async def read_customer(
    request: Request,
    customer: Annotated[str | None, Query(description="Our id, or your own (`external_id`).")] = None,
) -> UUID | None:
    """The customer a list is limited to."""
    return None if customer is None else await known_customer(request, customer)


async def known_customer(request: Request, given: str) -> UUID:
    """The customer whom an id means, ours or the shop's own."""
    found = await find_customer(resources_of(request).engine, given)
    if found is None:
        raise ApiProblem("unknown_customer", "customer")
    request.state.subject = str(found)
    return found


Page = Annotated[Paging, Depends(read_paging)]
OfCustomer = Annotated[UUID | None, Depends(read_customer)]
OfJourney = Annotated[str | None, Query(description="A journey's key.")]

_CURSOR = re.compile(r"[a-z0-9-]+|\d{4}-\d\d-\d\dT[\d:.+-]+(~[0-9a-f-]+)?")


def _opaque(cursor: str) -> str:
    return base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def _readable(given: str) -> str:
    try:
        cursor = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise ApiProblem("invalid_cursor", "cursor") from None
    if not _CURSOR.fullmatch(cursor):
        raise ApiProblem("invalid_cursor", "cursor")
    return cursor
