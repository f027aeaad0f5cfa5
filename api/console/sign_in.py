"""Signing in and out, and the choice of language: the console's only forms that change anything."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.console.forms import own_path, read_form
from api.console.page import THEME_COOKIE, THEMES, ConsoleRoute, open_view
from api.console.words import COOKIE
from api.session import is_admin_token, is_own_form, is_signed_in, sign_in, sign_out
from orchestrator.core.text import LOCALES

router = APIRouter(route_class=ConsoleRoute)


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:
    """The form; somebody who is signed in goes on at once."""
    view = await open_view(request)
    if is_signed_in(request, view.settings):
        return RedirectResponse(own_path(next), 303)
    return view.render("sign_in.html", after=own_path(next), wrong=False)


@router.post("/sign-in")
async def sign_in_with_token(request: Request) -> Response:
    """Takes the admin token."""
    view = await open_view(request)
    form = await read_form(request)
    after = own_path(form.get("next", "/"))
    if not is_own_form(request) or not is_admin_token(view.settings, form.get("token", "")):
        return view.render("sign_in.html", status=403, after=after, wrong=True)
    response = RedirectResponse(after, 303)
    sign_in(response, view.settings)
    return response


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """Ends the session of this browser."""
    response = RedirectResponse("/sign-in", 303)
    if is_own_form(request):
        sign_out(response)
    return response


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remembers the language, and goes back to the page."""
    form = await read_form(request)
    response = RedirectResponse(own_path(form.get("next", "/")), 303)
    if is_own_form(request) and form.get("language") in LOCALES:
        response.set_cookie(COOKIE, form["language"], max_age=365 * 24 * 3600, httponly=True, samesite="lax")
    return response


@router.post("/theme")
async def choose_theme(request: Request) -> Response:
    """Remembers whether pages are light or dark; ``system`` forgets it."""
    form = await read_form(request)
    response = RedirectResponse(own_path(form.get("next", "/")), 303)
    if is_own_form(request) and form.get("theme") in THEMES:
        response.set_cookie(THEME_COOKIE, form["theme"], max_age=365 * 24 * 3600, httponly=True, samesite="lax")
    elif is_own_form(request):
        response.delete_cookie(THEME_COOKIE)
    return response
