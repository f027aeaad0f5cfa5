"""Ids that mean nobody: what programs write where they have none. Taken at their word they would make strangers one.

``undefined`` is JavaScript's, ``None`` Python's, ``(null)`` Objective-C's, ``[object Object]`` an object that was made
a text; a UUID of zeros is a struct that was never filled; ``{{user_id}}`` a template that was not.
"""

import re
import unicodedata

from api.http.problems import ApiProblem

# fmt: off
_WORDS = frozenset({
    "undefined", "null", "nil", "none", "nan", "void", "empty", "unknown", "unidentified", "unset", "notset",
    "not_set", "n/a", "#n/a", "guest", "anonymous", "anon", "nobody", "noone", "no_user", "nouser", "user_id",
    "userid", "anonymous_id", "anonymousid", "customer_id", "true", "false", "-1", "[]", "{}",
    "[objectobject]", "[object_object]", "비회원", "익명", "손님", "게스트", "없음",
})
# fmt: on
_WRAPPING = "\"'`()<> \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
_ZEROS = frozenset("0-.:{}_")
_TEMPLATES = (("{{", "}}"), ("${", "}"), ("{%", "%}"), ("<%", "%>"), ("%%", "%%"), ("*|", "|*"))
_SPACES = re.compile(r"\s")


def is_placeholder(value: str) -> bool:
    """Whether an id is none: a word for nothing or anybody, zeros only, blank, or a template that was not filled."""
    plain = unicodedata.normalize("NFKC", value).strip(_WRAPPING)
    if not plain or ("0" in plain and set(plain) <= _ZEROS) or set(plain) <= {"-", "_", "."}:
        return True
    if any(plain.startswith(begin) and plain.endswith(end) for begin, end in _TEMPLATES):
        return True
    return _SPACES.sub("", plain).casefold() in _WORDS


def without_placeholder(value: str | None, name: str, warnings: list[ApiProblem]) -> str | None:
    """The id, or None with a warning where it means nobody."""
    if value is None or not is_placeholder(value):
        return value
    warnings.append(ApiProblem("placeholder_id", name, value=value[:40]))
    return None
