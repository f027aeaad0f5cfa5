"""What a new journey is made from: a name, a template, or a file; and which keys it may have."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.documents.body import MOST_BYTES, read_journey, require_within_limits
from api.documents.hidden_secrets import revealed
from api.documents.keys import key_of
from api.http.body import parse_large_json, read_body
from api.http.problems import ApiProblem
from orchestrator.core.journey.graph import JOURNEY_KEY
from orchestrator.core.journey.schema_errors import FORMS
from orchestrator.journey_gallery import find_template

MOST_NUMBERED = 200
"""Keys that are tried where the plain one is taken."""
EMPTY: dict[str, Any] = {
    "entry": {"triggers": [{"kind": "event", "event": ""}]},
    "steps": [],
    "edges": [],
    "reentry": {"mode": "after_end"},
}
"""What a new journey begins with: the first question, who enters, is still to be answered."""


@dataclass(frozen=True)
class New:
    """The document, and the key that it is to have: exactly (``given``), or as near as it can be had."""

    document: dict[str, Any]
    key: str
    given: bool

    def possible_keys(self) -> Iterator[str]:
        """Keys to try, in this order."""
        yield self.key
        if not self.given:
            yield from (f"{self.key[:58]}-{n}" for n in range(2, MOST_NUMBERED))


async def read_new(request: Request) -> New:
    """What is asked for. Raises :class:`ApiProblem`."""
    content_type = request.headers.get("content-type", "")
    if "yaml" in content_type.lower():
        document = await read_journey(request)
        await require_within_limits(document)
        return New(await asyncio.to_thread(revealed, request, document), key_of(document), False)
    given = await parse_large_json(await read_body(request, MOST_BYTES))
    if not isinstance(given, dict):
        raise ApiProblem("wrong_type", None, expected="object")
    key = given.get("key")
    if key is not None and (not isinstance(key, str) or not re.fullmatch(JOURNEY_KEY, key)):
        raise ApiProblem("invalid_parameter", "key", reason=FORMS[JOURNEY_KEY])
    document = await _document(given)
    return New(await asyncio.to_thread(revealed, request, document), key or key_of(document), key is not None)


async def _document(given: dict[str, Any]) -> dict[str, Any]:
    document = given.get("document")
    if document is None:
        document = dict(EMPTY) if given.get("template") is None else _template(given["template"])
    if not isinstance(document, dict):
        raise ApiProblem("wrong_type", "document", expected="object")
    await require_within_limits(document)
    name = given.get("name")
    if name is not None:
        if not isinstance(name, str | dict) or not name:
            raise ApiProblem("wrong_type", "name", expected="text")
        await require_within_limits({"name": name})
        document = {**document, "name": name}
    elif "name" not in document:
        raise ApiProblem("missing_field", "name")
    return document


def _template(identity: Any) -> dict[str, Any]:
    found = find_template(str(identity)[:100])
    if found is None:
        raise ApiProblem("unknown_template", "template", template=str(identity)[:100])
    return found.copy()
