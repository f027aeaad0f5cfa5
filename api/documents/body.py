"""A journey in a request's body: JSON, or YAML, which people write by hand; and where it is compiled."""

import asyncio
from typing import Any

from fastapi import Request

from api.bounded_work.pool import bounded
from api.documents.problems import too_large
from api.http.body import parse_large_json, read_body
from api.http.problems import ApiProblem
from orchestrator.core.journey.plan import CompileResult, compile_journey
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.text import Text
from orchestrator.files.yaml_text import InvalidYaml, TooDeep, load_plain_yaml
from orchestrator.store.journeys.publish import Compiler

MOST_BYTES = 8 * 1024 * 1024
"""Of a journey: 2,000 steps, each with messages in two languages, take a quarter of it."""


async def read_journey(request: Request) -> dict[str, Any]:
    """The journey. YAML is read where the content type says so."""
    body = await read_body(request, MOST_BYTES)
    is_yaml = "yaml" in request.headers.get("content-type", "").lower()
    document = await _parse_yaml(request, body) if is_yaml else await parse_large_json(body)
    if not isinstance(document, dict):
        raise ApiProblem("not_a_journey", found=_what_it_is(document))
    return document


def compiler(request: Request) -> Compiler:
    """Compiles where it can be broken off."""

    async def compiled(document: dict[str, Any], vocabulary: Vocabulary) -> CompileResult:
        return await bounded(request, compile_journey, document, vocabulary)

    return compiled


def _what_it_is(value: object) -> Text:
    if value is None or value == "":
        return Text("nothing")
    if isinstance(value, list):
        return Text("a list")
    return Text("plain text") if isinstance(value, str) else Text("a single value")


async def require_within_limits(document: dict[str, Any]) -> None:
    """Refuses a file that is larger than anybody could draw, with the place. Any other may be a draft."""
    unreasonable = await asyncio.to_thread(exceeds_limits, document)
    if unreasonable is not None:
        raise too_large(unreasonable)


async def _parse_yaml(request: Request, body: bytes) -> Any:
    try:
        return await bounded(request, load_plain_yaml, body)
    except InvalidYaml as fault:
        raise ApiProblem("invalid_yaml", line=fault.line) from None
    except TooDeep as fault:
        raise ApiProblem("too_deep", limit=fault.limit) from None
