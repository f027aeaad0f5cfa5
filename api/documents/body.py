"""A journey in a request's body: JSON, or YAML, which people write by hand."""

from datetime import date
from typing import Any

import yaml

from api.documents.problems import too_large
from api.http.body import parse_json, sanitize
from api.http.problems import ApiProblem
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.text import Text
from orchestrator.files.yaml_text import load_yaml

MOST_BYTES = 8 * 1024 * 1024
"""Of a journey: 2,000 steps, each with messages in two languages, take a quarter of it."""
_MOST_NODES = 1_000_000


def parse_journey(body: bytes, content_type: str) -> dict[str, Any]:
    """The journey. YAML is read where the content type says so."""
    document = _parse_yaml(body) if "yaml" in content_type.lower() else parse_json(body)
    if not isinstance(document, dict):
        raise ApiProblem("not_a_journey", found=_what_it_is(document))
    return document


def _what_it_is(value: object) -> Text:
    if value is None or value == "":
        return Text("nothing")
    if isinstance(value, list):
        return Text("a list")
    return Text("plain text") if isinstance(value, str) else Text("a single value")


def require_within_limits(document: dict[str, Any]) -> None:
    """Refuses a file that is larger than anybody could draw, with the place. Any other may be a draft."""
    unreasonable = exceeds_limits(document)
    if unreasonable is not None:
        raise too_large(unreasonable)


def _parse_yaml(body: bytes) -> Any:
    try:
        document = load_yaml(body)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        last = body.count(b"\n") + 1  # the end of the file is no line of it
        raise ApiProblem("invalid_yaml", line=0 if mark is None else min(mark.line + 1, last)) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # characters YAML forbids, or a date that is none
        raise ApiProblem("invalid_yaml", line=0) from None
    except RecursionError:
        raise ApiProblem("too_deep", limit=200) from None
    return sanitize(_plain(document, [_MOST_NODES], 200))


def _plain(value: Any, left: list[int], levels: int) -> Any:
    """YAML's values as JSON's. ``left``: nodes that may still come; an alias is counted each time it is used."""
    left[0] -= 1
    if left[0] < 0 or levels < 0:
        raise ApiProblem("too_deep", limit=200)
    if isinstance(value, dict):
        return {str(name): _plain(item, left, levels - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, left, levels - 1) for item in value]
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
