"""Operations: looked at before they begin, begun, followed, cancelled, gone on with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.operations.begin import AWAY, MoreThanSeen, NobodyChosen, Order, begin, go_on, retry_failed, turn
from api.operations.moving import MustBeChosen, move_back
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.core.run.operations import ITEM_STATUSES, ON_RUNS, PER_SECOND, STOPPED, Act
from orchestrator.store.operations.choice import Choice, Chosen, preview
from orchestrator.store.operations.progress import (
    OperationRow,
    count_items,
    count_items_of,
    count_outcomes,
    list_items,
    list_operations,
    load_operation,
    settle,
)

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
PACES = (1, 5, 20, 100)
"""Runs a second that a page offers."""
NARROWS = ("journey", "version", "step", "cause", "parked_for")
ON_A_PAGE = 50


@router.get("/operations")
async def operations(view: Reader, before: str = "", done: str = "") -> Response:
    """Every operation, the newest first."""
    page = await list_operations(view.engine, None, before)
    counts = await count_items_of(view.engine, [one.id for one in page.rows])
    return view.render("operations.html", page=page, counts=counts, names=await view.journey_names(), done=done)


@router.get("/operations/new")
async def new(view: Operator, act: str = "", fault: str = "") -> Response:
    """Whom it would be for, before anything is done."""
    act, choice = _wanted(act, view.request.query_params)
    return await _preview(view, act, choice, fault)


@router.post("/operations")
async def start(view: Operator, request: Request) -> Response:
    """Begin it; for one only, where somebody wants to try it first."""
    act, choice = _wanted(view.form.get("act", ""), view.form)
    tried, stop = view.form.get("try") == "1", _stops(act, view.form)
    choice = replace(choice, first=1 if tried else None)
    expected = None if tried else _number(view.form.get("expected", ""))
    pace = _number(view.form.get("per_second", "")) or PER_SECOND
    more = {"reason": STOPPED} if stop else {}
    order = Order(act, choice, view.form.get("why", "").strip()[:500], pace, expected, more)
    try:
        operation = await begin(view.engine, runs_of(request), order, view.by)
    except (NobodyChosen, MoreThanSeen, *AWAY) as error:
        faults = {NobodyChosen: "operation_empty", MoreThanSeen: "operation_grown"}
        fault = faults.get(type(error), "operation_away")
        kept = {name: view.form[name] for name in NARROWS if view.form.get(name)}
        kept |= {"stop": "1"} if stop else {}
        return RedirectResponse(f"/operations/new?{urlencode({'act': act, **kept, 'fault': fault})}", 303)
    return RedirectResponse(f"/operations/{operation}", 303)


@router.get("/operations/{identity}")
async def operation(view: Reader, identity: UUID, status: str = "", after: int = 0, done: str = "") -> Response:
    """How far it is, and what became of each."""
    await settle(view.engine, identity)
    found = await _known(view, identity)
    if found.act == "broadcast":
        return RedirectResponse(f"/broadcasts/{identity}", 303)
    counts = await count_items(view.engine, identity)
    wanted = status if status in ITEM_STATUSES else ""
    rows = await list_items(view.engine, identity, wanted, max(after, 0), ON_A_PAGE + 1)
    places = await view.places((one.journey_key or "", one.step or "") for one in rows)
    return view.render(
        "operation.html",
        operation=found,
        counts=counts,
        settled=sum(counts.get(one, 0) for one in ("done", "passed", "failed")),
        outcomes=await count_outcomes(view.engine, identity),
        rows=rows[:ON_A_PAGE],
        following=rows[ON_A_PAGE - 1].position if len(rows) > ON_A_PAGE else None,
        places=places,
        statuses=ITEM_STATUSES,
        names=await view.journey_names(),
        done=done,
    )


@router.post("/operations/{identity}/act")
async def act(view: Operator, request: Request, identity: UUID) -> Response:
    """Cancel it, go on with it, or try again what failed."""
    found, wanted = await _known(view, identity), view.form.get("act", "")
    leads_to, said = identity, f"operation_{wanted}"
    try:
        match wanted:
            case "cancel":
                done = await turn(view.engine, found, "cancelled", view.by)
            case "resume":
                done = await go_on(view.engine, runs_of(request), found, view.by)
            case "again":
                leads_to, done = await retry_failed(view.engine, runs_of(request), found, view.by), True
            case "back" if found.act == "move":
                plans = request.app.state.resources.plans
                leads_to, done = await move_back(view.engine, runs_of(request), plans, found, view.by), True
            case _:
                raise NothingHere
    except NobodyChosen:
        done, said = True, "operation_empty"
    except MustBeChosen:
        done, said = True, "move_unsaid"
    except AWAY:
        done, said = True, "operation_away"
    return RedirectResponse(f"/operations/{leads_to}" + (f"?done={said}" if done else ""), 303)


async def _known(view: View, identity: UUID) -> OperationRow:
    found = await load_operation(view.engine, identity)
    if found is None:
        raise NothingHere
    return found


def _wanted(act: str, given: Mapping[str, str]) -> tuple[Act, Choice]:
    if act not in ON_RUNS:
        raise NothingHere
    journey, version, step, cause, parked_for = (given.get(name) or None for name in NARROWS)
    return act, Choice(journey, step, cause, parked_for, version=_number(version or ""))


def _stops(act: Act, given: Mapping[str, str]) -> bool:
    """Whether it is their journey that ends: the reason then says so."""
    return act == "end" and bool(given.get("journey")) and given.get("stop") == "1"


async def _preview(view: View, act: Act, choice: Choice, fault: str) -> Response:
    chosen = await preview(view.engine, act, choice)
    return view.render(
        "new_operation.html",
        act=act,
        choice=choice,
        narrows={
            **{name: getattr(choice, name) for name in NARROWS if getattr(choice, name)},
            **({"stop": "1"} if _stops(act, view.request.query_params) else {}),
        },
        chosen=chosen,
        steps=await _places(view, chosen),
        places=await view.places((one.journey_key, one.step or "") for one in chosen.sample),
        names=await view.journey_names(),
        paces=PACES,
        fault=fault,
        status=409 if fault else 200,
    )


async def _places(view: View, chosen: Chosen) -> list[tuple[str, int]]:
    words = await view.places((one.journey_key, one.step or "") for one in chosen.steps)
    return [(words[one.journey_key, one.step or ""], one.runs) for one in chosen.steps]


def _number(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 9 else None
