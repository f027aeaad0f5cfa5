"""What every page shares: who looks, in which language, by which clock; rendering; and answers to what goes wrong."""

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, urlencode

import jinja2
import structlog
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.http.access import SAFE, Actor, browsing, csrf_token, proves_own_page
from api.http.resources import Resources
from api.pages.forms import read_form
from api.pages.words import COOKIE as LANGUAGE_COOKIE
from api.pages.words import Words, choose_locale, compact, languages
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.describe import describe
from orchestrator.core.journey.plan import Plan
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.roles import ROLE_TITLES, Permission
from orchestrator.core.text import LOCALES, in_locale
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.settings import Settings
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import clock_of, load_workspace
from web import FOLDER

SECURITY = {
    # A message is shown in a frame of its own that may load nothing: no picture tells its sender who looked.
    "content-security-policy": "default-src 'self'; img-src 'self' data:; style-src 'self'; style-src-attr "
    "'unsafe-inline'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


log = structlog.get_logger(__name__)

THEMES = ("light", "dark")
THEME_COOKIE = "sojourn_theme"


class SignInNeeded(Exception):
    """Nobody is signed in."""


class NotAllowed(Exception):
    """The reader's role does not permit this, or the form did not come from a page of ours (``csrf``)."""

    def __init__(self, why: Literal["role", "csrf"]) -> None:
        super().__init__(why)
        self.why = why


class NothingHere(Exception):
    """There is no such journey, customer or message."""


class Section(NamedTuple):
    """A part of the console: its word (``nav.…``), its first page, and whether this page is of it."""

    name: str
    href: str
    icon: str
    here: bool


_SECTIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("journeys", "/", "route", ("/journeys", "/runs", "/entries")),
    ("customers", "/customers", "users", ("/customers", "/consents")),
    ("events", "/events", "activity", ("/events",)),
    ("templates", "/templates", "layout-template", ("/templates",)),
    ("surveys", "/surveys", "clipboard-list", ("/surveys", "/complaints")),
    ("coupons", "/coupons", "ticket-percent", ("/coupons",)),
    ("outbox", "/outbox", "inbox", ("/outbox",)),
    ("settings", "/settings", "settings", ("/settings", "/channels")),
)


def _within(path: str, places: tuple[str, ...]) -> bool:
    if path == "/":
        return "/journeys" in places
    return any(path == place or path.startswith(place + "/") for place in places)


class ConsoleRoute(APIRoute):
    """Answers people: with pages where the API would answer with a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its faults turned into pages."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except SignInNeeded:
                response = to_sign_in(request)
            except NotAllowed as refusal:
                view = await open_view(request)
                response = view.render("not_allowed.html", status=403, why=refusal.why)
            except (NothingHere, RequestValidationError):
                response = await nothing_here(request)
            except (ClientDisconnect, HTTPException):
                raise
            except Exception as error:
                response = in_trouble(request, error)
            for name, value in SECURITY.items():
                response.headers.setdefault(name, value)
            return response

        return answer


@dataclass(frozen=True)
class View:
    """One reader's look at the workspace."""

    request: Request
    settings: Settings
    engine: AsyncEngine
    workspace: Workspace | None
    clock: Clock
    now: datetime
    words: Words
    actor: Actor | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    """What was sent, on a page that changes something; proven to come from a page of ours."""

    def can(self, permission: Permission) -> bool:
        """Whether the reader may."""
        return self.actor is not None and permission in self.actor.can

    @property
    def who(self) -> str:
        """What to call the reader."""
        if self.actor is None or self.actor.via == "local":
            return self.words("menu.you")
        return self.actor.name

    @property
    def face(self) -> str:
        """The first letter of their name."""
        return self.who[:1].upper()

    @property
    def role_title(self) -> str:
        """Their role in words."""
        return ROLE_TITLES[self.actor.role].to(self.locale) if self.actor else ""

    @property
    def chosen_language(self) -> str:
        """``ko`` or ``en`` where the reader chose; else empty."""
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LOCALES else ""

    @property
    def address(self) -> str:
        """The network address that asks."""
        return self.request.client.host if self.request.client else ""

    @property
    def theme(self) -> str:
        """``light`` or ``dark``, where the reader chose; else empty: as the system wishes."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def sections(self) -> list[Section]:
        """The parts of the console, for the header."""
        path = self.request.url.path
        return [Section(name, href, icon, _within(path, places)) for name, href, icon, places in _SECTIONS]

    @property
    def csrf(self) -> str:
        """What a page sends along with whatever it changes."""
        return csrf_token(self.request)

    @property
    def locale(self) -> str:
        """``ko`` or ``en``."""
        return self.words.locale

    async def plan(self, digest: str | None) -> Plan | None:
        """A plan by its hash; None where there is none."""
        if not digest:
            return None
        resources: Resources = self.request.app.state.resources
        try:
            return await resources.plans.get(digest)
        except LookupError:
            return None

    async def plans(self, digests: Sequence[str | None]) -> dict[str, Plan]:
        """Those of these plans that there are."""
        found = {digest: await self.plan(digest) for digest in dict.fromkeys(digests) if digest}
        return {digest: plan for digest, plan in found.items() if plan is not None}

    def render(self, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
        """A page of ``web/templates``."""
        return HTMLResponse(self.fragment(template, **context), status)

    def fragment(self, template: str, /, **context: Any) -> str:
        """A template in the reader's words."""
        everywhere = {
            "v": self,
            "t": self.words,
            "locale": self.words.locale,
            "path": self.request.url.path,
            "query": dict(self.request.query_params),
        }
        return templates().get_template(template).render({**everywhere, **context})

    def name(self, words: dict[str, str] | None, otherwise: str = "") -> str:
        """Words by language, in the reader's."""
        return in_locale(words or {}, self.locale, otherwise)

    def stage(self, stage: str | None) -> str:
        """The title of a lifecycle stage."""
        return STAGE_TITLES[stage].to(self.locale) if stage in STAGE_TITLES else self.words("stage.none")

    def ended(self, plan: Plan | None, reason: str | None) -> str:
        """Why a run ended: in the words of the exit step that says so, of a goal, or ours."""
        what, _, goal = (reason or "").partition(":")
        for step in plan.journey.steps if plan else ():
            if reason is not None and step.exit_reason() == reason and step.label:
                return in_locale(step.label, self.locale)
        return self.words("ended.goal", goal=goal) if what == "goal" and goal else self.words.of("ended", what)

    def link(self, **changes: Any) -> str:
        """This page with some of its parameters changed; None takes one away."""
        kept = {**dict(self.request.query_params), **changes}
        kept = {name: value for name, value in kept.items() if value not in (None, "")}
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def temporal(self, workflow_id: str) -> str:
        """Where the Temporal UI shows a run."""
        namespace = quote(self.settings.temporal_namespace, safe="")
        port = self.settings.temporal_ui_port
        return f"http://localhost:{port}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"

    @property
    def clock_data(self) -> str:
        """What a script needs to let the clock in the header tick."""
        return json.dumps(
            {
                "now": self.now.timestamp(),
                "speed": self.clock.speed,
                "zone": self.words.zone.key,
            }
        )


def to_sign_in(request: Request) -> Response:
    """To the form, and from there back to this page."""
    after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(after, safe='')}", 303)


async def nothing_here(request: Request) -> Response:
    """There is no such page, which strangers need not know."""
    view = await open_view(request)
    return to_sign_in(request) if view.actor is None else view.render("nothing.html", status=404)


def in_trouble(request: Request, error: Exception) -> Response:
    """A page that could not be made: it says so in words, and how to go on. The log has the rest."""
    away = isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)
    if away:
        log.warning("the database is away", problem=type(error).__name__)
    else:
        log.error("unforeseen", path=request.scope.get("route_path", ""), problem=type(error).__name__, exc_info=error)
    settings = request.app.state.resources.settings
    words = Words(choose_locale(request), settings.workspace_time_zone)
    view = View(request, settings, request.app.state.resources.engine, None, REAL_TIME, REAL_TIME.now(), words)
    return view.render("trouble.html", status=503 if away else 500, away=away)


async def open_view(request: Request) -> View:
    """The view of whoever asks, signed in or not."""
    resources: Resources = request.app.state.resources
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    clock = clock_of(workspace)
    where = workspace.time_zone if workspace else resources.settings.workspace_time_zone
    words = Words(choose_locale(request), where)
    actor = await browsing(request)
    return View(request, resources.settings, resources.engine, workspace, clock, clock.now(), words, actor)


class PageAccess:
    """A dependency of pages that need a permission: the view, with the form where something is to be changed."""

    def __init__(self, *permissions: Permission, longest_form: int = 0) -> None:
        """``longest_form``: bytes of a form that is longer than most; 0: as long as any."""
        self.permissions = frozenset(permissions)
        self.longest_form = longest_form

    async def __call__(self, request: Request) -> View:
        """Raises ``SignInNeeded`` and ``NotAllowed``."""
        actor = await browsing(request)
        if actor is None:
            raise SignInNeeded
        if b"%00" in request.scope.get("raw_path", b"") + request.scope["query_string"]:
            raise NothingHere  # PostgreSQL's text cannot even be asked for it
        form = {} if request.method in SAFE else await read_form(request, self.longest_form)
        if request.method not in SAFE and not proves_own_page(request, form.get("csrf", "")):
            raise NotAllowed("csrf")
        if not self.permissions & actor.can:
            raise NotAllowed("role")
        return replace(await open_view(request), form=form)


Reader = Annotated[View, Depends(PageAccess("read"))]
"""Parameter of every page that only those who are signed in may see."""
Admin = Annotated[View, Depends(PageAccess("administer"))]
"""Parameter of pages for who looks after people, tokens and the workspace."""


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """The templates; a name that is not there is a mistake of ours."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "asset": asset,
        "channels_by_name": CHANNELS,
        "describe": describe,
        "languages": languages(),
    }
    environment.filters["compact"] = compact
    return environment


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a static file, with its fingerprint: it may then be kept for ever."""
    digest = hashlib.blake2b((FOLDER / "static" / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?{digest}"
