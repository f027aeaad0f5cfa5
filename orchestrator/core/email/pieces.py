"""Texts with Jinja in them, carried unharmed through tools that know nothing of Jinja.

MJML and the CSS inliner read and write HTML; what stands between ``{{`` and ``}}`` they would escape, move or refuse.
So every piece of Jinja is put aside and a token takes its place (a number between brackets that nobody writes), the
HTML is made once, and then the pieces go back. What is left is one Jinja template for all customers.
"""

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import nh3
from jinja2 import Environment

from orchestrator.core.email.blocks import RICH_TAGS
from orchestrator.core.templating.engine import compile_template

# Half brackets of editions of old manuscripts. They have to be printable: MJML spells out what is not.
_OPEN, _STATIC, _CLOSE = "\u2e22", "\u2e24", "\u2e25"
_PIECE = re.compile(f"<!--{_OPEN}([0-9]+){_CLOSE}-->|{_OPEN}([0-9]+){_CLOSE}")
_TOKEN = re.compile(f"{_STATIC}([0-9]+){_CLOSE}")
_BRACE = re.compile(r"\{(?=[{%#])|\{(?=" + _OPEN + ")")
_NOBODYS = str.maketrans("", "", _OPEN + _STATIC + _CLOSE)
_LEXER = Environment()  # noqa: S701 - takes texts apart, and renders nothing
_BLANK = re.compile(r"\n[ \t]*\n\s*")


class Pieces:
    """What was put aside while one e-mail is being made."""

    def __init__(self) -> None:
        self._jinja: list[str] = []
        self._static: list[str] = []

    def jinja(self, source: str) -> str:
        """A token for a piece of Jinja."""
        self._jinja.append(source)
        return f"{_OPEN}{len(self._jinja) - 1}{_CLOSE}"

    def tag(self, source: str) -> str:
        """The same where only elements may stand: between table rows, say."""
        return f"<!--{self.jinja(source)}-->"

    def static(self, markup: str) -> str:
        """A token for HTML that MJML need not see."""
        self._static.append(markup)
        return f"{_STATIC}{len(self._static) - 1}{_CLOSE}"

    def split(self, template: str, plain: Callable[[str], str] = str) -> str:
        """A template with its Jinja put aside and ``plain`` applied to all else. Raises TemplateSyntaxProblem."""
        compile_template(template)
        parts: list[str] = []
        piece: list[str] = []
        for _, kind, value in _LEXER.lex(template):
            if kind in ("raw_begin", "raw_end"):
                continue
            if kind == "data":
                parts.append(plain(value.translate(_NOBODYS)))
                continue
            piece.append(value)
            if kind in ("variable_end", "block_end", "comment_end"):
                parts.append(self.jinja("".join(piece)))
                piece = []
        return "".join(parts)

    def inline(self, template: str) -> str:
        """A template of plain words as HTML, for an element or an attribute; still with tokens of Jinja in it."""
        return self.split(template, html.escape)

    def text(self, template: str) -> str:
        """The same, as one token."""
        return self.static(self.inline(template))

    def rich(self, template: str) -> str:
        """A template of rich text as clean HTML, still with tokens of Jinja in it."""
        apart = self.split(template)
        if "<" not in apart:
            paragraphs = (f"<p>{html.escape(part).strip()}</p>" for part in _BLANK.split(apart.replace("\r\n", "\n")))
            return "".join(paragraphs).replace("\n", "<br>")
        return nh3.clean(apart, tags=set(RICH_TAGS), attributes={"a": {"href"}}, link_rel=None)

    def fill(self, markup: str) -> str:
        """The HTML that was kept from MJML put back."""
        return _TOKEN.sub(lambda token: self._static[int(token[1])], markup)

    def template(self, markup: str) -> str:
        """A Jinja template of what was made: every piece back in its place, every other brace a mere brace."""
        quiet = _BRACE.sub("{{ '{' }}", markup)
        return _PIECE.sub(lambda token: self._jinja[int(token[1] or token[2])], quiet)


class _Reader(HTMLParser):
    """Rich text read as plain text."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._link: tuple[int, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "p" | "ul" | "ol":
                self.parts.append("\n\n")
            case "br":
                self.parts.append("\n")
            case "li":
                self.parts.append("\n- ")
            case "a":
                self._link = len(self.parts), dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "ul", "ol"):
            self.parts.append("\n\n")
        elif tag == "a" and self._link is not None:
            start, target = self._link
            said = "".join(self.parts[start:]).strip()
            if target and target != said:
                self.parts.append(f" ({target})" if said else target)
            self._link = None

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))


def as_text(rich: str) -> str:
    """Clean HTML as plain text: paragraphs apart, list items with dashes, links with their addresses behind them."""
    reader = _Reader()
    reader.feed(rich)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
