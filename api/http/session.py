"""What a browser is known by: the cookie of a session, or standing on this machine while there is nothing to protect.

With the token that the first start made, and as long as nobody has an account, one is signed in at once on this
machine. A page of somebody else's that was pointed at this address (DNS rebinding) names another host, and is not;
neither is what a proxy passes on, whose client may sit anywhere.
"""

import hmac
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.http.front_door import host_name, is_forwarded, is_local
from api.http.resources import Resources
from orchestrator.addresses import is_loopback
from orchestrator.settings import Settings
from orchestrator.store.accounts.people import has_accounts
from orchestrator.store.accounts.sessions import LONGEST, SignedIn, find_session, open_session

COOKIE = "sojourn_session"
_LONGEST_TOKEN = 100


def session_token(request: Request) -> str:
    """The token in this browser's cookie; empty without one."""
    token = request.cookies.get(COOKIE, "")
    return token if len(token) <= _LONGEST_TOKEN else ""


async def signed_in(request: Request) -> SignedIn | None:
    """Who is signed in in this browser."""
    token = session_token(request)
    resources: Resources = request.app.state.resources
    return await find_session(resources.engine, token) if token else None


async def start_session(request: Request, response: Response, user: UUID) -> None:
    """A session of its own for this browser: an old cookie, or one that somebody slipped in, is never taken over."""
    resources: Resources = request.app.state.resources
    response.set_cookie(
        COOKIE,
        await open_session(resources.engine, user),
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=resources.settings.public_url.startswith("https://"),
    )


def forget_session(response: Response) -> None:
    """Takes the cookie away."""
    response.delete_cookie(COOKIE)


def is_admin_token(settings: Settings, given: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode(), settings.admin_token.get_secret_value().encode())


def is_own_form(request: Request) -> bool:
    """Whether a form was sent by a page of ours: browsers name the page's origin, and scripts cannot change that.

    A proxy may have put its own name for us into ``Host``; the public address is ours as well.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    resources: Resources = request.app.state.resources
    ours = {request.headers.get("host", ""), urlsplit(resources.settings.public_url).netloc} - {""}
    try:
        return urlsplit(origin).netloc in ours
    except ValueError:  # no browser's
        return False


async def needs_no_account(request: Request) -> bool:
    """Whether one is let in for standing here: a token of this machine, and nobody to protect yet."""
    return is_development(request) and not await any_account(request)


def is_development(request: Request) -> bool:
    """Whether the token is one for this machine alone, and who asks sits at it, with no proxy between."""
    resources: Resources = request.app.state.resources
    return resources.settings.lets_local_admin_in and _from_this_machine(request)


async def any_account(request: Request) -> bool:
    """Whether anybody has an account. Accounts are never deleted, so yes stays yes."""
    state = request.app.state
    if not getattr(state, "has_accounts", False):
        state.has_accounts = await has_accounts(state.resources.engine)
    found: bool = state.has_accounts
    return found


def _from_this_machine(request: Request) -> bool:
    host = host_name(request.headers.get("host", "")) or ""
    client = request.client.host if request.client else ""
    return bool(host) and is_local(host) and is_loopback(client) and not is_forwarded(request.scope)
