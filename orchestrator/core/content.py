"""A message's words for one customer: the right language, the templates filled, the law's additions, an HTML form.

Pure: what it knows of the customer comes in as the template context.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.advertising import Sender, Words, dressed
from orchestrator.core.channels import CHANNELS
from orchestrator.core.conditions import MessageClass
from orchestrator.core.policies import Policy
from orchestrator.core.sending import Reason
from orchestrator.core.steps.message import Content
from orchestrator.core.templates import compile_template, render
from orchestrator.core.text import LOCALES


@dataclass(frozen=True, slots=True)
class Composed:
    """``missing``: unset variables used, in order. ``blank``: unset variables left nothing to say.

    ``options``: what only this channel has, such as buttons (``core.template_shapes``).
    """

    locale: str
    words: Words
    html: str
    missing: tuple[str, ...]
    blank: bool
    options: Mapping[str, Any] = field(default_factory=dict)


def choose_locale(contents: Mapping[str, Any], *wanted: str) -> str:
    """The first language wanted that the message has (``ko`` serves ``ko-KR``), else any that it has."""
    candidates = [form for locale in wanted if locale for form in (locale, locale.split("-")[0])]
    return next((found for found in (*candidates, *LOCALES) if found in contents), next(iter(contents)))


def compose(
    content: Content,
    channel: str,
    message_class: MessageClass,
    context: Mapping[str, Any],
    policy: Policy,
    sender: Sender,
    locale: str,
    where: ZoneInfo,
) -> Composed:
    """What this customer would read. Raises ``TemplateSyntaxProblem`` and ``RenderFailed`` of ``core.templates``."""
    facts = CHANNELS[channel]
    sources = (content.subject if facts.subject else "", content.body, content.preheader if facts.html else "")
    rendered = [render(compile_template(source), context, locale=locale, where=where) for source in sources]
    subject, body, preheader = (part.text for part in rendered)
    written = Words(_one_line(subject), _tidy(body), _one_line(preheader))
    words = dressed(written, channel, message_class, policy, sender, locale)
    return Composed(
        locale,
        words,
        as_html(words, locale) if facts.html else "",
        tuple(dict.fromkeys(name for part in rendered for name in part.missing)),
        blank=not written.body or (bool(sources[0]) and not written.subject),
    )


def refusal(composed: Composed, skip_on_missing: bool) -> Reason | None:
    """Why composed words do not go out: unset variables where the author forbids them, or nothing to say."""
    if composed.missing and skip_on_missing:
        return Reason("missing_variable", {"names": list(composed.missing)})
    return Reason("no_content") if composed.blank else None


def _one_line(text: str) -> str:
    """One line: a subject with a line break in it could smuggle in a header."""
    return " ".join("".join(" " if ord(letter) < 32 else letter for letter in text).split())


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_PAGE = (
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="margin:0;padding:24px;font-family:sans-serif;line-height:1.6;color:#222">'
    '{preheader}<div style="max-width:600px;margin:0 auto">{paragraphs}</div></body></html>'
)
_HIDDEN = '<div style="display:none;max-height:0;overflow:hidden">{}</div>'


def as_html(words: Words, locale: str) -> str:
    """Plain paragraphs with links made clickable; everything escaped."""
    paragraphs = (f"<p>{_inline(part)}</p>" for part in re.split(r"\n{2,}", words.body))
    return _PAGE.format(
        lang=html.escape(locale),
        title=html.escape(words.subject),
        preheader=_HIDDEN.format(html.escape(words.preheader)) if words.preheader else "",
        paragraphs="".join(paragraphs),
    )


def _inline(text: str) -> str:
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        address = html.escape(link.group())
        parts += [html.escape(text[end : link.start()]), f'<a href="{address}">{address}</a>']
        end = link.end()
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>\n")
