"""Who asks, and whether they may: one dependency, ``Require(permission)``, for every route of the API.

Someone is known by a bearer token, by the console's session cookie, or, on this machine alone and with the development
token, by being here. What a browser sends by itself (a cookie, a place) lets somebody else's page act in a person's
name; whatever is changed by it needs the header ``X-CSRF-Token`` as well, which only our own pages know.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.http import session
from api.http.problems import ApiProblem, language
from api.http.resources import Resources
from orchestrator.core.roles import MAY, PERMISSION_TITLES, ROLE_TITLES, Permission, Role
from orchestrator.store.accounts.api_tokens import PREFIX, find_token
from orchestrator.store.audit.chain import By

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, and that need no proof."""
CSRF_HEADER = "X-CSRF-Token"

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="An API token, or the admin token.")
_own_key = secrets.token_bytes(32)


@dataclass(frozen=True)
class Actor:
    """Who asks. ``id``: of the person or the token, where there is one. ``via``: how we know; by a browser's session,
    an API token, the settings' admin token, or because they sit at this machine."""

    id: UUID | None
    name: str
    email: str | None
    role: Role
    via: Literal["session", "token", "setting", "local"]
    locale: str | None = None

    @property
    def can(self) -> frozenset[Permission]:
        """What the role permits."""
        return MAY[self.role]

    @property
    def account(self) -> UUID | None:
        """The person's account; None: a program, or somebody without one."""
        return self.id if self.via == "session" else None

    @property
    def by_browser(self) -> bool:
        """Whether a browser sends by itself what this actor is known by."""
        return self.via in ("session", "local")


class Require:
    """A dependency that lets pass who may do one of these things, and leaves them in ``request.state.actor``."""

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = frozenset(permissions)

    async def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Actor:
        """Raises the problems ``missing_token``, ``wrong_token``, ``not_allowed`` and ``csrf``."""
        if not hasattr(request.state, "actor"):  # a router's requirement and its route's ask but once
            request.state.actor = await (_by_token(request, credentials) if credentials else browsing(request))
        actor: Actor | None = request.state.actor
        if actor is None:
            raise ApiProblem("wrong_token" if credentials else "missing_token", "Authorization")
        if actor.by_browser and request.method not in SAFE and not has_valid_csrf_token(request):
            raise ApiProblem("csrf", CSRF_HEADER)
        if not self.permissions & actor.can:
            raise self.refusal(request, actor)
        if b"%00" in request.scope.get("raw_path", b"") + request.scope["query_string"]:
            raise ApiProblem("invalid_parameter", "", reason="NUL")  # PostgreSQL's text cannot even be asked for it
        return actor

    def refusal(self, request: Request, actor: Actor) -> ApiProblem:
        """What is answered to an actor who may do none of them."""
        locale = language(request)
        wanted = " / ".join(PERMISSION_TITLES[one].to(locale) for one in sorted(self.permissions))
        return ApiProblem("not_allowed", None, role=ROLE_TITLES[actor.role].to(locale), permission=wanted)


async def admit(request: Request, requirement: Require) -> Actor:
    """Who asks, and that they may, before anything else of the request is looked at. Raises as :class:`Require`."""
    return await requirement(request, await _bearer(request))


def actor_of(request: Request) -> Actor:
    """Who asks, on a route that requires a permission."""
    actor: Actor = request.state.actor
    return actor


def by_of(actor: Actor) -> By:
    """The same, as the audit log keeps it."""
    return By(actor.name, actor.via, actor.id)


async def browsing(request: Request) -> Actor | None:
    """Whose browser asks, by its cookie or by standing on this machine; None: nobody that we know."""
    if not hasattr(request.state, "browsing"):  # asked for by the route, the page and its shell: looked up but once
        request.state.browsing = await _browsing(request)
    found: Actor | None = request.state.browsing
    return found


async def _browsing(request: Request) -> Actor | None:
    person = await session.signed_in(request)
    if person is not None:
        return Actor(person.id, person.name, person.email, person.role, "session", person.locale)
    if await session.needs_no_account(request):
        return Actor(None, "Local", None, "admin", "local")
    return None


async def _by_token(request: Request, credentials: HTTPAuthorizationCredentials) -> Actor | None:
    """Compared in a time that tells nothing about the admin token."""
    resources: Resources = request.app.state.resources
    given = credentials.credentials
    if session.is_admin_token(resources.settings, given):
        return Actor(None, "SOJOURN_ADMIN_TOKEN", None, "admin", "setting")
    found = await find_token(resources.engine, given) if given.startswith(PREFIX) else None
    return None if found is None else Actor(found[0], found[1], None, found[2], "token")


def csrf_token(request: Request) -> str:
    """What our pages hold and others cannot know; it changes with each session."""
    settings = request.app.state.resources.settings
    key = settings.secret_key.get_secret_value().encode() or _own_key
    message = b"csrf/" + session.session_token(request).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:40]


def has_valid_csrf_token(request: Request, given: str | None = None) -> bool:
    """Whether one of our pages sent this: it carries the page's CSRF token, in the header or in a form field."""
    proof = request.headers.get(CSRF_HEADER, "") if given is None else given
    return session.is_own_form(request) and hmac.compare_digest(proof.encode(), csrf_token(request).encode())
