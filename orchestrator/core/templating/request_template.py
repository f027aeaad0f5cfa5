"""Requests to other systems as their author writes them: a URL, headers and a JSON body with ``{{ … }}`` in them.

What a customer sent can change neither where a request goes nor how its body is built: values are percent-encoded in a
URL, whose scheme and host are written out; in JSON they are filled into the text that was parsed, never into its
syntax. A value that is one variable and nothing else keeps its type: ``{"total": {{ entry.total }}}`` sends a number.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from orchestrator.core.paths import lookup
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.templating.request_secrets import HIDDEN, change_url
from orchestrator.core.text import SOURCE, Text

MOST_BODY = 256 * 1024
"""Bytes of a request's body."""
MOST_DEEP = 30

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}\}")
_HOST = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?(?=[/?#]|$)")


class RequestProblem(ValueError):
    """The author's error, the same for every customer."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.to(SOURCE))
        self.text = text


def check_url(source: str) -> None:
    """Raises :class:`RequestProblem` unless scheme and host are written out and the rest is text with values."""
    if _HOST.match(source) is None:
        raise RequestProblem(
            Text("it must start with http:// or https:// and a host without variables or a user name"),
        )
    if "{%" in source or any(letter.isspace() for letter in _filled(source, lambda expression: "")):
        raise RequestProblem(
            Text("besides variables in {{ }}, no spaces and no {% %} are allowed"),
        )


def render_url(source: str, context: Mapping[str, Any], *, locale: str, tz: ZoneInfo) -> str:
    """The URL for one customer. Raises ``RenderFailed`` of ``core.templating.engine``."""

    def value(expression: str) -> str:
        return quote(render(compile_template(expression), context, locale=locale, tz=tz).text, safe="")

    return _filled(source, value)


def _end_of_expression(source: str, at: int) -> int:
    """Where the ``{{ … }}`` that begins at a place ends; -1 where none begins there, or it never ends."""
    closed = source.find("}}", at + 2) if source.startswith("{{", at) else -1
    return closed + 2 if closed >= 0 else -1


def _filled(source: str, value: Callable[[str], str]) -> str:
    """The source with something in place of each ``{{ … }}``."""
    parts, at = [], 0
    while (begins := source.find("{{", at)) >= 0 and (ends := _end_of_expression(source, begins)) >= 0:
        parts += [source[at:begins], value(source[begins:ends])]
        at = ends
    return "".join((*parts, source[at:]))


def shown_url(url: str) -> str:
    """A URL for people's eyes: queries hold keys and addresses, and some paths are keys."""
    try:
        parts = urlsplit(change_url(url, lambda secret: HIDDEN))
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + ("?…" if parts.query else "")


def json_template(source: str) -> Any:
    """The body as JSON whose texts are templates. Raises :class:`RequestProblem`."""
    try:
        tree = json.loads(_quoted(source), parse_constant=_no_constant)
    except RecursionError:
        raise RequestProblem(Text("it is nested too deeply")) from None
    except ValueError as fault:
        line = fault.lineno if isinstance(fault, json.JSONDecodeError) else 1
        raise RequestProblem(Text("it is not JSON (line {line})", line=line)) from None
    if not isinstance(tree, dict | list):
        raise RequestProblem(Text("it must be an object or a list"))
    if _depth(tree) > MOST_DEEP:
        raise RequestProblem(Text("it is nested too deeply"))
    return tree


def texts_of(tree: Any) -> Iterator[str]:
    """The templates inside a body."""
    match tree:
        case str():
            yield tree
        case dict():
            for value in tree.values():
                yield from texts_of(value)
        case list():
            for value in tree:
                yield from texts_of(value)


def render_json(tree: Any, context: Mapping[str, Any], *, locale: str, tz: ZoneInfo) -> Any:
    """The body for one customer; a variable without a value is null. Raises ``RenderFailed``."""
    match tree:
        case str():
            alone = _VARIABLE.fullmatch(tree)
            if alone is not None:
                return lookup(context, alone.group(1))
            return render(compile_template(tree), context, locale=locale, tz=tz).text
        case dict():
            return {name: render_json(value, context, locale=locale, tz=tz) for name, value in tree.items()}
        case list():
            return [render_json(value, context, locale=locale, tz=tz) for value in tree]
        case _:
            return tree


def found_in(answer: Any, path: str) -> Any:
    """What lies at a path such as ``order.items.0.id`` of an answer; None where nothing does."""
    for key in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(key)
        elif isinstance(answer, list) and re.fullmatch(r"[0-9]{1,6}", key):
            answer = answer[int(key)] if int(key) < len(answer) else None
        else:
            return None
    return answer


def _quoted(source: str) -> str:
    """JSON with each ``{{ … }}`` made part of a JSON text: it may stand outside of quotes, and have quotes in it."""
    made: list[str] = []
    at, inside = 0, False
    last = source.rfind("}}")
    while at < len(source):
        ends = _end_of_expression(source, at) if at < last else -1
        if ends >= 0:
            written = json.dumps(source[at:ends], ensure_ascii=False)
            made.append(written[1:-1] if inside else written)
            at = ends
            continue
        letter = source[at]
        if inside and letter == "\\":
            made.append(source[at : at + 2])
            at += 2
            continue
        inside ^= letter == '"'
        made.append(letter)
        at += 1
    return "".join(made)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _depth(tree: Any) -> int:
    level, deep = [tree], 0
    while level:
        deep += 1
        below = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [value for values in below for value in values]
    return deep
