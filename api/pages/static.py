"""Styles, scripts, icons and fonts: compressed, and kept by the browser as long as their address says."""

import gzip
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from api.pages.canvas_words import canvas_words
from api.pages.styles import console_styles
from orchestrator.core.text import LOCALES
from web import FOLDER

router = APIRouter()
STATIC = (FOLDER / "static").resolve()
_BUILT = STATIC / "build"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED = (("br", ".br"), ("gzip", ".gz"))
"""What the build has packed its files into beforehand, best first."""


@router.get("/static/words/{locale}.json")
async def words(locale: str, request: Request) -> Response:
    """The canvas's words in one language, for ever: their address has their fingerprint."""
    if locale not in LOCALES:
        return Response(status_code=404)
    found = canvas_words(locale)
    return _made(request, found.body, found.packed, "application/json")


@router.get("/static/console.css")
async def styles(request: Request) -> Response:
    """The styles of every page of the console, for ever: their address has their fingerprint."""
    found = console_styles()
    return _made(request, found.body, found.packed, _TYPES[".css"])


def _made(request: Request, body: bytes, packed: bytes, kind: str) -> Response:
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
    }
    if "gzip" not in _accepted(request):
        return Response(body, media_type=kind, headers=headers)
    return Response(packed, media_type=kind, headers={**headers, "content-encoding": "gzip"})


@router.get("/static/{name:path}")
async def static(name: str, request: Request) -> Response:
    """One file of ``web/static``; for ever where the address has its fingerprint, or where it is a font."""
    path = _file(name)
    if path is None:
        return Response(status_code=404)
    lasting = bool(request.url.query) or path.suffix == ".woff2" or path.is_relative_to(_BUILT / "assets")
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if lasting else "public, max-age=300",
        "x-content-type-options": "nosniff",
    }
    if path.suffix == ".woff2":
        return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)
    return _packed(path, _accepted(request), {**headers, "vary": "accept-encoding"})


def _file(name: str) -> Path | None:
    """The file of that name; None where there is none, or where no file can be called so."""
    try:
        path = (STATIC / name).resolve()
        return path if path.is_relative_to(STATIC) and path.suffix in _TYPES and path.is_file() else None
    except (OSError, ValueError):
        return None


def _packed(path: Path, accepted: frozenset[str], headers: dict[str, str]) -> Response:
    kind = _TYPES[path.suffix]
    for encoding, suffix in _PACKED:
        beside = path.with_name(path.name + suffix)
        if encoding in accepted and beside.is_file():
            return FileResponse(beside, media_type=kind, headers={**headers, "content-encoding": encoding})
    if "gzip" in accepted:
        body = _gzipped(path, path.stat().st_mtime_ns)
        return Response(body, media_type=kind, headers={**headers, "content-encoding": "gzip"})
    return FileResponse(path, media_type=kind, headers=headers)


@lru_cache(maxsize=64)
def _gzipped(path: Path, _changed_at: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def _accepted(request: Request) -> frozenset[str]:
    parts = (part.partition(";") for part in request.headers.get("accept-encoding", "").split(","))
    return frozenset(name.strip().lower() for name, _, quality in parts if quality.replace(" ", "") != "q=0")
