"""The admin API's customers: who they are, and all that happened to one, in one line of time."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from api.customers.exporting import COLUMNS, MOST_COLUMNS, begin_export, export_customers, is_column
from api.customers.schemas import CustomerAnswer, TimelineEntry
from api.http.access import Require, actor_of, by_of
from api.http.lists import REFUSALS, Listing, Page, known_customer, resources_of
from api.http.problems import ApiProblem, json_response
from orchestrator.store.customers.customer_list import CustomerFilter, list_customers
from orchestrator.store.customers.record import (
    SOURCES,
    CustomerRow,
    Source,
    find_customer,
    load_customer,
    load_identities,
    load_timeline,
)

exports = APIRouter(
    prefix="/api/customer-list", tags=["Customers"], dependencies=[Depends(Require("operate"))], responses=REFUSALS
)
"""What takes people's data out of here."""
router = APIRouter(
    prefix="/api/customers", tags=["Customers"], dependencies=[Depends(Require("read"))], responses=REFUSALS
)

Id = Annotated[
    str,
    Path(
        max_length=255,
        description="Our id, or any of your own, one from before an alias too; a slash in it is written `%2F`.",
    ),
]


def read_filter(
    query: Annotated[
        str, Query(max_length=200, description="Part of a name, an id, an e-mail address or a number.")
    ] = "",
    stage: Annotated[str, Query(max_length=60, description="A lifecycle stage; `none`: in none yet.")] = "",
    tag: Annotated[str, Query(max_length=200, description="A tag that they bear.")] = "",
    agreed: Annotated[str, Query(max_length=60, description="A consent that stands, such as `email`.")] = "",
    refused: Annotated[str, Query(max_length=60, description="A consent that they refused.")] = "",
    reachable: Annotated[
        Literal["", "email", "phone", "push"], Query(description="An address of this kind is known.")
    ] = "",
) -> CustomerFilter:
    """Who is asked for."""
    return CustomerFilter(query.strip(), stage, tag, agreed, refused, reachable)


@router.get("", summary="List customers", response_model=Listing[CustomerRow])
async def all_customers(
    request: Request,
    page: Page,
    wanted: Annotated[CustomerFilter, Depends(read_filter)],
    identity: Annotated[
        str | None,
        Query(alias="id", max_length=255, description="The one customer whom exactly this id means, ours or your own."),
    ] = None,
) -> Response:
    """Customers, those first seen last first; of a search the first thousand that are found. `id` takes ids that no
    address can carry, such as `..`, too."""
    if identity is not None:
        engine = resources_of(request).engine
        known = await find_customer(engine, identity)
        row = None if known is None else await load_customer(engine, known)
        return page.answer([] if row is None else [row], None)
    found = await list_customers(resources_of(request).engine, wanted, before=page.before, limit=page.limit)
    return page.answer(found.rows, found.next)


@router.get("/{customer:id}", summary="Get a customer", response_model=CustomerAnswer)
async def one_customer(request: Request, customer: Id) -> Response:
    """A customer's profile. Who was merged into another is answered as that other."""
    engine = resources_of(request).engine
    row = await load_customer(engine, await known_customer(request, customer))
    if row is None:
        raise ApiProblem("unknown_customer", "customer")
    identities = [{"kind": kind, "value": value} for kind, value in await load_identities(engine, row.id)]
    fields = {name: getattr(row, name) for name in CustomerRow.__dataclass_fields__}
    return json_response({**fields, "identities": identities})


@router.get("/{customer:id}/timeline", summary="All that happened to a customer", response_model=Listing[TimelineEntry])
async def timeline(
    request: Request,
    customer: Id,
    page: Page,
    source: Annotated[list[Source] | None, Query(description="Only these sources; several may be given.")] = None,
) -> Response:
    """Events, decisions on entries, steps, messages, words about consents and notes, the newest first.

    A page never ends between two things of one instant, and may therefore be a little longer than `limit`.
    """
    before = None if page.before is None else _read_instant(page.before)
    known = await known_customer(request, customer)
    found, following = await load_timeline(
        resources_of(request).engine, known, sources=source or SOURCES, before=before, limit=page.limit
    )
    items: list[dict[str, Any]] = [
        {"source": item.source, **{name: value for name, value in item.row._mapping.items() if name != "seq"}}
        for item in found
    ]
    return page.answer(items, None if following is None else following.isoformat())


def _read_instant(cursor: str) -> datetime:
    try:
        instant = datetime.fromisoformat(cursor)
    except ValueError:
        raise ApiProblem("invalid_cursor", "cursor") from None
    if instant.tzinfo is None:
        raise ApiProblem("invalid_cursor", "cursor")
    return instant


@exports.get("/export", summary="Export a list of customers", response_class=StreamingResponse)
async def export(
    request: Request,
    wanted: Annotated[CustomerFilter, Depends(read_filter)],
    column: Annotated[
        list[str] | None, Query(description="Columns in their order; `attributes.NAME` for an attribute.")
    ] = None,
) -> StreamingResponse:
    """As CSV for a spreadsheet: in UTF-8 with its mark, and no cell is taken for a formula. Kept in the audit log."""
    columns = column or list(COLUMNS)
    wrong = next((one for one in columns if not is_column(one)), None)
    if wrong is not None or len(columns) > MOST_COLUMNS:
        raise ApiProblem("unknown_column", "column", name=wrong or "–", limit=MOST_COLUMNS)
    engine = resources_of(request).engine
    await begin_export(engine, wanted, columns, by_of(actor_of(request)))
    headers = {"content-disposition": 'attachment; filename="customers.csv"'}
    return StreamingResponse(
        export_customers(engine, wanted, columns), media_type="text/csv; charset=utf-8", headers=headers
    )
