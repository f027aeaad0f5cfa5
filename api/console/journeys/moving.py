"""Versions in flight: who stands where in which version, and moving them: looked at first, a share before all."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from api.operations.begin import AWAY, MoreThanSeen, NobodyChosen
from api.operations.in_flight import versions_in_flight
from api.operations.moving import (
    Foreseen,
    Moving,
    MustBeChosen,
    UnknownStep,
    UnknownVersion,
    foresee,
    move,
)
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.core.journey.step_mapping import Place, StepMapping
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.store.journeys.journey_list import load_listed

router = APIRouter(route_class=ConsoleRoute)
Operator = Annotated[View, Depends(PageAccess("operate"))]
TIMERS = ("kept", "recomputed", "fired", "restarted")
SHARES = (100, 50, 20, 5, 1)
"""Of a hundred, as the page offers them."""
PACES = (1, 5, 20, 100)


@router.get("/journeys/{key}/moves")
async def moves(view: Reader, key: str, version: int = 0, to: int = 0) -> Response:
    """The versions with runs under way; with two of them, what moving from one to the other would do."""
    wanted = Moving(key, version, to) if version and to and view.can("operate") else None
    return await _page(view, key, wanted)


@router.post("/journeys/{key}/moves")
async def moved(view: Operator, request: Request, key: str) -> Response:
    """Look again by what was chosen, or begin."""
    form = view.form
    share, pace = _number(form, "share") or 100, _number(form, "per_second") or PER_SECOND
    wanted = Moving(
        key,
        _number(form, "version"),
        _number(form, "to"),
        _chosen(form),
        step=form.get("step") or None,
        share=None if share >= 100 else share,
    )
    if form.get("begin") != "1":
        return await _page(view, key, wanted)
    plans = request.app.state.resources.plans
    why, expected = form.get("why", "").strip()[:500], _number(form, "expected") or None
    expected = expected if share >= 100 else None  # the page shows how many there are in all
    try:
        begun = await move(view.engine, runs_of(request), plans, wanted, view.by, why, pace, expected)
    except (MustBeChosen, NobodyChosen, MoreThanSeen, UnknownVersion, UnknownStep, *AWAY) as error:
        faults = {MustBeChosen: "move_unsaid", NobodyChosen: "operation_empty", MoreThanSeen: "operation_grown"}
        return await _page(view, key, wanted, faults.get(type(error), "operation_away"))
    return RedirectResponse(f"/operations/{begun}", 303)


async def _page(view: View, key: str, wanted: Moving | None, fault: str = "") -> Response:
    plans = view.request.app.state.resources.plans
    journey = await load_listed(view.engine, key)
    if journey is None or journey.version is None:
        raise NothingHere
    names = await view.names()
    versions = await versions_in_flight(view.engine, plans, key, view.locale, names) or []
    try:
        foreseen = None if wanted is None else await foresee(view.engine, plans, wanted)
    except (UnknownVersion, UnknownStep):
        raise NothingHere from None
    return view.render(
        "moves.html",
        journey=journey,
        versions=versions,
        wanted=wanted,
        foreseen=foreseen,
        steps=[] if foreseen is None else [_step(view, foreseen, n, names) for n in range(len(foreseen.steps))],
        targets=[] if foreseen is None else _targets(view, foreseen, names),
        timers=TIMERS,
        shares=SHARES,
        paces=PACES,
        fault=fault,
        status=409 if fault else 200,
    )


def _step(view: View, found: Foreseen, n: int, names: Any) -> dict[str, Any]:
    one = found.steps[n]
    before, after = found.before, found.after
    title = before.label(one.step, view.locale, names) if one.step in before.steps else one.step
    return {
        "at": one,
        "title": title,
        "to": one.place.to if one.place else "",
        "timer": one.place.timer if one.place else "restarted",
        "sends": [after.label(step, view.locale, names) for step in one.sends],
    }


def _targets(view: View, found: Foreseen, names: Any) -> list[tuple[str, str]]:
    """Where one could go: the steps of the version, in the order of its file."""
    return [(step, found.after.label(step, view.locale, names)) for step in found.after.steps]


def _chosen(form: Mapping[str, str]) -> StepMapping:
    """What was chosen on the page: fields ``to.STEP`` and ``timer.STEP``."""
    found: dict[str, Place] = {}
    for name, to in form.items():
        head, _, step = name.partition(".")
        timer: Any = form.get(f"timer.{step}", "kept")
        if head == "to" and step and to and timer in TIMERS:
            found[step] = Place(to, timer)
    return found


def _number(form: Mapping[str, str], name: str) -> int:
    given = form.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
