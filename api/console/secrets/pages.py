"""Settings: secrets of the workspace, which webhook steps sign with or carry along. Entered, and never shown again."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.http.problems import ApiProblem
from api.pages.access import Admin
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.secrets.given import hosts_given, name_given, value_given
from orchestrator.store.secret_box import Seal
from orchestrator.store.secrets.named import (
    box,
    create_secret,
    journeys_by_secret,
    list_changes,
    list_secrets,
    revoke_secret,
    rotate_secret,
    set_hosts,
)

router = APIRouter(route_class=ConsoleRoute)
_SHOWN_CHANGES = 20


@router.get("/settings/secrets")
async def secrets(view: Admin, done: str = "") -> Response:
    """Every secret by name."""
    return await _page(view, done=done)


@router.post("/settings/secrets")
async def make(view: Admin) -> Response:
    """A new secret. One that is made here is shown this once."""

    async def create(value: str) -> bool:
        name, hosts = name_given(view.form.get("name", "").strip()), hosts_given(_hosts(view))
        return await create_secret(view.engine, _seal(view), name, value, hosts=hosts, by=view.who)

    return await _with_value(view, create, "exists")


@router.post("/settings/secrets/{name}/rotate")
async def rotate(view: Admin, name: str) -> Response:
    """A new value in the place of this one, which goes on signing for a day."""

    async def change(value: str) -> bool:
        return await rotate_secret(view.engine, _seal(view), name, value, by=view.who)

    return await _with_value(view, change, "ended")


@router.post("/settings/secrets/{name}/hosts")
async def hosts(view: Admin, name: str) -> Response:
    """Other hosts that the value may be sent to."""
    try:
        known = await set_hosts(view.engine, name, hosts_given(_hosts(view)), by=view.who)
    except ApiProblem as problem:
        return await _page(view, wrong=problem.field, status=400)
    return RedirectResponse("/settings/secrets?done=hosts", 303) if known else await _page(view, wrong="ended")


@router.post("/settings/secrets/{name}/revoke")
async def revoke(view: Admin, name: str) -> Response:
    """Its value is gone at once."""
    await revoke_secret(view.engine, name, by=view.who)
    return RedirectResponse("/settings/secrets?done=revoked", 303)


async def _with_value(view: View, change: Callable[[str], Awaitable[bool]], otherwise: str) -> Response:
    """What is given, or a new value, which the page then shows."""
    given = view.form.get("value", "").strip()
    try:
        value = value_given(given)
        if not await change(value):
            return await _page(view, wrong=otherwise, status=409)
    except ApiProblem as problem:
        return await _page(view, wrong=problem.field, status=400)
    if given:
        return RedirectResponse("/settings/secrets?done=kept", 303)
    return await _page(view, made=value)


async def _page(view: View, *, status: int = 200, **shown: Any) -> Response:
    given = {name: view.form.get(name, "") for name in ("name", "hosts")} if shown.get("wrong") else {}
    context = {"wrong": "", "done": "", "made": "", "given": given, **shown}
    found, used = await list_secrets(view.engine), await journeys_by_secret(view.engine)
    changes = await list_changes(view.engine, _SHOWN_CHANGES)
    names = {
        key: view.name(dict(called), key) for (kind, key), called in (await view.names()).items() if kind == "journey"
    }
    return view.render(
        "settings_secrets.html", names=names, status=status, secrets=found, used=used, changes=changes, **context
    )


def _hosts(view: View) -> list[str]:
    return view.form.get("hosts", "").replace(",", " ").split()


def _seal(view: View) -> Seal:
    return box(view.settings.secret_key.get_secret_value())
