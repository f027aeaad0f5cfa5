"""What the API says to a person when something is wrong: a code with parameters, rendered in their language.

A problem that is the whole answer is one of RFC 9457 (``application/problem+json``), with ``code``, ``field`` and
``parameters`` beside the members that the RFC names. One that concerns a part of the answer (a call in a batch) is
``{"code", "field", "message", "parameters"}``. The codes are those of ``problem_codes``.
"""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.http.problem_codes import PROBLEMS, TITLES
from orchestrator.core.text import SOURCE, Locale, Text, closest_locale

_WHOLE = Text("body")
"""What is wrong where no field is named."""
PROBLEM_TYPE = "urn:sojourn:problem:"


class ApiProblem(Exception):
    """Something is wrong with what was asked. ``field``: the place in the request, dotted, where there is one."""

    def __init__(self, code: str, field: str | None = None, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.parameters = parameters
        self.headers: dict[str, str] = {}
        self.more: dict[str, object] = {}
        """Further members of the answer."""

    def rendered(self, locale: str) -> dict[str, Any]:
        """The problem as a part of an answer."""
        words = {"field": self.field or _WHOLE.to(locale)}
        for name, value in self.parameters.items():
            words[name] = value.to(locale) if isinstance(value, Text) else str(value)
        message = PROBLEMS[self.code].text.to(locale).format(**words)
        told = {name: one.by_locale() if isinstance(one, Text) else one for name, one in self.parameters.items()}
        return {"code": self.code, "field": self.field, "message": message, "parameters": told}

    def response(self, locale: str) -> Response:
        """The problem as the whole answer."""
        headers = dict(self.headers)
        kind = PROBLEMS[self.code]
        if kind.status in (429, 503):
            headers["Retry-After"] = str(self.parameters["seconds"])
        if self.code.endswith("_token"):
            headers["WWW-Authenticate"] = "Bearer"
        told = self.rendered(locale)
        body = {
            "type": f"{PROBLEM_TYPE}{self.code}",
            "title": TITLES[kind.status].to(locale),
            "status": kind.status,
            "detail": told.pop("message"),
            **told,
            **self.more,
        }
        return json_response(body, kind.status, headers, "application/problem+json")


def json_response(
    content: Any, status: int = 200, headers: dict[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """An answer in JSON. Instants are ISO 8601 in UTC."""
    body = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)
    return Response(body, status, headers, media_type)


def language(request: Request) -> Locale:
    """The language of the answer: the one that Accept-Language likes best of ours, else English."""
    best, best_quality = SOURCE, 0.0
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameter = part.strip().partition(";")
        found = closest_locale(tag.strip())
        quality = _quality(parameter)
        if found is not None and quality > best_quality:
            best, best_quality = found, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
