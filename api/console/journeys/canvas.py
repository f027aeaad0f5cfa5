"""The page on which a journey is drawn: the shell, and room for the canvas (`web/canvas`), told what it has to know."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.access import NothingHere, Reader
from api.pages.canvas_words import canvas_words
from api.pages.console_route import ConsoleRoute
from api.pages.rendering import asset
from api.pages.view import View
from api.pages.words import languages
from orchestrator.store.journeys.live_counts import load_journey
from web import FOLDER

router = APIRouter(route_class=ConsoleRoute)
BUILT = FOLDER / "static" / "build"
_ENTRY = "src/main.tsx"


class Bundle(NamedTuple):
    """The hashed files of the canvas's first route, as addresses: scripts in the order in which they are needed."""

    script: str
    preload: tuple[str, ...]
    styles: tuple[str, ...]


@router.get("/journeys/{key}")
async def canvas(view: Reader, key: str) -> Response:
    """One journey on the canvas. Its draft and figures are fetched by the canvas itself."""
    found = await load_journey(view.engine, key)
    if found is None:
        raise NothingHere
    return view.render(
        "canvas.html",
        journey=found,
        bundle=bundle(),
        words=canvas_words(view.locale).address,
        told=json.dumps(_canvas_data(view, key)),
    )


def _canvas_data(view: View, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "can": sorted(view.actor.can) if view.actor else [],
        "timeZone": view.words.zone.key,
        "icons": asset("icons.svg"),
        "words": canvas_words(view.locale).address,
        "languages": [code for code, _ in languages()],
        "customersSpeak": view.workspace.locale if view.workspace else view.settings.workspace_locale,
    }


def bundle(entry: str = _ENTRY) -> Bundle | None:
    """What the build left behind of one page; None: it has not been built."""
    manifest = BUILT / "manifest.json"
    try:
        return _read(manifest.stat().st_mtime_ns, entry)
    except (FileNotFoundError, KeyError):
        return None


@lru_cache(maxsize=8)
def _read(_built_at: int, entry: str) -> Bundle:
    manifest: dict[str, dict[str, Any]] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    wanted: dict[str, dict[str, Any]] = {}

    def want(name: str) -> None:
        if name not in wanted:
            wanted[name] = manifest[name]
            for other in manifest[name].get("imports", ()):
                want(other)

    want(entry)
    styles = dict.fromkeys(style for part in wanted.values() for style in part.get("css", ()))
    return Bundle(
        script=_address(manifest[entry]["file"]),
        preload=tuple(_address(part["file"]) for name, part in wanted.items() if name != entry),
        styles=tuple(_address(style) for style in styles),
    )


def _address(file: str) -> str:
    return f"/static/build/{file}"
