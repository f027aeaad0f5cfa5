"""Settings: the keys that shops send events with. Two kinds: secrets of servers, and what stands in pages."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.console.accounts.settings import masked
from api.pages.access import Admin
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.intake.write_keys import (
    KINDS,
    KeyKind,
    create_key,
    limit_key,
    list_keys,
    revoke_key,
    rotate_key,
)

router = APIRouter(route_class=ConsoleRoute)
_LONGEST_NAME = 100
BROWSER_LIMIT = 60_000
"""Events a minute that a new browser key admits unless another number is given: anybody can send with it."""
_MOST = 100_000_000


@router.get("/settings/keys")
async def keys(view: Admin, done: str = "") -> Response:
    """Every key, those of the settings too."""
    return await _keys(view, done=done)


@router.post("/settings/keys")
async def make_key(view: Admin) -> Response:
    """A new key; a server key is shown this once."""
    name, limit = view.form.get("name", "").strip()[:_LONGEST_NAME], view.form.get("per_minute", "").strip()
    kind: KeyKind = next((kind for kind in KINDS if kind == view.form.get("kind")), "browser")
    per_minute = _number(limit)
    wrong = "name" if not name else "limit" if limit and per_minute is None else ""
    if wrong:
        given = {"name": name, "kind": kind, "per_minute": limit}
        return await _keys(view, wrong=wrong, status=400, given=given)
    if kind == "browser" and per_minute is None:
        per_minute = BROWSER_LIMIT
    made = await create_key(view.engine, name=name, kind=kind, per_minute=per_minute, by=view.who)
    return await _keys(view, made=made, made_kind=kind)


@router.post("/settings/keys/{identity}/rotate")
async def rotate(view: Admin, identity: UUID) -> Response:
    """A new key in its place; the old one goes on for a day."""
    made = await rotate_key(view.engine, identity, view.who)
    if made is None:
        return await _keys(view, wrong="ended", status=409)
    return await _keys(view, made=made[1], made_kind=made[0], rotated=True)


@router.post("/settings/keys/{identity}/limit")
async def limit(view: Admin, identity: UUID) -> Response:
    """Another limit; nothing given: none."""
    given = view.form.get("per_minute", "").strip()
    if given and _number(given) is None:
        return await _keys(view, wrong="limit", status=400)
    await limit_key(view.engine, identity, _number(given))
    return RedirectResponse("/settings/keys?done=limit", 303)


@router.post("/settings/keys/{identity}/revoke")
async def revoke(view: Admin, identity: UUID) -> Response:
    """Within seconds it opens nothing any more."""
    await revoke_key(view.engine, identity)
    return RedirectResponse("/settings/keys?done=revoked", 303)


async def _keys(view: View, *, status: int = 200, **shown: Any) -> Response:
    context = {"wrong": "", "done": "", "made": "", "made_kind": "", "rotated": False, "given": {}, **shown}
    settings = view.settings
    own = [("server", masked(key)) for key in settings.write_keys]
    own += [("browser", key) for key in settings.browser_keys]
    found = await list_keys(view.engine)
    limit = BROWSER_LIMIT
    return view.render("settings_keys.html", status=status, keys=found, own=own, kinds=KINDS, limit=limit, **context)


def _number(given: str) -> int | None:
    plain = given.replace(",", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 and 0 < int(plain) <= _MOST else None
