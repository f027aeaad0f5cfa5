"""Secrets in requests: named ones, which a request only points at, and literal ones, which should not be in a file.

A request says ``{{ secret.points_key }}`` for the value of a secret of the workspace. What is written out instead (a
bearer token in a header, a key in a query) can be told by where it stands or by how it looks; here is where, so that
the compiler warns of it, and whoever shows a request shows something else in its place.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import quote

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
MOST_SECRET, LEAST_SECRET = 4_000, 8
"""Characters of a secret's value. A shorter one could not be told from other words where it has to be taken out."""
SEALED = "sealed:"
"""What begins a literal that is hidden: the rest can be opened by the installation that hid it."""
EXAMPLE = "{{ secret.name }}"
HIDDEN = "••••"
"""Stands for a secret where people read."""

Change = Callable[[str], str]

_REFERENCE = re.compile(r"\{\{ {0,9}secret\.([a-z][a-z0-9_]{0,63}) {0,9}\}\}")
_NAME = re.compile(NAME_PATTERN)
_WORDS = frozenset({"bearer", "basic", "token", "apikey", "key", "digest", "kakaoak"})
"""Schemes of an Authorization header: no secrets by themselves."""
_NAMED = ("authorization", "token", "secret", "password", "passwd", "credential", "credentials", "cookie", "apikey",
          "signature", "privatekey", "servicekey", "accesskey", "authkey")  # fmt: skip
_NAMED_WHOLE = frozenset({"key", "auth", "pwd", "sig", "pass", "apptoken", "appkey", "xauth"})
_LOOKS = re.compile(
    r"(?:whsec_|sk_live_|sk_test_|rk_live_|xox[abeprs]-|gh[opsu]_|github_pat_|glpat-|AKIA|AIza|SG\.|eyJ)[\w.+/=-]{12}"
)
"""How the secrets of well-known services begin."""
_MARKS = re.compile(r'["\\]|\{\{')
_PATHS: Mapping[str, str] = {
    "hooks.slack.com": "/services/",
    "discord.com": "/api/webhooks/",
    "discordapp.com": "/api/webhooks/",
    "api.telegram.org": "/bot",
    "hooks.zapier.com": "/hooks/catch/",
}
"""Hosts whose addresses are secrets from here on: whoever knows one may call it."""


def is_secret_name(name: str) -> bool:
    """Whether this may name a secret."""
    return _NAME.match(name) is not None


def named_secrets(source: str) -> frozenset[str]:
    """Names of the secrets that a template says."""
    return frozenset(_REFERENCE.findall(source))


def without_named_secrets(source: str) -> str:
    """The template without what stands for a secret: that is filled in last, and nothing can be done to it."""
    return _REFERENCE.sub("", source)


def is_literal_secret(name: str, value: str) -> bool:
    """Whether a value under a name (of a header, a query's or a body's member, a variable) is a secret written out."""
    if value.startswith(SEALED):
        return True
    plain = _plain_words(value)
    if _LOOKS.search(plain) is not None:
        return True
    return _sounds_secret(name) and sum(map(str.isalnum, plain)) >= 4


def _sounds_secret(name: str) -> bool:
    low = "".join(letter for letter in name.lower() if letter.isalnum())
    return low in _NAMED_WHOLE or low.endswith(_NAMED)


def _plain_words(value: str) -> str:
    """What is written out of a value: no variables, no scheme of authorization."""
    parts, at = [], 0
    while (begins := value.find("{{", at)) >= 0 and (ends := value.find("}}", begins)) >= 0:
        parts.append(value[at:begins])
        at = ends + 2
    words = "".join((*parts, value[at:])).split()
    return " ".join(word for word in words if word.lower().rstrip(":") not in _WORDS)


# --- a request's parts with something else in place of its secrets ---------------------------------------------------


def change_url(url: str, change: Change) -> str:
    """The URL with ``change`` of each literal secret in it: of its query, its path, and its user and password."""
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        return url
    ends = next((at for at, letter in enumerate(rest) if letter in "/?#"), len(rest))
    place, rest = rest[:ends], rest[ends:]
    user, at, host = place.rpartition("@")
    path, question, query = rest.partition("?")
    start = _PATHS.get(host.lower(), "")
    if start and path.startswith(start) and len(path) > len(start):
        path = start + change(path[len(start) :])
    query = "&".join(_changed_pair(pair, change) for pair in query.split("&"))
    return f"{scheme}://{change(user) if user else ''}{at}{host}{path}{question}{query}"


def _changed_pair(pair: str, change: Change) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={change(value)}" if equals and is_literal_secret(name, value) else pair


def change_body(source: str, change: Change) -> str:
    """A body (JSON with variables) with ``change`` of each literal secret in it."""
    parts, at = [], 0
    strings = list(_strings(source))
    for (start, end), (begins, stops) in pairwise(strings):
        name, between, value = source[start:end], source[end + 1 : begins - 1], source[begins:stops]
        if between.strip() == ":" and is_literal_secret(name, value):
            parts += [source[at:begins], change(value)]
            at = stops
    return "".join((*parts, source[at:]))


def _strings(source: str) -> Iterator[tuple[int, int]]:
    """Where the texts of a JSON document begin and end, without their quotes. One pass over the source."""
    start, skip, last = -1, 0, source.rfind("}}")
    for found in _MARKS.finditer(source):
        at, mark = found.start(), found[0]
        if at < skip:
            continue
        if mark == "{{":
            skip = source.find("}}", at + 2) + 2 if at + 2 <= last else skip
        elif mark == "\\":
            skip = at + 2 if start >= 0 else skip
        elif start >= 0:
            yield start, at
            start = -1
        else:
            start = at + 1


def origin_of(url: str) -> str:
    """Scheme and host of a URL, to which a hidden literal is bound: elsewhere it is not filled in again."""
    scheme, slashes, rest = url.partition("://")
    ends = next((at for at, letter in enumerate(rest) if letter in "/?#"), len(rest))
    return f"{scheme}{slashes}{rest[:ends].rpartition('@')[2]}".lower()


def redact(value: Any, secrets: Iterable[str]) -> Any:
    """A value as JSON knows it with :data:`HIDDEN` in place of each of the secrets, however it is quoted."""
    spelled = {
        form for one in secrets if one for form in (one, quote(one, safe=""), json.dumps(one)[1:-1], _in_json(one))
    }
    return _redacted(value, sorted(spelled, key=len, reverse=True)) if spelled else value


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _redacted(value: Any, spelled: list[str]) -> Any:
    match value:
        case str():
            for one in spelled:
                value = value.replace(one, HIDDEN)
            return value
        case dict():
            return {_redacted(name, spelled): _redacted(member, spelled) for name, member in value.items()}
        case list():
            return [_redacted(member, spelled) for member in value]
        case _:
            return value
