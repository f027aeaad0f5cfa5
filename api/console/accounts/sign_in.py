"""Ways in and out: signing in, the first admin, a one-time link, signing out; and the choice of language and look."""

from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.accounts.passwords import check_password, fault_of, hash_password
from api.http.access import browsing, has_valid_csrf_token
from api.http.session import (
    any_account,
    forget_session,
    is_admin_token,
    is_development,
    is_own_form,
    session_token,
    start_session,
)
from api.http.throttle import throttle_of
from api.pages.access import NothingHere
from api.pages.console_route import ConsoleRoute
from api.pages.forms import local_path, read_form
from api.pages.view import THEME_COOKIE, THEMES, View, open_view
from api.pages.words import COOKIE
from orchestrator.core.channels.email_address import is_email
from orchestrator.core.text import LOCALES
from orchestrator.store.accounts.people import (
    create_first_admin,
    find_account,
    normal_email,
    refresh_password,
    set_locale,
    use_link,
)
from orchestrator.store.accounts.sessions import close_session

log = structlog.get_logger(__name__)

router = APIRouter(route_class=ConsoleRoute)
YEAR = 365 * 24 * 3600


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:
    """The form; somebody who is signed in goes on at once, and where nobody has an account one is made."""
    view = await open_view(request)
    if view.actor is not None:
        return RedirectResponse(local_path(next), 303)
    if not await any_account(request):
        return RedirectResponse("/setup", 303)
    return view.render("sign_in.html", after=local_path(next), wrong="", email="")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Takes an e-mail address and a password. What it answers does not tell whether there is such a person."""
    view = await open_view(request)
    form = await read_form(request)
    after, email = local_path(form.get("next", "/")), normal_email(form.get("email", ""))[:254]
    throttle = throttle_of(request)
    wrong = ""
    if not is_own_form(request):
        wrong = "elsewhere"
    elif not await throttle.admits(email, view.address):
        wrong = "often"
    if wrong:
        status = 429 if wrong == "often" else 403
        return view.render("sign_in.html", status=status, after=after, wrong=wrong, email=email)
    account = await find_account(view.engine, email=email)
    stored = account.password if account and account.disabled_at is None else None
    right, better = await check_password(form.get("password", ""), stored)
    if account is None or not right:
        log.info("sign-in refused")  # not for whom: what was typed may be a password
        return view.render("sign_in.html", status=403, after=after, wrong="wrong", email=email)
    if better and stored:
        await refresh_password(view.engine, account.id, stored, better)
    await throttle.clear_failures(email, view.address)
    return await _enter(request, view, account.id, after, account.locale)


@router.get("/setup")
async def setup_page(request: Request) -> Response:
    """The first admin's account, once in the life of a workspace."""
    if await any_account(request):
        return RedirectResponse("/sign-in", 303)
    view = await open_view(request)
    return view.render("setup.html", given={}, wrong="", needs_token=not is_development(request))


@router.post("/setup")
async def set_up(request: Request) -> Response:
    """Makes the first admin, for who holds the admin token. Of two at once, one is told that the other was quicker."""
    view = await open_view(request)
    form = await read_form(request)
    needs_token = not is_development(request)
    given = {name: form.get(name, "").strip() for name in ("name", "email")}
    wrong, status = _fault(given, form), 400
    if not is_own_form(request):
        wrong, status = "elsewhere", 403
    elif not await throttle_of(request).admits("setup", view.address):
        wrong, status = "often", 429
    elif needs_token and not is_admin_token(view.settings, form.get("token", "").strip()):
        wrong, status = "token", 403
    if wrong:
        return view.render("setup.html", status=status, given=given, wrong=wrong, needs_token=needs_token)
    password = await hash_password(form["password"])
    made = await create_first_admin(view.engine, email=given["email"], name=given["name"], password=password)
    if made is None:
        return RedirectResponse("/sign-in", 303)
    return await _enter(request, view, made, "/")


@router.get("/welcome/{link}")
async def welcome_page(request: Request, link: str) -> Response:
    """Whoever has the link sets a password."""
    view = await open_view(request)
    account = await find_account(view.engine, link=link[:100])
    return view.render("welcome.html", status=200 if account else 404, account=account, link=link, wrong="")


@router.post("/welcome/{link}")
async def welcome(request: Request, link: str) -> Response:
    """Sets the password, uses up the link, and signs in."""
    view = await open_view(request)
    form = await read_form(request)
    account = await find_account(view.engine, link=link[:100])
    if account is None:
        return view.render("welcome.html", status=404, account=None, link=link, wrong="")
    wrong = fault_of(form.get("password", ""), account.email, account.name) or ""
    if not is_own_form(request):
        wrong = "elsewhere"
    if wrong:
        return view.render("welcome.html", status=400, account=account, link=link, wrong=wrong)
    entered = await use_link(view.engine, link, await hash_password(form["password"]))
    if entered is None:
        raise NothingHere
    return await _enter(request, view, entered, "/", account.locale)


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """Ends the session of this browser."""
    view = await open_view(request)
    form = await read_form(request)
    response = RedirectResponse("/sign-in", 303)
    if has_valid_csrf_token(request, form.get("csrf", "")):
        await close_session(view.engine, session_token(request))
        forget_session(response)
    return response


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remembers the language, for this browser and for who is signed in, and goes back to the page."""
    form = await read_form(request)
    response = RedirectResponse(local_path(form.get("next", "/")), 303)
    chosen = form.get("language")
    if is_own_form(request) and chosen in LOCALES:
        _remember(response, COOKIE, chosen)
        actor = await browsing(request)
        if actor is not None and actor.id is not None:
            await set_locale(request.app.state.resources.engine, actor.id, chosen)
    return response


@router.post("/theme")
async def choose_theme(request: Request) -> Response:
    """Remembers whether pages are light or dark; ``system`` forgets it."""
    form = await read_form(request)
    response = RedirectResponse(local_path(form.get("next", "/")), 303)
    if is_own_form(request) and form.get("theme") in THEMES:
        _remember(response, THEME_COOKIE, form["theme"])
    elif is_own_form(request):
        response.delete_cookie(THEME_COOKIE)
    return response


async def _enter(request: Request, view: View, user: UUID, after: str, locale: str | None = None) -> Response:
    """Begins a session, and ends the one that this browser may have had."""
    response = RedirectResponse(after, 303)
    if session_token(request):
        await close_session(view.engine, session_token(request))
    await start_session(request, response, user)
    log.info("signed in", user=str(user))
    if locale in LOCALES:
        _remember(response, COOKIE, locale)
    return response


def _fault(given: dict[str, str], form: dict[str, str]) -> str:
    if not given["name"] or not is_email(given["email"]):
        return "email" if given["name"] else "name"
    return fault_of(form.get("password", ""), given["email"], given["name"]) or ""


def _remember(response: Response, cookie: str, value: Any) -> None:
    response.set_cookie(cookie, str(value), max_age=YEAR, httponly=True, samesite="lax")
