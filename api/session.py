"""Signing in to the console: the admin token once, then a signed cookie that no script can read.

On this machine alone, with the development token that everybody knows, there is nothing to protect: one is signed in
at once. A page of somebody else's that was pointed at this address (DNS rebinding) names another host, and is not.
"""

import hashlib
import hmac
import time
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from orchestrator.settings import DEV_ADMIN_TOKEN, Settings, is_loopback

COOKIE = "sojourn_session"
LIFETIME = 7 * 24 * 3600
"""Seconds."""


def is_signed_in(request: Request, settings: Settings) -> bool:
    """Whether this browser may look."""
    if settings.admin_token.get_secret_value() == DEV_ADMIN_TOKEN and _from_this_machine(request):
        return True
    expires, _, signature = request.cookies.get(COOKIE, "").partition(".")
    if not expires.isdigit() or int(expires) < time.time():
        return False
    return hmac.compare_digest(signature, _signature(settings, expires))


def sign_in(response: Response, settings: Settings) -> None:
    """Give this browser the cookie."""
    expires = str(int(time.time()) + LIFETIME)
    response.set_cookie(
        COOKIE,
        f"{expires}.{_signature(settings, expires)}",
        max_age=LIFETIME,
        httponly=True,
        samesite="lax",
        secure=settings.public_url.startswith("https://"),
    )


def sign_out(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE)


def is_admin_token(settings: Settings, given: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), settings.admin_token.get_secret_value().encode())


def is_own_form(request: Request) -> bool:
    """Whether a form was sent by a page of ours: browsers name the page's origin, and scripts cannot change that."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == request.headers.get("host", "")


def _signature(settings: Settings, expires: str) -> str:
    """A new admin token ends every session, because the old one goes into the signature."""
    token = hashlib.sha256(settings.admin_token.get_secret_value().encode()).hexdigest()
    message = f"console/{expires}/{token}".encode()
    return hmac.new(settings.secret_key.get_secret_value().encode(), message, hashlib.sha256).hexdigest()


def _from_this_machine(request: Request) -> bool:
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    client = request.client.host if request.client else ""
    return is_loopback(host) and is_loopback(client) and "x-forwarded-for" not in request.headers
