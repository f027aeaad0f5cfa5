"""The styles that every page of the console has, as one file: a browser asks for few things at a time."""

import gzip
import hashlib
from functools import lru_cache
from typing import NamedTuple

from web import FOLDER

_CONSOLE = FOLDER / "static" / "console"
_EVERY_PAGE = (
    *("tokens", "base", "header", "side", "menu", "layout", "components"),
    *("controls", "tables", "figures", "forms", "palette", "progress"),
)
"""In the order in which they build on each other. Pages link their own after them."""


class Styles(NamedTuple):
    """``address`` changes with the styles, so that a browser may keep them for ever."""

    address: str
    body: bytes
    packed: bytes


def console_styles() -> Styles:
    """As the files are now."""
    return _joined(tuple((_CONSOLE / f"{name}.css").stat().st_mtime_ns for name in _EVERY_PAGE))


@lru_cache(maxsize=1)
def _joined(_changed_at: tuple[int, ...]) -> Styles:
    body = b"\n".join((_CONSOLE / f"{name}.css").read_bytes() for name in _EVERY_PAGE)
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    return Styles(f"/static/console.css?{digest}", body, gzip.compress(body, 9, mtime=0))
