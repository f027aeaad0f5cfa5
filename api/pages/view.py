"""One reader's look at the workspace: who they are, in which language, by which clock; and how pages are made of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import HTMLResponse

from api.http.access import Actor, browsing, by_of, csrf_token
from api.http.path_ids import written_path
from api.http.resources import Resources
from api.pages.navigation import Page, ShownGroup, current, navigation
from api.pages.rendering import templates
from api.pages.words import COOKIE as LANGUAGE_COOKIE
from api.pages.words import Words, choose_locale
from orchestrator.core.journey.plan import Plan
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.roles import ROLE_TITLES, Permission
from orchestrator.core.run.trouble import describe_problem, is_of_message
from orchestrator.core.simulation.narrate import end, goal_title
from orchestrator.core.text import LOCALES, Names, in_locale
from orchestrator.core.timing import Clock
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.journeys.journey_list import journey_names
from orchestrator.store.journeys.live_counts import live_plans
from orchestrator.store.journeys.vocabulary import load_called
from orchestrator.store.paused import everything_paused
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

THEMES = ("light", "dark")
THEME_COOKIE = "sojourn_theme"
BAR_COOKIE, FOLDED_COOKIE = "sojourn_bar", "sojourn_folded"
"""Written by ``side.js``, so that a page comes as its reader left the one before, and nothing jumps."""


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
    def by(self) -> By:
        """The reader, as the audit log keeps them."""
        return By("", "local") if self.actor is None else by_of(self.actor)

    @property
    def everything_paused(self) -> bool:
        """Whether somebody has stopped everything."""
        return self.workspace is not None and everything_paused(self.workspace.settings)

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
    def navigation(self) -> tuple[ShownGroup, ...]:
        """The parts of the console that the reader may open, for the bar on the left."""
        return navigation(self.request.url.path, self.actor.can if self.actor else frozenset())

    @property
    def here(self) -> Page | None:
        """The page of the bar that this is, or the nearest above it."""
        return current(self.request.url.path, self.actor.can if self.actor else frozenset())

    @property
    def bar(self) -> str:
        """How wide the bar is: ``wide``, or ``narrow`` where the reader made it so."""
        return "narrow" if self.request.cookies.get(BAR_COOKIE) == "narrow" else "wide"

    @property
    def folded(self) -> frozenset[str]:
        """Groups of the bar that the reader folded away, by name."""
        return frozenset(self.request.cookies.get(FOLDED_COOKIE, "")[:200].split("."))

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
        resources: Resources = self.request.app.state.resources
        return await resources.plans.find(digest for digest in digests if digest)

    async def names(self) -> Names:
        """What journeys, surveys, pools and templates are called."""
        async with self.engine.connect() as db:
            return await load_called(db)

    async def places(self, of: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Journeys and steps, by their keys and ids, as “journey · step” in words."""
        of, names, told = set(of), await self.names(), {}
        live = await live_plans(self.engine, {journey for journey, step in of if step})
        plans = await self.plans(list(live.values()))
        for key, step in of:
            plan = plans.get(live.get(key, ""))
            called = self.name(dict(names.get(("journey", key), {})), key)
            known = plan is not None and step in plan.steps
            title = plan.label(step, self.locale, names) if plan and known else self.words("step.gone")
            told[key, step] = f"{called} · {title}" if step else called
        return told

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

    async def journey_names(self) -> dict[str, str]:
        """Every journey's name in the reader's language, by key."""
        return {key: self.name(name, key) for key, name in (await journey_names(self.engine)).items()}

    def name(self, words: dict[str, str] | None, otherwise: str = "") -> str:
        """Words by language, in the reader's."""
        return in_locale(words or {}, self.locale, otherwise)

    def stage(self, stage: str | None) -> str:
        """The title of a lifecycle stage."""
        return STAGE_TITLES[stage].to(self.locale) if stage in STAGE_TITLES else self.words("stage.none")

    def ended(self, plan: Plan | None, reason: str | None) -> str:
        """Why a run ended, as plain text: in the words of the exit step that says so, of a goal, or ours."""
        return end(plan, reason).to(self.locale).replace("*", "") if reason else ""

    def goal(self, plan: Plan | None, goal: str) -> str:
        """What a goal is called."""
        return goal_title(plan, goal).to(self.locale)

    def problem(self, problem: str) -> str:
        """What is wrong with a run, in words."""
        return describe_problem(problem).to(self.locale)

    @staticmethod
    def can_be_skipped(problem: str) -> bool:
        """Whether it is a message, or a call, that keeps failing."""
        return is_of_message(problem)

    def link(self, **changes: Any) -> str:
        """This page with some of its parameters changed; None takes one away."""
        kept = {**dict(self.request.query_params), **changes}
        kept = {name: value for name, value in kept.items() if value not in (None, "")}
        return written_path(self.request.scope) + (f"?{urlencode(kept)}" if kept else "")

    def temporal(self, workflow_id: str) -> str | None:
        """Where the Temporal UI shows a run; None where nobody said where that is."""
        if self.settings.temporal_ui is None:
            return None
        namespace = quote(self.settings.temporal_namespace, safe="")
        return f"{self.settings.temporal_ui}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"

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


async def open_view(request: Request) -> View:
    """The view of whoever asks, signed in or not."""
    resources: Resources = request.app.state.resources
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    clock = clock_of(workspace)
    time_zone = zone_of(workspace, resources.settings)
    words = Words(choose_locale(request), time_zone)
    actor = await browsing(request)
    return View(request, resources.settings, resources.engine, workspace, clock, clock.now(), words, actor)
