"""Blocks become an e-mail: MJML, then HTML with its styles in the tags, then one Jinja template for all customers.

Making the template takes some ten milliseconds and happens once for each content, theme and language; filling it for a
customer takes well under one. What a customer's data brings is escaped; where it names an address, only schemes that
lead somewhere harmless are kept (``message_links.py``).
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from css_inline import CSSInliner
from markupsafe import Markup
from mjml import mjml2html

from orchestrator.core.email.blocks import FONTS, Theme
from orchestrator.core.email.mjml import SIDE, Builder
from orchestrator.core.templating.engine import Rendered, compile_template, render
from orchestrator.core.web_addresses import find_urls

_INLINER = CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
_UNSUBSCRIBE = {"ko": "수신거부(Unsubscribe)", "en": "Unsubscribe"}
_PREFERENCES = {"ko": "수신 설정(Preferences)", "en": "Preferences"}
_QUIET_PREHEADER = "&#847;&zwnj;&nbsp;" * 60
"""Behind a short preview line inboxes would show the first words of the text; they show this nothing instead."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content. ``body``: paragraphs of a plain message, as HTML that is known to be clean.

    ``unsubscribe`` and ``preferences``: addresses; who sends, and the way out, are shown where ``advertising``.
    """

    subject: str
    preheader: str = ""
    advertising: bool = False
    sender: Sequence[str] = ()
    """Name, contact and postal address, as far as they are known."""
    unsubscribe: str = ""
    preferences: str = ""
    body: str = ""

    def as_context(self) -> dict[str, Any]:
        """For the frame's own template."""
        return {
            "subject": self.subject,
            "preheader": self.preheader,
            "advertising": self.advertising,
            "sender": " · ".join(part for part in self.sender if part),
            "unsubscribe": self.unsubscribe,
            "preferences": self.preferences,
            "body": Markup(self.body),  # noqa: S704 - made by ``paragraphs``, which escapes
        }


@dataclass(frozen=True, slots=True)
class EmailTemplate:
    """Sources of Jinja templates, to be compiled by ``compile_template``, which keeps them.

    ``text``: the content alone, without what the law adds. ``html``: the whole page; it wants a :class:`Frame` by the
    name ``frame``.
    """

    html: str
    text: str


@lru_cache(maxsize=512)
def email_template(blocks: tuple[Any, ...], theme: Theme, language: str) -> EmailTemplate:
    """Blocks as templates. ``language``: ``ko`` or ``en``. Raises ``TemplateSyntaxProblem``."""
    builder = Builder(theme, language)
    pieces = builder.pieces
    middle = builder.sections(blocks) if blocks else _plain_section(builder)
    page = pieces.fill(mjml2html(_page(builder, middle), disable_comments=False, fonts={}))
    inlined = _INLINER.inline(page)
    text = builder.plain(blocks)
    return EmailTemplate(pieces.template(inlined), pieces.template(text).rstrip("\n"))


def mjml_source(blocks: tuple[Any, ...], theme: Theme, language: str) -> str:
    """The MJML that an e-mail of these blocks is made from, its templates in place: for whoever wants to read it."""
    builder = Builder(theme, language)
    middle = builder.sections(blocks)
    return builder.pieces.template(builder.pieces.fill(_page(builder, middle)))


def fill_html(template: EmailTemplate, context: Mapping[str, Any], frame: Frame, locale: str, tz: ZoneInfo) -> Rendered:
    """The HTML for one customer. Raises ``RenderFailed``."""
    compiled = compile_template(template.html, html=True, most=MOST_PAGE)
    return render(compiled, {**context, "frame": frame.as_context()}, locale=locale, tz=tz)


MOST_PAGE = 400_000
"""Characters of the template of a whole page, which the machine writes from blocks that have limits of their own."""


def language_of(locale: str) -> str:
    """The language of the few words that are ours."""
    return "ko" if locale.startswith("ko") else "en"


def _plain_section(builder: Builder) -> str:
    """A message that is only text: its paragraphs are put in whole."""
    body = builder.pieces.static(builder.pieces.jinja("{{ frame.body }}"))
    look = f'font-size="16px" line-height="1.65" color="{builder.theme.text}" padding="20px {SIDE}px"'
    return (
        f'<mj-section css-class="card" background-color="{builder.theme.card}" padding="8px 0"><mj-column>'
        f'<mj-text css-class="rich ink" {look}>{body}</mj-text></mj-column></mj-section>'
    )


def _page(builder: Builder, middle: str) -> str:
    theme, pieces = builder.theme, builder.pieces
    preview = pieces.jinja("{{ frame.preheader }}") + pieces.static(_QUIET_PREHEADER)
    return (
        f'<mjml lang="{builder.language}"><mj-head><mj-title>{pieces.jinja("{{ frame.subject }}")}</mj-title>'
        f"<mj-preview>{preview}</mj-preview>"
        f'<mj-attributes><mj-all font-family="{FONTS[theme.font]}"/><mj-text color="{theme.text}"/></mj-attributes>'
        '<mj-raw><meta name="color-scheme" content="light dark"/>'
        '<meta name="supported-color-schemes" content="light dark"/></mj-raw>'
        f"<mj-style>{_style(theme)}</mj-style></mj-head>"
        f'<mj-body background-color="{theme.page}" width="{theme.width}px" css-class="page">'
        f'<mj-section padding="12px 0"></mj-section>{_logo(builder)}{middle}'
        f"{_ending(builder)}</mj-body></mjml>"
    )


def _logo(builder: Builder) -> str:
    theme, pieces = builder.theme, builder.pieces
    if not theme.logo:
        return ""
    link = f' href="{pieces.text(theme.logo_link)}"' if theme.logo_link else ""
    alt = pieces.jinja("{{ workspace.sender_name|default('') }}")
    image = f'<mj-image src="{pieces.text(theme.logo)}" alt="{alt}" width="{theme.logo_width}px"{link}'
    return (
        f'<mj-section css-class="card" background-color="{theme.card}" padding="20px 0 14px">'
        f'<mj-column>{image} padding="0 {SIDE}px"/></mj-column></mj-section>'
    )


def _ending(builder: Builder) -> str:
    """Who sends, and the way out: at the end, as the law asks, and only in advertising."""
    pieces, theme, language = builder.pieces, builder.theme, builder.language

    def link(name: str, words: str) -> str:
        start = pieces.jinja(f"{{% if frame.{name} %}}")
        anchor = f'<a href="{pieces.jinja(f"{{{{ frame.{name} }}}}")}">{words}</a>'
        return f"{start} {anchor} {pieces.jinja('{% endif %}')}"

    ways = link("unsubscribe", _UNSUBSCRIBE[language]) + link("preferences", _PREFERENCES[language])
    inner = pieces.static(f"<p>{pieces.jinja('{{ frame.sender }}')}</p><p>{ways}</p>")
    look = f'align="center" font-size="12px" line-height="1.6" color="{theme.muted}" padding="16px {SIDE}px 28px"'
    said = f'<mj-section padding="0"><mj-column><mj-text css-class="rich small" {look}>{inner}</mj-text></mj-column>'
    return builder.when("frame.advertising", f"{said}</mj-section>", '<mj-section padding="12px 0"></mj-section>')


def _style(theme: Theme) -> str:
    return (
        f".rich p {{ margin: 0 0 12px; }} .rich ul, .rich ol {{ margin: 0 0 12px; padding-left: 22px; }}"
        f".rich a {{ color: {theme.accent}; }} .small a {{ color: {theme.muted}; }}"
        ".ink div, .rich div { word-break: keep-all; overflow-wrap: break-word; }"
        "h1, h2, h3 { margin: 0; font-size: inherit; font-weight: inherit; line-height: inherit; }"
        f".coupon {{ border: 2px dashed {theme.accent}; border-radius: {theme.radius}px; padding: 18px; }}"
        ".coupon p { margin: 0; } .coupon-title { font-size: 18px; font-weight: 700; }"
        ".coupon .coupon-code { font-family: Menlo, Consolas, monospace; font-size: 22px; font-weight: 700; "
        "letter-spacing: 2px; margin: 8px 0; } .coupon-note { font-size: 13px; }"
        ".answers { border-spacing: 3px 0; border-collapse: separate; } .asked { margin: 0 0 12px; font-size: 18px; "
        "font-weight: 700; } .answers a { display: block; padding: 12px 0; font-size: 15px; line-height: 1.2; "
        f"white-space: nowrap; text-decoration: none; font-weight: 600; color: {theme.accent}; }}"
        f".numbers a {{ border: 1px solid {theme.accent}; border-radius: {min(theme.radius, 12)}px; }}"
        ".stars a { font-size: 30px; } .faces a { font-size: 32px; }"
        f".ends td {{ font-size: 13px; padding: 8px 4px 0; color: {theme.muted}; }}"
        "@media (prefers-color-scheme: dark) {"
        " .page, body { background-color: #14161A !important; }"
        " .card, .card > table, .card td { background-color: #1E2127 !important; }"
        " .ink div, .ink p, .ink h1, .ink h2, .ink h3, .ink li { color: #E8EAED !important; }"
        " .small div, .small p, .small a, .ends td { color: #A0A6B0 !important; }"
        " .line p { border-top-color: #3A3F47 !important; }"
        " .ink a { color: #8AB4F8 !important; } }"
    )


def paragraphs(text: str, accent: str) -> str:
    """Plain text as HTML: paragraphs, with links made clickable; everything escaped."""
    parts = (part for part in re.split(r"\n{2,}", text) if part.strip())
    return "".join(f'<p style="margin: 0 0 12px">{_inline(part, accent)}</p>' for part in parts)


def _inline(text: str, accent: str) -> str:
    parts: list[str] = []
    end = 0
    for link in find_urls(text):
        address = html.escape(link.url)
        parts += [html.escape(text[end : link.start]), f'<a href="{address}" style="color: {accent}">{address}</a>']
        end = link.end
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>\n")
