"""E-mails to be looked at: a ready-made one in the colours of a brand, and one that shows what a brand decides.

Made in processes of their own (``api/bounded_work``): nothing is imported here but what that needs.
"""

import base64
from typing import Any

from pydantic import TypeAdapter

from orchestrator.core.email.blocks import EmailBlocks, Theme
from orchestrator.core.email.html import Frame, email_template, fill_html, language_of
from orchestrator.core.media.pictures import Picture, read_picture
from orchestrator.core.messages.compose import render_email
from orchestrator.core.messages.render import with_defaults
from orchestrator.core.text import Text
from orchestrator.core.timing import zone
from orchestrator.message_gallery import find_ready_made
from orchestrator.message_gallery.art import draw_picture, pictures_in, with_addresses

_BLOCKS: TypeAdapter[Any] = TypeAdapter(EmailBlocks)
_TITLE = Text("This is how your e-mails look")
_BODY = Text("Headings, text and links have your colours and your font.")
_LINK = Text("Links stand out")
_BUTTON = Text("A button")
_COUPON = Text("A coupon for you")
_NOTE = Text("Small print is smaller and quieter.")


def sample_email(theme: Theme, locale: str, sender: str) -> str:
    """HTML with one of each of the things that a brand decides."""
    blocks = _BLOCKS.validate_python(
        [
            {"kind": "heading", "text": _TITLE.to(locale)},
            {"kind": "text", "html": f'<p>{_BODY.to(locale)} <a href="https://example.com">{_LINK.to(locale)}</a></p>'},
            {"kind": "button", "label": _BUTTON.to(locale), "url": "https://example.com"},
            {"kind": "coupon", "title": _COUPON.to(locale), "code": "SPRING-10", "note": _NOTE.to(locale)},
        ]
    )
    template = email_template(blocks, theme, language_of(locale))
    frame = Frame(subject=_TITLE.to(locale), advertising=True, sender=(sender,), unsubscribe="https://example.com")
    context = {"workspace": {"sender_name": sender}, "links": {}, "customer": {}}
    return fill_html(template, context, frame, locale, zone("UTC")).text


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


def drawn(name: str, accent: str) -> Picture:
    """A picture of the ready-made ones, as one of the library."""
    return read_picture(draw_picture(name, accent))


def _as_data(name: str, accent: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(draw_picture(name, accent, 0.5)).decode()}"


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
