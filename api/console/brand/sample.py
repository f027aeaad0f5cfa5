"""The e-mail in which a brand is looked at. In a process of its own: imports only what that needs."""

from typing import Any

from pydantic import TypeAdapter

from orchestrator.core.email.blocks import EmailBlocks, Theme
from orchestrator.core.email.html import Frame, email_template, fill_html, language_of
from orchestrator.core.text import Text
from orchestrator.core.timing import zone

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
