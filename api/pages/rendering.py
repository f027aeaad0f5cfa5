"""The templates of all pages, and the addresses of the files that they name."""

import hashlib
from functools import lru_cache

import jinja2

from api.pages.styles import console_styles
from api.pages.words import compact, languages
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.describe import describe
from web import FOLDER


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """The templates; a name that is not there is a mistake of ours."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "asset": asset,
        "console_styles": console_styles,
        "channels_by_name": CHANNELS,
        "describe": describe,
        "languages": languages(),
    }
    environment.filters["compact"] = compact
    return environment


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a static file, with its fingerprint: it may then be kept for ever."""
    digest = hashlib.blake2b((FOLDER / "static" / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?{digest}"
