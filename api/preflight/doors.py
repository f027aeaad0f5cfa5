"""The doors through which words go live, each held to the same checks: a journey is published, a template put into use.

Whoever opens a door, the canvas or a program that deploys files, has the checks made at that moment, of what is about
to go live. Where one says ``stop`` it is refused with what was found, unless ``{"override": true}`` says to go on; what
is only worth a look is answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from api.http.body import parse_json, read_body
from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.preflight.context import checks_of, load_context
from api.preflight.schemas import worth_a_look
from api.preflight.template_checks import check_stored_template
from api.preflight.verdicts import keep_checks, links_of
from orchestrator.core.preflight.findings import CHECKS, Check
from orchestrator.core.preflight.make_checks import PreflightResult
from orchestrator.core.text import joined
from orchestrator.store.journeys.drafts import Draft
from orchestrator.store.templates.documents import StoredTemplate

LOOKS, LOOK_AGAIN = 50, 0.2
"""How often, and after how many seconds each, a door looks whether the pages that links lead to have answered; what has
not by then is told as it is."""


class Override(BaseModel):
    """Go on although a check says stop."""

    override: bool = False


@dataclass(frozen=True)
class Passed:
    """What the checks said of what went through. ``kept``: for the version; ``looks``: to be answered."""

    kept: dict[str, Any] | None = None
    looks: list[dict[str, Any]] = field(default_factory=list)


async def overridden(request: Request) -> bool:
    """Whether the request says to go on although a check says stop. Without a body: no."""
    body = await read_body(request)
    given = parse_json(body) if body else None
    return isinstance(given, dict) and given.get("override") is True


async def check_publishing(request: Request, draft: Draft, override: bool) -> Passed:
    """The checks of a draft that is about to be published. Raises an :class:`ApiProblem` where one says stop.

    A draft with errors has none: the compiler refuses it.
    """
    world = await load_context(resources_of(request))
    made = await checks_of(request, draft.draft, world)
    if any(one.code == "draft_has_errors" for check in made.checks for one in check.findings):
        return Passed()
    await keep_checks(request, draft.key, draft.revision, as_kept(made))
    links = await _links(lambda: links_of(request, made.links, world, False))
    return _passed({**{one.name: one for one in made.checks}, "link": links}, override)


async def check_template_use(request: Request, stored: StoredTemplate, sent: bool, override: bool) -> Passed:
    """The checks of a template that is about to be put into use. Raises an :class:`ApiProblem` where one says stop.

    ``sent``: whether a live journey sends it. Nothing of another goes out before a journey that names it is published,
    which is a door of its own; what was found is only answered.
    """
    made = await check_stored_template(request, stored)
    links = await _links(lambda: links_of(request, made.links, made.world, False))
    return _passed({**made.checks, "link": links}, override or not sent)


async def _links(look: Callable[[], Awaitable[Check]]) -> Check:
    """The link check, once every page has answered, or has had its time."""
    found = await look()
    for _ in range(LOOKS):
        if found.progress is None:
            break
        await asyncio.sleep(LOOK_AGAIN)
        found = await look()
    return found


def _passed(checks: Mapping[str, Check], override: bool) -> Passed:
    told = {name: check.as_json() for name, check in checks.items()}
    stops = [name for name in CHECKS if name in checks and checks[name].verdict == "stop"]
    if stops and not override:
        raise _refusal(stops, told)
    verdicts = {name: check.verdict for name, check in checks.items()}
    return Passed({**verdicts, "overridden": stops} if stops else verdicts, worth_a_look(told))


def _refusal(stops: Sequence[str], told: Mapping[str, Any]) -> ApiProblem:
    problem = ApiProblem("checks_stop", None, checks=joined([CHECKS[name] for name in CHECKS if name in stops]))
    problem.more["stops"] = list(stops)
    problem.more["checks"] = worth_a_look(told)
    return problem


def as_kept(made: PreflightResult) -> dict[str, Any]:
    """The checks as they are kept for who looks at them next."""
    return {
        "checks": [one.as_json() for one in made.checks],
        "links": [[link.url, link.step, link.channel] for link in made.links],
    }
