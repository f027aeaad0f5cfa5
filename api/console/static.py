"""Styles, script, icons and fonts."""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from web import FOLDER

router = APIRouter()
STATIC = (FOLDER / "static").resolve()
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@router.get("/static/{name:path}")
async def static(name: str, request: Request) -> Response:
    """One file of ``web/static``; for ever where the address has its fingerprint, or where it is a font."""
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in _TYPES or not _is_file(path):
        return Response(status_code=404)
    lasting = bool(request.url.query) or path.suffix == ".woff2"
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if lasting else "public, max-age=300",
        "x-content-type-options": "nosniff",
    }
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)


def _is_file(path: Path) -> bool:
    return path.is_file()
