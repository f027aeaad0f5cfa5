"""Computed traits: what is computed, traits of one's own, and how well the models foretell."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response
from temporalio.service import RPCError

from api.pages.access import PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.core.journey.schema_errors import sentence_of
from orchestrator.core.keys import key_from_names
from orchestrator.core.traits.definition import COUNTED, NIGHTLY, OF_EVENTS_ALONE, OwnMeasure, TraitSettings
from orchestrator.files.events import typed
from orchestrator.store.events.event_names import load_event_names
from orchestrator.store.traits.counting import as_settings
from orchestrator.store.traits.nightly import newest_models
from orchestrator.store.workspace import change_settings
from workflows.rounds.refresh_traits import refresh_now

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]
Operator = Annotated[View, Depends(PageAccess("operate"))]
MEASURES: tuple[OwnMeasure, ...] = get_args(OwnMeasure)
NIGHTS = 30
"""Nights whose drift is shown."""


@router.get("/traits")
async def traits(view: Reader, done: str = "") -> Response:
    """What is computed, and what was learned."""
    return await _page(view, done=done)


@router.post("/traits")
async def change(view: Drawer) -> Response:
    """Begin to compute, or say anew what an order is."""
    amounts = [name.strip() for name in view.form.get("amount", "").split(",") if name.strip()]
    orders = {
        "event": view.form.get("event", "").strip(),
        "amount": amounts,
        "currency_property": view.form.get("currency_property", "").strip(),
        "currency": view.form.get("currency", "").strip().upper(),
    }
    return await _kept(view, {**_stored(view), "orders": orders}, "traits_changed")


@router.post("/traits/own")
async def add(view: Drawer) -> Response:
    """One more trait of one's own."""
    stored = _stored(view)
    return await _kept(view, {**stored, "traits": [*stored.get("traits", []), _own(view)]}, "trait_added")


@router.post("/traits/own/{key}/delete")
async def remove(view: Drawer, key: str) -> Response:
    """It is computed no more, and goes from customers as they are counted."""
    stored = _stored(view)
    left = [one for one in stored.get("traits", []) if one["key"] != key]
    return await _kept(view, {**stored, "traits": left}, "trait_deleted")


@router.post("/traits/stop")
async def stop(view: Drawer) -> Response:
    """Compute nothing any more."""
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {"traits": None})
    return RedirectResponse("/traits?done=traits_stopped", 303)


@router.post("/traits/refresh")
async def refresh(view: Operator, request: Request) -> Response:
    """Do the night's work now."""
    try:
        runs = await runs_of(request)()
        await refresh_now(runs.client)
    except (RPCError, RuntimeError):
        return RedirectResponse("/traits?done=operation_away", 303)
    return RedirectResponse("/traits?done=traits_refreshing", 303)


async def _page(view: View, done: str = "", wrong: str = "", form: Mapping[str, str] | None = None) -> Response:
    settings, models = _settings(view), await newest_models(view.engine, NIGHTS)
    known = await load_event_names(view.engine, view.now)
    newest = models[0] if models else None
    most = max((max(row["actual"], row["expected"]) for row in newest.report.get("holdout", ())), default=0) if (
        newest
    ) else 0  # fmt: skip
    return view.render(
        "traits.html",
        status=400 if wrong else 200,
        settings=settings,
        orders=settings.orders if settings else TraitSettings().orders,
        newest=newest,
        models=models,
        most=most,
        events=[one.name for one in known.events],
        measures=MEASURES,
        counted=COUNTED,
        nightly=NIGHTLY,
        done=done,
        wrong=wrong,
        form=form or {},
    )


async def _kept(view: View, given: Mapping[str, Any], done: str) -> Response:
    """Keep the settings, or show the form again with what is wrong."""
    try:
        settings = TraitSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][-1]) if first["loc"] else ""
        label = view.words.of("traits_field", place) if place and not (place.isascii() and place.isdigit()) else ""
        words = sentence_of(first).to(view.locale)
        return await _page(view, wrong=f"{label}: {words}" if label else words, form=view.form)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {"traits": settings.model_dump(mode="json")})
    return RedirectResponse(f"/traits?done={done}", 303)


def _own(view: View) -> dict[str, Any]:
    """The trait that the form describes."""
    form = {name: value.strip() for name, value in view.form.items()}
    name, measure = form.get("name", "")[:100], form.get("measure", "count")
    key = form.get("key") or key_from_names(name, "trait").replace("-", "_")
    own: dict[str, Any] = {"key": key, "name": {view.locale: name} if name else {}, "event": form.get("event", "")}
    own["measure"] = measure
    if measure not in OF_EVENTS_ALONE:
        own["property"] = form.get("property", "") or None
    if form.get("days"):
        own["within"] = f"{form['days']}d"
    if form.get("filter"):
        own["where"] = {"kind": "property", "name": form["filter"], "op": "eq", "value": typed(form.get("value", ""))}
    return own


def _stored(view: View) -> dict[str, Any]:
    settings = _settings(view)
    return settings.model_dump(mode="json") if settings else {}


def _settings(view: View) -> TraitSettings | None:
    return as_settings(view.workspace.settings.get("traits")) if view.workspace else None
