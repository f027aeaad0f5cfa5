"""A stored template as the API answers it, and what stands in the way of a change."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.revisions import SOMEBODY
from api.http.problems import ApiProblem, json_response, language
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_document import facts_of
from orchestrator.core.problems import Problem
from orchestrator.core.text import Locale, Text
from orchestrator.store.journeys.drafts import names_of
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.templates.documents import StoredTemplate, TemplateChanged, Use, load_template, uses


async def template_answer(
    request: Request,
    session: AsyncSession,
    key: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """One template with its draft, its problems and who uses it; the revision as ETag."""
    found = await known_template(session, key)
    vocabulary = await load_vocabulary(session)
    used = await uses(session, key)
    _, problems = await bounded(request, check_template, found.document, vocabulary)
    body = {
        **in_list(found, used),
        "document": found.document,
        "used_since": found.used_since,
        "problems": problem_list(problems, language(request)),
        **(more or {}),
    }
    return json_response(body, status, {"ETag": f'"{found.revision}"', **(headers or {})})


def in_list(found: StoredTemplate, used: Iterable[Use]) -> dict[str, Any]:
    """A template as the list shows it."""
    facts = facts_of(found.document, live=True, archived=False)
    return {
        "key": found.key,
        "name": names_of(found.document, found.key),
        "class": facts.message_class,
        "channels": [channel for channel in CHANNELS if channel in facts.channels],
        "languages": languages_of(found.document),
        "used_by": [
            {"key": one.key, "name": one.name, "status": one.status, "live": one.live}
            for one in used
            if one.template == found.key
        ],
        "revision": found.revision,
        "live_revision": found.live_revision,
        "has_changes": found.has_changes,
        "edited_by": found.edited_by,
        "edited_at": found.updated_at,
        "archived_at": found.archived_at,
    }


def languages_of(document: Mapping[str, Any]) -> list[str]:
    """The languages that any channel of a document speaks, finished or not; sorted."""
    channels = document.get("channels")
    every = channels.values() if isinstance(channels, Mapping) else ()
    return sorted({str(locale)[:35] for words in every if isinstance(words, Mapping) for locale in words})


def problem_list(problems: Iterable[Problem], locale: Locale) -> list[dict[str, Any]]:
    """Problems as an answer has them."""
    return [{**problem.as_json(), "message": problem.text.to(locale)} for problem in problems]


async def known_template(session: AsyncSession, key: str) -> StoredTemplate:
    """The template that there must be."""
    found = await load_template(session, key)
    if found is None:
        raise ApiProblem("unknown_message_template", "key", key=key)
    return found


async def require_within_limits(document: object) -> dict[str, Any]:
    """A document that can be kept: an object, and no larger than anybody could write."""
    if not isinstance(document, dict):
        raise ApiProblem("wrong_type", "document", expected=Text("an object"))
    unreasonable = await asyncio.to_thread(exceeds_limits, document)
    if unreasonable is not None:
        reason = unreasonable.parameters["message"]
        raise ApiProblem("template_too_large", unreasonable.field, reason=reason)
    return document


def changed_meanwhile(found: TemplateChanged) -> ApiProblem:
    """What is answered to whom somebody else was ahead of: what the draft is by now."""
    problem = ApiProblem("draft_changed", "If-Match", by=found.current.edited_by or SOMEBODY)
    problem.more["current"] = {**in_list(found.current, ()), "document": found.current.document}
    problem.headers["ETag"] = f'"{found.current.revision}"'
    return problem


def template_has_errors(problems: Iterable[Problem], locale: Locale) -> ApiProblem:
    """The answer to putting a template with errors into use: 409 with its problems."""
    listed = list(problems)
    count = sum(problem.severity == "error" for problem in listed)
    problem = ApiProblem("template_has_errors", "document", count=count)
    problem.more["problems"] = problem_list(listed, locale)
    return problem
