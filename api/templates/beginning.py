"""What a new template begins with: a ready-made one becomes the workspace's own, pictures included."""

import base64
from typing import Any

from fastapi import Request

from api.bounded_work.pool import bounded
from api.http.lists import resources_of
from api.media.library import keep_picture
from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.brand import brand_of
from orchestrator.core.email.html import language_of
from orchestrator.core.media.names import picture_address
from orchestrator.core.media.pictures import Picture, read_picture
from orchestrator.core.messages.compose import render_email
from orchestrator.core.messages.render import with_defaults
from orchestrator.core.text import Text
from orchestrator.message_gallery import find_ready_made
from orchestrator.message_gallery.art import draw_picture, pictures_in, with_addresses
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
        picture = await bounded(request, _drawn, name, accent)
        row, _ = await keep_picture(request, picture, title=_TITLES[name].to(locale), alt="")
        addresses[name] = picture_address(resources_of(request).settings.public_url, row.name)
    found: dict[str, Any] = with_addresses(document, addresses)
    return found


async def brand(request: Request) -> Theme:
    """The workspace's, or ours where it has none."""
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    return brand_of(workspace.settings if workspace else None) or Theme()


def look_of(identity: str, theme: Theme, locale: str, sender: str) -> str | None:
    """The e-mail of a ready-made template as HTML, its pictures in it; None: it has none. For a process of its own."""
    one = find_ready_made(identity)
    by_language = one.template.on("email") if one else {}
    words = by_language.get(locale) or next(iter(by_language.values()), None)
    if one is None or words is None:
        return None
    known = with_defaults(_SAMPLE[language_of(locale)], one.template.defaults(locale))
    context = {"links": {"survey": "https://example.com"}, "var": {}, **known}
    context["workspace"] = {"email_theme": theme.model_dump(mode="json"), "sender_name": sender}
    html = render_email(words.content(), locale, context)[1]
    inlined: str = with_addresses(html, {name: _as_data(name, theme.accent) for name in pictures_in(html)})
    return inlined


def _drawn(name: str, accent: str) -> Picture:
    return read_picture(draw_picture(name, accent))


def _as_data(name: str, accent: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(draw_picture(name, accent)).decode()}"


_SHOP = "https://shop.example"
_ITEMS = {
    language: [{"name": name, "price": price, "url": _SHOP} for name, price in zip(names, (39000, 24000), strict=True)]
    for language, names in (("ko", ("리넨 셔츠", "캔버스 가방")), ("en", ("Linen shirt", "Canvas bag")))
}
_SAMPLE: dict[str, dict[str, Any]] = {
    language: {
        "customer": {"first_name": name},
        "entry": {"items": _ITEMS[language], "order_id": "20311", "total": 63000, "tracking_number": "6078-1234-5678"},
        "var": {"recommendations": _ITEMS[language]},
    }
    for language, name in (("ko", "지우"), ("en", "Jiwoo"))
}
