"""The text check: every message in every language and channel, filled with the data of real customers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestrator.core.channels.measure import UNIT_TEXT
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.messages.compose import Composed
from orchestrator.core.messages.render import MessageWords, NoTemplateContent
from orchestrator.core.preflight.findings import Check, Finding, each_once, figure, summed_up
from orchestrator.core.preflight.sample_runs import SampleContext
from orchestrator.core.sending.advertising import Sender, missing_marks, missing_sender
from orchestrator.core.sending.advertising_words import looks_like_advertising
from orchestrator.core.sending.policies import Rules
from orchestrator.core.steps.message import untouched
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.text import Computed, Text, joined, language_text
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import KOREAN_ZONES

_PLACEHOLDER = re.compile(
    r"lorem ipsum|\blorem\b|\bTODO\b|\bTBD\b|\bFIXME\b|\bxxx+\b|\btest(?:ing)?\s*(?:message|mail|send|문구)\b|\bdummy\b"
    r"|테스트|여기에 내용|내용을 (?:입력|써 주세요)|\[제목\]|\[이름\]|ㅇㅇㅇ|○○○|OOO|asdf",
    re.IGNORECASE,
)
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|#\{[^}]*\}|\$\{[^}]*\}|%%[A-Z_]+%%|\*\|[A-Z_]+\|\*")
"""What templates of this and of other tools look like when nobody has filled them."""
_MARKS = {
    "label": Text("the label “(광고)”"),
    "sender": Text("the sender's name"),
    "opt_out": Text("a way to opt out"),
}


@dataclass(frozen=True)
class Place:
    """One message that is read through: a step's, or a template's. ``words`` composes it."""

    step: str | None
    words: MessageWords
    channels: tuple[str, ...]
    sample_contexts: Sequence[SampleContext]
    """Customers before whom it stood; where none did, some with example data (``real`` is false then)."""
    real: bool = True


@dataclass
class Read:
    """What was read, for the link check to go on from."""

    texts: list[tuple[Place, str, str, Composed]] = field(default_factory=list)
    """Place, channel, language, words."""


@dataclass
class _Tally:
    rendered: int = 0
    missing: Counter[str] = field(default_factory=Counter)


def text_check(places: Sequence[Place], rules: Rules, sender: Sender) -> tuple[Check, Read]:
    """Reads every message through, in each language and on each channel, for each of its customers."""
    findings: list[Finding] = []
    read = Read()
    count, languages = 0, set()
    for place in places:
        for channel in place.channels:
            for locale in locales_of(place, channel):
                languages.add(locale)
                tally = _Tally()
                found = list(_one(place, channel, locale, rules, sender, tally, read))
                findings += found
                findings += _missing(place, channel, locale, tally)
                count += tally.rendered
    findings += _unread(places)
    findings += _no_contact(places, rules, sender)
    told = each_once(findings)
    fine = Text("{count:,} texts, filled with customer data, look right.", count=len(read.texts))
    figures = (
        figure(Text("Messages"), len(places)),
        figure(
            Text("Languages"), joined([language_text(locale) for locale in sorted(languages)]) if languages else "–"
        ),
        figure(Text("Texts read"), count),
    )
    return Check("text", summed_up(told, fine), figures, told), read


def locales_of(place: Place, channel: str) -> tuple[str, ...]:
    """The languages that a message has on a channel."""
    template = place.words.template
    return tuple(template.document.on(channel) if template is not None else place.words.settings.content)


def _one(
    place: Place, channel: str, locale: str, rules: Rules, sender: Sender, tally: _Tally, read: Read
) -> Iterator[Finding]:
    step, where = place.step, _at(place, channel, locale)
    yield from _sample(place, channel, locale)
    for sample_context in place.sample_contexts:
        policy = rules(
            "KR" if sample_context.locale.startswith("ko") or sample_context.time_zone in KOREAN_ZONES else None
        )
        try:
            composed = place.words.compose(
                channel, sample_context.context, policy, sender, (locale,), zone(sample_context.time_zone)
            )
        except NoTemplateContent:
            return
        except TemplateSyntaxProblem as fault:
            yield Finding("stop", "template_syntax", _said(where, fault.text), step)
            return
        except RenderFailed:
            failed = Text("the template fails on a customer's data")
            yield Finding("stop", "template_failed", _said(where, failed), step)
            continue
        tally.rendered += 1
        tally.missing.update(composed.missing)
        read.texts.append((place, channel, locale, composed))
        yield from _words(place, channel, locale, composed, where)
        marks = missing_marks(composed.words, channel, place.words.message_class, policy, sender)
        for mark in marks:
            lacking = Text("is missing {marks}", marks=_MARKS[mark])
            yield Finding("stop", f"no_{mark}", _said(where, lacking), step)


def _words(place: Place, channel: str, locale: str, composed: Composed, where: Text) -> Iterator[Finding]:
    step, words = place.step, composed.words
    whole = f"{words.subject}\n{words.preheader}\n{words.body}"
    if composed.blank:
        empty = Text("nothing is left")
        yield Finding("stop", "empty", _said(where, empty), step)
    if left := _BRACES.search(whole):
        unfilled = Text("“{left}” is not filled in", left=left[0])
        yield Finding("stop", "unfilled", _said(where, unfilled), step)
    if found := _PLACEHOLDER.search(whole):
        placeholder = Text("“{found}” looks like a placeholder", found=found[0])
        yield Finding("stop", "placeholder", _said(where, placeholder), step)
    facts = CHANNELS[channel].measured(words.subject, words.body, composed.options)
    if not facts.fits:
        unit = UNIT_TEXT[facts.unit]
        long = Text(
            "too long for its channel for some customers ({limit:,} {unit} at most)",
            limit=facts.limit,
            unit=unit,
        )
        yield Finding("stop", "too_long", _said(where, long), step)
    if place.words.message_class == "informational" and (sign := looks_like_advertising(whole)):
        mixed = Text(
            "is sent as informational, but “{sign}” sounds like advertising. Mixed content counts as advertising",
            sign=sign,
        )
        yield Finding("look", "class_suspicion", _said(where, mixed), step, "settings.class")


def _missing(place: Place, channel: str, locale: str, tally: _Tally) -> Iterator[Finding]:
    """Unset variables, with how many customers lack them. ``var`` is the journey's own: nobody should lack it."""
    where = _at(place, channel, locale)
    for name, times in tally.missing.most_common():
        if not place.real and name.split(".")[0] in ("entry", "event"):
            continue  # of an example nobody expects what real events have
        unset = Text(
            "“{name}” has no value for {times} of {rendered} customers checked",
            name=name,
            rendered=tally.rendered,
            times=times,
        )
        verdict = "stop" if name.startswith("var.") and times == tally.rendered else "look"
        yield Finding("stop" if verdict == "stop" else "look", "unset", _said(where, unset), place.step)


def _sample(place: Place, channel: str, locale: str) -> Iterator[Finding]:
    template, text = place.words.template, Text("The text is still the sample.")
    if template is not None:
        if any(untouched(template.document.on(channel).get(locale), locale, (channel,))):
            yield Finding(
                "stop", "sample_text", _said(_at(place, channel, locale), text), place.step, "settings.template"
            )
        return
    for name in untouched(place.words.settings.content.get(locale), locale, place.channels):
        yield Finding("stop", "sample_text", text, place.step, f"settings.content.{locale}.{name}")


def _unread(places: Sequence[Place]) -> Iterator[Finding]:
    for place in places:
        if not any(locales_of(place, channel) for channel in place.channels):
            text = Text("There is no content to send.")
            yield Finding("stop", "no_words", text, place.step)


def _no_contact(places: Sequence[Place], rules: Rules, sender: Sender) -> Iterator[Finding]:
    """What only the workspace's settings can say of the sender: without it no advertisement goes out, by no channel."""
    missing = {*missing_sender(rules("KR"), sender), *missing_sender(rules(None), sender)}
    place = next((one for one in places if one.words.message_class == "advertising"), None)
    if place is None:
        return
    if "contact" in missing:
        text = Text("Advertising must include a contact for the sender. Set one under Settings › Workspace.")
        yield Finding("stop", "no_contact", text, place.step)
    if "sender" in missing:
        text = Text("Advertising must include the sender's name. Set it under Settings › Workspace.")
        yield Finding("stop", "no_sender", text, place.step)


def _at(place: Place, channel: str, locale: str) -> Text:
    title = CHANNELS[channel].title
    return Text("{title}, {locale}", title=title, locale=language_text(locale))


def _said(where: Text, what: Text) -> Text:
    return Text("{where}: {what}.", where=where, what=Computed(_without_stop, what))


def _without_stop(locale: str, what: Text) -> str:
    return what.to(locale).rstrip(".")
