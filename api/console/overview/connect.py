"""Connecting one's own shop: a key, the lines for its pages and its server, and whether anything has come."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.console.accounts.write_keys import BROWSER_LIMIT
from api.pages.access import Admin
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.store.intake.write_keys import KeyRow, create_key, list_keys

router = APIRouter(route_class=ConsoleRoute)


@router.get("/connect")
async def connect(view: Admin) -> Response:
    """One's own keys, and how they are used."""
    return await _shown(view)


@router.post("/connect")
async def make_keys(view: Admin) -> Response:
    """A key for pages; or one for the shop's server, which is shown this once."""
    if view.form.get("kind") == "server":
        made = await create_key(
            view.engine, name=view.words("connect.server_name"), kind="server", per_minute=None, by=view.who
        )
        return await _shown(view, made)
    name = view.words("connect.key_name")
    await create_key(view.engine, name=name, kind="browser", per_minute=BROWSER_LIMIT, by=view.who)
    return RedirectResponse("/connect", 303)


async def _shown(view: View, made: str = "") -> Response:
    alive = [key for key in await list_keys(view.engine) if key.state == "live"]
    return view.render(
        "connect.html",
        browser=_first(alive, "browser"),
        server=_first(alive, "server"),
        made=made,
        local=view.settings.has_development_keys,
    )


def _first(keys: list[KeyRow], kind: str) -> KeyRow | None:
    """The one that is in use, else the newest."""
    fitting = [key for key in keys if key.kind == kind]
    return next((key for key in fitting if key.used_at), fitting[0] if fitting else None)
