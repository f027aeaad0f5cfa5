"""Ids of others in addresses: a shop's ids may hold a slash, and ``%2F`` in an address stays within its segment.

Servers decode an address before it is matched, and ``/api/customers/a%2Fb`` becomes two segments. Here the slash that
was written ``%2F`` is marked beforehand; the convertor ``id`` of a route reads it back, and no other route takes it for
a boundary.
"""

import re
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import Scope

_SLASH = "\ufdd0"
"""A character that no text has (a noncharacter of Unicode)."""
_WRITTEN = re.compile(rb"%2[fF]")


def with_slashes_marked(scope: Scope) -> Scope:
    """The scope of a request whose address has slashes within a segment; any other as it is."""
    raw: bytes = scope.get("raw_path") or b""
    if not _WRITTEN.search(raw):
        return scope
    written = _WRITTEN.sub(quote(_SLASH).encode(), raw.partition(b"?")[0])
    return {**scope, "path": unquote(written.decode("ascii", "replace"))}


def segment(identity: str) -> str:
    """An id as one segment of an address. Nothing in it is taken for a part of the address, dots alone included."""
    return quote(identity, safe="").replace(".", "%2E") if set(identity) <= {"."} else quote(identity, safe="")


def written_path(scope: Scope) -> str:
    """A request's path as it is written in a link that leads back to it."""
    return quote(scope["path"], safe="/:@!$&'()*+,;=~").replace(quote(_SLASH), "%2F")


class IdConvertor(Convertor[str]):
    """One segment, whatever it holds."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The id that was meant."""
        return value.replace(_SLASH, "/")

    def to_string(self, value: str) -> str:
        """The segment for it."""
        return segment(value)


register_url_convertor("id", IdConvertor())
