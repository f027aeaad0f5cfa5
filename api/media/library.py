"""The library of pictures: what is done with one, for the API and the console alike."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request

from api.bounded_work.pool import bounded_walk
from api.http.access import actor_of
from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.media.schemas import MOST_ALT, MOST_TITLE
from orchestrator.core.characters import storable_text
from orchestrator.core.media.names import content_type, picture_address
from orchestrator.core.media.pictures import MOST_BYTES, MOST_FRAMES, Picture, PictureProblem, read_picture
from orchestrator.store.media.pictures import (
    PictureRow,
    PictureUse,
    add_picture,
    load_picture,
    remove_picture,
    uses_of_pictures,
)
from orchestrator.store.media.storage import StorageAway

RETRY_AFTER = 10  # seconds
_MEGA = 1024 * 1024
_ENDING = re.compile(r"\.(png|jpe?g|webp|gif)$", re.IGNORECASE)


def title_of_file(name: str) -> str:
    """What a file's name tells people: without folders, ending and what cannot be read."""
    plain = unicodedata.normalize("NFC", storable_text(name)).replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in plain if letter.isprintable())
    return _ENDING.sub("", plain).strip()[:MOST_TITLE]


async def take_picture(request: Request, data: bytes, *, title: str, alt: str = "") -> tuple[PictureRow, bool]:
    """Reads an upload, keeps it, and answers it with whether it is new. Raises problems that say what is wrong."""
    if not data:
        raise ApiProblem("picture_missing", "body")
    try:
        picture = await bounded_walk(request, read_picture, data)
    except PictureProblem as fault:
        raise told(fault) from None
    return await keep_picture(request, picture, title=title, alt=alt)


async def keep_picture(request: Request, picture: Picture, *, title: str, alt: str) -> tuple[PictureRow, bool]:
    """First the file, then its row: a row never names what is not there."""
    resources = resources_of(request)
    try:
        await resources.media.put(picture.name, picture.data, content_type(picture.name))
    except StorageAway:
        raise ApiProblem("storage_away", seconds=RETRY_AFTER) from None
    called = title_of_file(title) or picture.name.partition(".")[0][:8]
    words = storable_text(alt).strip()[:MOST_ALT]
    by = actor_of(request).name
    identity, new = await add_picture(resources.engine, picture, title=called, alt=words, by=by)
    row = await load_picture(resources.engine, identity)
    if row is None:
        raise ApiProblem("unknown_picture", "id")
    return row, new


def told(fault: PictureProblem) -> ApiProblem:
    """What is wrong with a file, in words."""
    match fault.fault:
        case "type" | "unreadable":
            return ApiProblem(f"picture_{fault.fault}", "body")
        case "pixels":
            return ApiProblem("picture_pixels", "body", limit=fault.limit // 1_000_000)
        case "frames":
            return ApiProblem("picture_frames", "body", limit=MOST_FRAMES)
        case "heavy":
            return ApiProblem("picture_heavy", "body", limit=fault.limit // _MEGA)


def too_large() -> ApiProblem:
    """The file has more bytes than any picture may."""
    return ApiProblem("picture_too_large", "body", limit=MOST_BYTES // _MEGA)


async def delete_picture(request: Request, identity: UUID, *, erase: bool = False) -> bool:
    """Takes it out of the library; answers whether its file is served on. Raises ``picture_used`` and others."""
    resources = resources_of(request)
    removal = await remove_picture(resources.engine, identity, erase=erase)
    if removal is None:
        raise ApiProblem("unknown_picture", "id")
    if removal.used:
        raise picture_used(removal.used)
    if not removal.kept:
        try:
            await resources.media.delete(removal.name)
        except StorageAway:
            raise ApiProblem("storage_away", seconds=RETRY_AFTER) from None
    return removal.kept


def picture_used(uses: Sequence[PictureUse]) -> ApiProblem:
    """It cannot be deleted: these show it."""
    problem = ApiProblem("picture_used", "id", count=len(uses))
    problem.more["used_in"] = uses_as_json(uses)
    return problem


async def described(request: Request, rows: Iterable[PictureRow]) -> list[dict[str, Any]]:
    """Pictures as they are answered, with what shows them."""
    found = list(rows)
    resources = resources_of(request)
    only = found[0].name if len(found) == 1 else None
    used = await uses_of_pictures(resources.engine, only) if found else {}
    return [picture_as_json(row, resources.settings.public_url, used) for row in found]


def picture_as_json(row: PictureRow, public_url: str, used: Mapping[str, Sequence[PictureUse]]) -> dict[str, Any]:
    """One picture as it is answered."""
    told: dict[str, Any] = {name: getattr(row, name) for name in PictureRow.__dataclass_fields__}
    return {
        **told,
        "url": picture_address(public_url, row.name),
        "used_in": uses_as_json(used.get(row.name, ())),
    }


def uses_as_json(uses: Sequence[PictureUse]) -> list[dict[str, Any]]:
    """What shows a picture, as it is answered."""
    return [{"kind": one.kind, "key": one.key, "name": _name(one.title), "live": one.live} for one in uses]


def _name(title: str | None) -> dict[str, str]:
    try:
        found = json.loads(title) if title else {}
    except ValueError:
        return {}
    return {str(locale): str(words) for locale, words in found.items()} if isinstance(found, dict) else {}
