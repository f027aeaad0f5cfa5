"""The list of customers: searched, narrowed, in the columns that its reader chose."""

from time import monotonic
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.customers.exporting import begin_export, export_customers, is_column
from api.pages.access import PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.values import STAGES
from orchestrator.store.customers.customer_list import (
    MOST_FOUND,
    REACHED_BY,
    CustomerFilter,
    count_customers,
    list_customers,
)
from orchestrator.store.journeys.vocabulary import attribute_names

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
"""Who may take people's data out of here."""
COLUMNS = ("external_id", "contact", "stage", "live", "consents", "tags", "locale", "time_zone", "since")
"""That can be chosen beside the name, in their order."""
AT_FIRST = ("contact", "stage", "live", "consents", "since")
COOKIE = "sojourn_customer_columns"
_EXPORTED = {"contact": ("email", "phone"), "since": ("created_at",), "live": ()}
"""Of a column of the page, those of the file."""
_ATTRIBUTE = "attributes."
_MOST_COLUMNS = 20
_A_YEAR = 31_536_000  # seconds
_LONG = 0.05
"""Seconds."""


@router.get("/customers")
async def customers(view: Reader, before: str = "") -> Response:
    """The list; ``stage`` ``none``: those in no stage yet."""
    wanted = filter_of(view.request)
    page = await list_customers(view.engine, wanted, before=before)
    attributes = await attribute_names(view.engine)
    return view.render(
        "customers.html",
        page=page,
        counts=await _counts(view),
        stages=STAGES,
        wanted=wanted,
        most_found=MOST_FOUND,
        cell=cell,
        channels=list(CHANNELS),
        reached_by=REACHED_BY,
        columns=chosen_columns(view.request),
        offered=[*COLUMNS, *(_ATTRIBUTE + name for name in attributes)],
    )


@router.get("/customer-list/columns")
async def choose_columns(view: Reader) -> Response:
    """Remember which columns its reader wants, and go back to the list."""
    chosen = [name for name in view.request.query_params.getlist("column") if _is_column(name)][:_MOST_COLUMNS]
    kept = {name: view.request.query_params.get(name, "") for name in _FIELDS}
    answer = RedirectResponse(f"/customers{_query(kept)}", 303)
    secure = view.request.url.scheme == "https"
    value = "~".join(chosen or ["-"]).encode().hex()  # a cookie's value holds no Hangul
    answer.set_cookie(COOKIE, value, max_age=_A_YEAR, httponly=True, secure=secure, samesite="lax")
    return answer


@router.get("/customer-list/export")
async def export(view: Operator) -> Response:
    """What is listed, all of it, as a table: the name and the columns that its reader chose."""
    wanted = filter_of(view.request)
    chosen = [name for one in chosen_columns(view.request) for name in _EXPORTED.get(one, (one,))]
    columns = list(dict.fromkeys(["id", "external_id", "name", *(name for name in chosen if is_column(name))]))
    await begin_export(view.engine, wanted, columns, view.by)
    headers = {"content-disposition": 'attachment; filename="customers.csv"'}
    return StreamingResponse(
        export_customers(view.engine, wanted, columns), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _counts(view: View) -> dict[str, int]:
    """By stage. Where counting takes long, a count is good for twenty times as long as it took."""
    known: tuple[float, dict[str, int]] = getattr(view.request.app.state, "customer_counts", (0.0, {}))
    began = monotonic()
    if began < known[0]:
        return known[1]
    counts = await count_customers(view.engine)
    took = monotonic() - began
    if took > _LONG:
        view.request.app.state.customer_counts = (began + 20 * took, counts)
    return counts


_FIELDS = ("q", "stage", "tag", "agreed", "refused", "reachable")


def filter_of(request: Request) -> CustomerFilter:
    """Who is asked for, by the parameters of the list's address."""
    given = {name: request.query_params.get(name, "").strip()[:200] for name in _FIELDS}
    search = given.pop("q")
    return CustomerFilter(search, **given)


def chosen_columns(request: Request) -> list[str]:
    """What its reader wants to see beside the name."""
    try:
        chosen = bytes.fromhex(request.cookies.get(COOKIE, "")).decode()
    except ValueError:
        chosen = ""
    return [name for name in chosen.split("~") if _is_column(name)] if chosen else list(AT_FIRST)


def cell(row: Any, column: str) -> str:
    """What an attribute's column shows of a customer."""
    return str(row.attributes.get(column.removeprefix(_ATTRIBUTE), ""))


def _is_column(name: str) -> bool:
    return name in COLUMNS or (name.startswith(_ATTRIBUTE) and len(name) <= 220 and "~" not in name)


def _query(kept: dict[str, str]) -> str:
    given = {name: value for name, value in kept.items() if value}
    return f"?{urlencode(given)}" if given else ""
