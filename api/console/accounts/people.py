"""Settings: who works here, in which role; and the tokens of programs."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.http.session import any_account
from api.pages.access import Admin, NothingHere
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.email_address import is_email
from orchestrator.core.roles import ROLE_MEANINGS, ROLE_TITLES, ROLES, Role
from orchestrator.store.accounts.api_tokens import create_token, list_tokens, revoke_token
from orchestrator.store.accounts.people import (
    EmailTaken,
    LastAdmin,
    create_account,
    find_account,
    list_accounts,
    make_link,
    set_disabled,
    set_role,
)

router = APIRouter(route_class=ConsoleRoute)
_LONGEST_NAME = 100


@router.get("/settings/people")
async def people(view: Admin, done: str = "") -> Response:
    """Everybody with their role."""
    return await _people(view, done=done)


@router.post("/settings/people")
async def invite(view: Admin) -> Response:
    """Somebody new, with a link to hand over; it is shown this once."""
    name = view.form.get("name", "").strip()[:_LONGEST_NAME]
    email, role = view.form.get("email", "").strip(), _role(view)
    if not await any_account(view.request):
        return RedirectResponse("/setup", 303)  # whoever invites should be able to come in themselves
    wrong = "name" if not name else "email" if not is_email(email) else ""
    if not wrong:
        try:
            identity = await create_account(view.engine, email=email, name=name, role=role)
        except EmailTaken:
            wrong = "taken"
    if wrong:
        return await _people(view, wrong=wrong, status=400, given={"name": name, "email": email, "role": role})
    return await _linked(view, identity)


@router.post("/settings/people/{identity}/link")
async def link(view: Admin, identity: UUID) -> Response:
    """A new link for somebody who forgot the password, or never used theirs."""
    return await _linked(view, identity)


@router.post("/settings/people/{identity}/role")
async def change_role(view: Admin, identity: UUID) -> Response:
    """Another role; they sign in anew."""
    return await _changed(view, set_role(view.engine, identity, _role(view)), "role")


@router.post("/settings/people/{identity}/disable")
async def disable_account(view: Admin, identity: UUID) -> Response:
    """Ends their sessions, and lets them in no more. What they did stays."""
    return await _changed(view, set_disabled(view.engine, identity, True), "disabled")


@router.post("/settings/people/{identity}/enable")
async def enable_account(view: Admin, identity: UUID) -> Response:
    """With the role and password they had."""
    return await _changed(view, set_disabled(view.engine, identity, False), "enabled")


@router.get("/settings/tokens")
async def tokens(view: Admin, done: str = "") -> Response:
    """Tokens of programs."""
    return await _tokens(view, done=done)


@router.post("/settings/tokens")
async def make_token(view: Admin) -> Response:
    """A new token, shown this once."""
    name = view.form.get("name", "").strip()[:_LONGEST_NAME]
    if not name:
        return await _tokens(view, wrong="name", status=400)
    token = await create_token(view.engine, name=name, role=_role(view), by=view.who)
    return await _tokens(view, made=token)


@router.post("/settings/tokens/{identity}/revoke")
async def revoke(view: Admin, identity: UUID) -> Response:
    """It opens nothing any more."""
    await revoke_token(view.engine, identity)
    return RedirectResponse("/settings/tokens?done=revoked", 303)


async def _people(view: View, *, status: int = 200, **shown: Any) -> Response:
    context = {"wrong": "", "done": "", "link": "", "invited": None, "given": {}, **shown}
    everybody = await list_accounts(view.engine)
    return view.render("settings_people.html", status=status, people=everybody, **_roles(), **context)


async def _linked(view: View, identity: UUID) -> Response:
    try:
        token = await make_link(view.engine, identity)
    except LookupError:
        raise NothingHere from None
    invited = await find_account(view.engine, identity=identity)
    base = view.settings.public_url
    return await _people(view, link=f"{base}/welcome/{token}", invited=invited)


async def _changed(view: View, change: Awaitable[None], done: str) -> Response:
    try:
        await change
    except LastAdmin:
        return await _people(view, wrong="last_admin", status=409)
    return RedirectResponse(f"/settings/people?done={done}", 303)


async def _tokens(view: View, *, status: int = 200, **shown: Any) -> Response:
    context = {"wrong": "", "done": "", "made": "", **shown}
    found = await list_tokens(view.engine)
    return view.render("settings_tokens.html", status=status, tokens=found, **_roles(), **context)


def _roles() -> dict[str, Any]:
    return {"roles": ROLES, "titles": ROLE_TITLES, "meanings": ROLE_MEANINGS}


def _role(view: View) -> Role:
    """What was chosen; nothing that we know gives the least."""
    return next((role for role in ROLES if role == view.form.get("role")), "viewer")
