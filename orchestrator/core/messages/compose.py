"""A message's words for one customer: the right language, the templates filled, the law's additions, an HTML form.

Pure: what it knows of the customer comes in as the template context, and what becomes of its links as ``Tracking``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.channels.content import Content
from orchestrator.core.channels.kinds.email import EMAIL
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.brand import brand_of, over
from orchestrator.core.email.html import Frame, email_template, fill_html, language_of, paragraphs
from orchestrator.core.messages.links import NO_TRACKING, Linker, Tracking
from orchestrator.core.sending.advertising import Sender, Words, dressed
from orchestrator.core.sending.decision import Reason
from orchestrator.core.sending.policies import NO_POLICY, Policy
from orchestrator.core.templating.budget import shared_budget
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.text import LOCALES
from orchestrator.core.values import MessageClass

NOBODY = Sender()
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Composed:
    """``missing``: unset variables used, in order. ``blank``: unset variables left nothing to say.

    ``options``: what only this channel has, such as buttons (``core.channels.content``).
    ``targets``: where the links that lead through us lead in the end, by number; to be kept in the ledger.
    """

    locale: str
    words: Words
    html: str
    missing: tuple[str, ...]
    blank: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = ()


def choose_locale(contents: Mapping[str, Any], *wanted: str) -> str:
    """The first language wanted that the message has (``ko`` serves ``ko-KR``), else any that it has."""
    candidates = [form for locale in wanted if locale for form in (locale, locale.split("-")[0])]
    return next((found for found in (*candidates, *LOCALES) if found in contents), next(iter(contents)))


@shared_budget()
def compose(
    content: Content,
    channel: str,
    message_class: MessageClass,
    context: Mapping[str, Any],
    policy: Policy,
    sender: Sender,
    locale: str,
    tz: ZoneInfo,
    tracking: Tracking = NO_TRACKING,
) -> Composed:
    """What this customer would read. Raises ``TemplateSyntaxProblem`` and ``RenderFailed`` of
    ``core.templating.engine``.

    ``context`` has the roots of ``core.templating.engine.ROOTS``; ``links`` of it says where the ways out of this
    message lead.
    """
    facts = CHANNELS[channel]
    theme = theme_of(content, context)
    template = email_template(content.blocks, theme, language_of(locale)) if facts.html else None
    text = template.text if template and content.blocks else content.body
    sources = (content.subject if facts.subject != "none" else "", text, content.preheader if facts.html else "")
    compiled = [compile_template(source, most=MOST_TEXT) for source in sources]
    rendered = [render(one, context, locale=locale, tz=tz) for one in compiled]
    subject, said, preheader = (part.text for part in rendered)
    written = Words(_one_line(subject), _tidy(said), _one_line(preheader))
    words = dressed(written, channel, message_class, policy, sender, locale)
    if facts.subject == "optional" and facts.measured("", words.body).form == facts.name:
        # A short text message has no title; with one it would go out as a long message, which costs more.
        words = replace(words, subject="")
    page = ""
    if template is not None:
        marked = words != replace(written, subject=words.subject)
        frame = _frame(words, written, sender, context, theme, advertising=marked, plain=not content.blocks)
        filled = fill_html(template, context, frame, locale, tz)
        rendered.append(filled)
        page = filled.text
    linker = Linker(channel, tracking)
    page, body = linker.page(page), linker.text(words.body)
    return Composed(
        locale,
        replace(words, body=body),
        page,
        tuple(dict.fromkeys(name for part in rendered for name in part.missing)),
        blank=not written.body or (bool(sources[0]) and not written.subject),
        targets=linker.targets,
    )


MOST_TEXT = 200_000
"""Characters of the template of a plain-text part, which the machine writes from blocks."""


def _frame(
    words: Words,
    written: Words,
    sender: Sender,
    context: Mapping[str, Any],
    theme: Theme,
    *,
    advertising: bool,
    plain: bool,
) -> Frame:
    """What stands around the content of an e-mail: in advertising, the same at its end as in the plain text."""
    links: Mapping[str, Any] = context.get("links") or {}
    return Frame(
        subject=words.subject,
        preheader=words.preheader,
        advertising=advertising,
        sender=(sender.name, sender.contact),
        unsubscribe=sender.opt_out_url,
        preferences=str(links.get("preferences") or ""),
        body=paragraphs(written.body, theme.accent) if plain else "",
    )


def theme_of(content: Content, context: Mapping[str, Any]) -> Theme:
    """What the content sets itself, else the workspace's brand (``email_theme`` of its settings), else ours."""
    return over(brand_of(context.get("workspace")), content.theme)


def render_email(
    content: Content,
    locale: str,
    context: Mapping[str, Any],
    *,
    message_class: MessageClass = "informational",
    policy: Policy = NO_POLICY,
    sender: Sender = NOBODY,
    tz: ZoneInfo = UTC,
) -> tuple[str, str, str]:
    """Subject, HTML and plain text of an e-mail: :func:`compose` for who only wants to look at it.

    ``content.blocks`` may be empty: then ``content.body`` stands in the same frame. As information nothing is added to
    it; as ``advertising``, what ``policy`` asks for.
    """
    made = compose(content, EMAIL.name, message_class, context, policy, sender, locale, tz)
    return made.words.subject, made.html, made.words.body


def refusal(composed: Composed, skip_on_missing: bool) -> Reason | None:
    """Why composed words do not go out: unset variables where the author forbids them, or nothing to say."""
    if composed.missing and skip_on_missing:
        return Reason("missing_variable", {"names": list(composed.missing)})
    return Reason("no_content") if composed.blank else None


def _one_line(text: str) -> str:
    """One line: a subject with a line break in it could smuggle in a header."""
    return " ".join("".join(" " if ord(letter) < 32 else letter for letter in text).split())


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines))
