"""What the pages for customers share: language, shop, clock, rendering, and the page for links that lead nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import HTMLResponse, Response

from api.http.faults import Fault, retry_later
from api.http.resources import Resources
from api.pages.links import links_of
from api.pages.rendering import templates
from api.pages.route import PageRoute
from api.pages.words import Words
from orchestrator.core.email.brand import brand_of, logo_on_pages
from orchestrator.core.text import Locale, closest_locale, supported_locale
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.links import Links, Purpose, Signed
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

SECURITY = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    # The address is the key to this page: no other site needs to learn it.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
}


class InvalidLink(Exception):
    """The link was not made by this installation, or what it points to has been deleted."""


@dataclass(frozen=True)
class PublicView:
    """One customer's look at a page of ours. ``now``: journey time."""

    request: Request
    engine: AsyncEngine
    links: Links
    words: Words
    clock: Clock
    now: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The workspace's."""

    @property
    def locale(self) -> Locale:
        """``ko`` or ``en``."""
        return self.words.locale

    @property
    def shop(self) -> str:
        """The sender's name, as customers know it."""
        return str(self.settings.get("sender_name") or "")

    @property
    def logo(self) -> str:
        """Where its logo is loaded from; empty: none."""
        return logo_on_pages(brand_of(self.settings))

    @property
    def contact(self) -> str:
        """How the shop can be reached."""
        return str(self.settings.get("sender_contact") or "")

    def in_language_of(self, locale: str | None) -> "PublicView":
        """The same in a customer's own language, where the browser did not say which it wants."""
        if locale is None or _asked(self.request) is not None:
            return self
        words = Words(supported_locale(locale), self.words.zone.key)
        return PublicView(self.request, self.engine, self.links, words, self.clock, self.now, self.settings)

    def render(self, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
        """A page of ``web/templates``. Words are ``t``, this view is ``v``."""
        everywhere = {"v": self, "t": self.words, "locale": self.locale, "path": self.request.url.path}
        return HTMLResponse(templates().get_template(template).render({**everywhere, **context}), status)


class PublicRoute(PageRoute):
    """Answers customers: with a friendly page whatever goes wrong."""

    security = SECURITY

    @staticmethod
    async def refuse(request: Request, error: Exception) -> Response | None:
        """A link that leads nowhere says so."""
        if not isinstance(error, InvalidLink):
            return None
        view = await open_public(request)
        return view.render("public_notice.html", status=404, what="nowhere")

    @staticmethod
    def error_page(request: Request, fault: Fault) -> Response:
        """A page that could not be made says so, and that one may try again."""
        settings = request.app.state.resources.settings
        words = Words(_asked(request) or supported_locale(settings.workspace_locale), settings.workspace_time_zone)
        engine = request.app.state.resources.engine
        view = PublicView(request, engine, links_of(request), words, REAL_TIME, REAL_TIME.now())
        if fault == "value":
            return view.render("public_notice.html", status=404, what="nowhere")
        return retry_later(view.render("public_notice.html", status=503, what="trouble"), "away")


async def open_public(request: Request) -> PublicView:
    """The view of whoever asks."""
    resources: Resources = request.app.state.resources
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    home = workspace.locale if workspace else resources.settings.workspace_locale
    time_zone = zone_of(workspace, resources.settings)
    locale = _asked(request) or supported_locale(home)
    clock = clock_of(workspace)
    settings = workspace.settings if workspace else {}
    words = Words(locale, time_zone)
    return PublicView(request, resources.engine, links_of(request), words, clock, clock.now(), settings)


def read_link(request: Request, purpose: Purpose, token: str) -> Signed:
    """What a link says. Raises :class:`InvalidLink`."""
    signed = links_of(request).read(purpose, token)
    if signed is None:
        raise InvalidLink
    return signed


def _asked(request: Request) -> Locale | None:
    """The language that the address or the browser asks for; None: none that we speak."""
    wishes = [request.query_params.get("lang", "")]
    wishes += [part.partition(";")[0] for part in request.headers.get("accept-language", "")[:200].split(",")]
    return next((found for wish in wishes if (found := closest_locale(wish.strip())) is not None), None)
