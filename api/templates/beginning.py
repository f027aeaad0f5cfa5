"""What a new template begins with: a ready-made one becomes the workspace's own, pictures included."""

from typing import Any

from fastapi import Request

from api.bounded_work.pool import bounded
from api.http.lists import resources_of
from api.media.library import keep_picture
from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.brand import brand_of
from orchestrator.core.media.names import picture_address
from orchestrator.core.text import Text
from orchestrator.message_gallery.art import pictures_in, with_addresses
from orchestrator.message_gallery.looks import drawn
from orchestrator.store.workspace import load_workspace

_TITLES = {
    "welcome": Text("Ready-made: welcome"),
    "cart": Text("Ready-made: cart"),
    "parcel": Text("Ready-made: parcel"),
    "plant": Text("Ready-made: plant"),
    "faces": Text("Ready-made: faces"),
    "event": Text("Ready-made: event"),
}


async def with_own_pictures(request: Request, document: dict[str, Any], locale: str) -> dict[str, Any]:
    """The document with its pictures drawn in the brand's colours and put into the library, where it has any."""
    names = sorted(pictures_in(document))
    if not names:
        return document
    accent = (await brand(request)).accent
    addresses = {}
    for name in names:
        picture = await bounded(request, drawn, name, accent)
        row, _ = await keep_picture(request, picture, title=_TITLES[name].to(locale), alt="")
        addresses[name] = picture_address(resources_of(request).settings.public_url, row.name)
    found: dict[str, Any] = with_addresses(document, addresses)
    return found


async def brand(request: Request) -> Theme:
    """The workspace's, or ours where it has none."""
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    return brand_of(workspace.settings if workspace else None) or Theme()
