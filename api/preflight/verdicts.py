"""What the checks of a draft said: kept for some minutes, with the links called meanwhile."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
from fastapi import Request
from redis.exceptions import RedisError

from api.http.lists import resources_of
from api.preflight.link_checks import LinkChecks
from orchestrator.core.preflight.findings import Check
from orchestrator.core.preflight.links import Link, link_check, to_call
from orchestrator.core.preflight.make_checks import PreflightContext

KEPT = 600
"""Seconds for which the checks of a revision are kept."""


async def links_of(request: Request, links: Sequence[Link], world: PreflightContext, fresh: bool) -> Check:
    """The link check as far as it is; what was not called lately is being called from now on."""
    calls: LinkChecks = request.app.state.link_checks
    urls = to_call(links)
    if fresh:
        await calls.forget(urls)
    return link_check(links, await calls.known(urls), world.domains, len(urls))


def _name(key: str, revision: int) -> str:
    return f"sojourn:preflight:{key}:{revision}"


async def kept_checks(request: Request, key: str, revision: int) -> dict[str, Any] | None:
    """The checks of a revision as they were made last, and its links; None: not lately."""
    with suppress(RedisError, OSError):
        found = await resources_of(request).redis.get(_name(key, revision))
        return None if found is None else orjson.loads(found)
    return None


async def keep_checks(request: Request, key: str, revision: int, kept: dict[str, Any]) -> None:
    """For :func:`kept_checks`, of every process."""
    with suppress(RedisError, OSError):
        await resources_of(request).redis.set(_name(key, revision), orjson.dumps(kept), ex=KEPT)
