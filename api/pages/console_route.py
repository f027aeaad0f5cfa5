"""Routes of the console: what is answered to who is not signed in, may not, or asked for what is not there."""

from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from api.http.faults import Fault, retry_later
from api.http.path_ids import written_path
from api.pages.access import ElsewhereNow, NotAllowed, NothingHere, SignInNeeded
from api.pages.route import PageRoute
from api.pages.view import View, open_view
from api.pages.words import Words, choose_locale
from orchestrator.core.timing import REAL_TIME

SECURITY = {
    # A message is shown in a frame of its own that may load nothing: no picture tells its sender who looked.
    "content-security-policy": "default-src 'self'; img-src 'self' data:; style-src 'self'; style-src-attr "
    "'unsafe-inline'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class ConsoleRoute(PageRoute):
    """Answers people who work with the console."""

    security = SECURITY

    @staticmethod
    async def refuse(request: Request, error: Exception) -> Response | None:
        """To the sign-in page, or a page that says no."""
        if isinstance(error, HTTPException):
            raise error
        if isinstance(error, SignInNeeded):
            return to_sign_in(request)
        if isinstance(error, NotAllowed):
            view = await open_view(request)
            return view.render("not_allowed.html", status=403, why=error.why)
        if isinstance(error, ElsewhereNow):
            return RedirectResponse(error.path, 303)
        if isinstance(error, NothingHere | RequestValidationError):
            return await page_not_found(request)
        return None

    @staticmethod
    def error_page(request: Request, fault: Fault) -> Response:
        """A page that could not be made: it says so in words, and how to go on. The log has the rest."""
        settings = request.app.state.resources.settings
        words = Words(choose_locale(request), settings.workspace_time_zone)
        view = View(request, settings, request.app.state.resources.engine, None, REAL_TIME, REAL_TIME.now(), words)
        if fault == "value":
            return view.render("error.html", status=404, fault=fault)
        response = view.render("error.html", status=503 if fault == "away" else 500, fault=fault)
        return retry_later(response, fault)


def to_sign_in(request: Request) -> Response:
    """To the form, and from there back to this page."""
    after = written_path(request.scope) + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(after, safe='')}", 303)


async def page_not_found(request: Request) -> Response:
    """404 for those who are signed in; strangers are sent to sign in."""
    view = await open_view(request)
    return to_sign_in(request) if view.actor is None else view.render("not_found.html", status=404)
