"""What is wrong with a template, found while it is written: its shape, its variables, its channels' limits, its class.

What each channel asks of its words stands with the channel (``core.channels.kinds``).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from orchestrator.core.channels.content import ChannelWords
from orchestrator.core.channels.measure import UNIT_TEXT
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.journey.schema_errors import exceeds_limits, label_of, labels_along, worded
from orchestrator.core.journey.vocabulary import CUSTOMER_FIELDS, Vocabulary
from orchestrator.core.labels import schema_of
from orchestrator.core.messages.render import with_defaults
from orchestrator.core.messages.template_document import TemplateDocument
from orchestrator.core.messages.template_problems import TemplateProblem
from orchestrator.core.problems import Problem
from orchestrator.core.sending.advertising_words import looks_like_advertising
from orchestrator.core.sending.policies import KR
from orchestrator.core.steps.message import untouched
from orchestrator.core.templating.engine import (
    ROOTS,
    RenderFailed,
    TemplateSyntaxProblem,
    compile_template,
    render,
    variables,
)
from orchestrator.core.text import LOCALES, Text, in_locale, language_text, verbatim

_LINKS = frozenset({"image", "link", "image_link", "link_mobile", "link_pc"})
_LINK = re.compile(r"\s*(https://\S|#\{|\{\{|\{%)")


def check_template(
    document: Any, vocabulary: Vocabulary | None = None
) -> tuple[TemplateDocument | None, tuple[Problem, ...]]:
    """The template where it can be read, and all that is wrong with it, errors first. Never raises on bad input.

    Without a vocabulary (what the workspace has seen), unknown names are not looked for.
    """
    unreasonable = exceeds_limits(document)
    if unreasonable is not None:
        return None, (unreasonable,)
    try:
        template = TemplateDocument.model_validate(document)
    except ValidationError as error:
        return None, tuple(_of_shape(document, error))
    found = [problem for rule in RULES for problem in rule(template)]
    found += _variables(template, vocabulary)
    unique = {(problem.code, problem.field, repr(problem.parameters)): problem for problem in found}
    return template, tuple(sorted(unique.values(), key=lambda problem: problem.severity == "warning"))


def _of_shape(document: Any, error: ValidationError) -> Iterator[Problem]:
    seen: set[str] = set()
    for fault in error.errors(include_url=False):
        place = tuple(part for part in fault["loc"] if part != "[key]")
        field = ".".join(str(part)[:100] for part in place) or "template"
        if field not in seen:
            seen.add(field)
            code, parameters = worded(dict(fault), field, label_of(place, _schema()))
            yield TemplateProblem(code, None, parameters, field)


@cache
def _schema() -> Mapping[str, Any]:
    return schema_of(TemplateDocument)


Rule = Callable[[TemplateDocument], Iterator[Problem]]


def _where(channel: str, locale: str) -> Text:
    channel_name, language = CHANNELS[channel].title, language_text(locale)
    return Text("{channel_name} ({language})", channel_name=channel_name, language=language)


def _at(channel: str, locale: str, part: str = "") -> str:
    return f"channels.{channel}.{locale}{'.' if part else ''}{part}"


def _problem(code: str, channel: str, locale: str, part: str = "", **parameters: Any) -> TemplateProblem:
    about = {"where": _where(channel, locale), "channel": channel, "locale": locale, **parameters}
    return TemplateProblem(code, None, about, _at(channel, locale, part))


def says_something(template: TemplateDocument) -> Iterator[Problem]:
    """A template has words for at least one channel."""
    if not template.written_channels:
        yield TemplateProblem("template_without_words", None, {}, "channels")


def subjects(template: TemplateDocument) -> Iterator[Problem]:
    """A channel that needs a subject has one."""
    for channel, locale, words in template.every():
        if CHANNELS[channel].subject == "required" and not words.content().subject.strip():
            yield _problem("subject_missing", channel, locale, "subject")


def samples(template: TemplateDocument) -> Iterator[Problem]:
    """What a new message begins with is written anew."""
    for channel, locale, words in template.every():
        for field in untouched(words, locale, (channel,)):
            yield _problem("sample_text", channel, locale, field)


def languages(template: TemplateDocument) -> Iterator[Problem]:
    """Where one channel speaks a language of the product, the others do, too."""
    locales = [locale for locale in LOCALES if locale in template.languages]
    for channel in template.written_channels:
        for locale in locales:
            if locale not in template.on(channel):
                about = {"channel": CHANNELS[channel].title, "language": language_text(locale)}
                yield TemplateProblem("language_missing", None, about, f"channels.{channel}")


def classes(template: TemplateDocument) -> Iterator[Problem]:
    """What a channel does not carry; and what looks like advertising is flagged where the author says it is none."""
    if template.message_class == "advertising":
        for channel in template.written_channels:
            if not CHANNELS[channel].advertises:
                about = {"channel": CHANNELS[channel].title}
                yield TemplateProblem("class_not_carried", None, about, f"channels.{channel}")
        return
    for channel, locale, words in template.every():
        sources = {"body": words.body, **words.sources()}
        for part, source in sources.items():
            word = looks_like_advertising(source)
            if word is not None:
                yield _problem("looks_like_advertising", channel, locale, part, word=word)
                break


def lengths(template: TemplateDocument) -> Iterator[Problem]:
    """What is too long already when variables without a default are blank."""
    for channel, locale, words in template.every():
        content = words.content()
        try:
            subject, body = (_least(text, template, locale) for text in (content.subject, content.body))
        except TemplateSyntaxProblem:
            continue
        except RenderFailed:
            yield _problem("template_failed", channel, locale, "body")
            continue
        facts = CHANNELS[channel].measured(subject, _label_of(template, channel) + body, words.options())
        for one in facts.problems:
            yield _problem(one.code, channel, locale, one.part, **one.parameters)
        limit, unit, measured = facts.limit, facts.unit, facts.bytes if facts.unit == "bytes" else facts.characters
        own = words.most_characters()
        if own is not None:
            limit, unit, measured = own, "characters", len(body)
        if limit is not None and measured > limit:
            numbers = {"measured": f"{measured:,}", "limit": f"{limit:,}", "unit": UNIT_TEXT[unit]}
            yield _problem("too_long_for_channel", channel, locale, "body", **numbers)


def _label_of(template: TemplateDocument, channel: str) -> str:
    """What the law puts before every text of an advertisement on the channel, and takes room there."""
    before_text = CHANNELS[channel].marks.label == "both"
    return f"{KR.label} " if template.message_class == "advertising" and before_text else ""


def _least(source: str, template: TemplateDocument, locale: str) -> str:
    """A text with defaults for variables, and nothing where there are none."""
    context = with_defaults({root: {} for root in ROOTS}, template.defaults(locale))
    return render(compile_template(source), context, locale=locale).text.strip()


def of_channels(template: TemplateDocument) -> Iterator[Problem]:
    """What a channel asks of its words besides: variables, buttons, images, coupons."""
    for channel, locale, words in template.every():
        for one in words.problems():
            about = {"label": _label(channel, locale, one.part), **one.parameters}
            yield _problem(one.code, channel, locale, one.part, **about)


def links(template: TemplateDocument) -> Iterator[Problem]:
    """A link is one, as far as its own letters tell; a variable may bring any."""
    for channel, locale, words in template.every():
        for place, text in _all_texts(words):
            name = place.rpartition(".")[2]
            if name in _LINKS and text.strip() and not _LINK.match(text):
                yield _problem("link_form", channel, locale, place, label=_label(channel, locale, place))


def _all_texts(words: ChannelWords) -> Iterator[tuple[str, str]]:
    yield from ChannelWords.sources(words).items()


def _label(channel: str, locale: str, part: str) -> Text:
    parts = tuple(int(one) if one.isdecimal() else one for one in part.split("."))
    if parts[0] == "blocks" and len(parts) > 1:
        return Text("Block {number}", number=int(parts[1]) + 1)
    labels = labels_along(("channels", channel, locale, *parts), _schema())
    return labels[-1] if labels else verbatim(part)


RULES: tuple[Rule, ...] = (
    says_something,
    subjects,
    samples,
    languages,
    classes,
    lengths,
    of_channels,
    links,
)


def _variables(template: TemplateDocument, vocabulary: Vocabulary | None) -> Iterator[Problem]:
    """What each text reads: roots that exist, names that were seen; and rules that are of use."""
    used: set[str] = set()
    for channel, locale, words in template.every():
        for part, source in words.sources().items():
            if "{" not in source:
                continue
            label = _label(channel, locale, part)
            try:
                paths = variables(source)
            except TemplateSyntaxProblem as fault:
                yield _problem("template_syntax", channel, locale, part, label=label, message=fault.text)
                continue
            used |= paths
            for path in sorted(paths):
                yield from _name(path, (channel, locale, part), label, vocabulary)
    yield from _rules(template, used)


def _name(path: str, place: tuple[str, str, str], label: Text, vocabulary: Vocabulary | None) -> Iterator[Problem]:
    root, _, rest = path.partition(".")
    name = rest.split(".")[0]
    if root not in ROOTS:
        yield _problem("unknown_variable", *place, label=label, name=path)
    elif vocabulary is not None and root == "customer" and name:
        if name not in CUSTOMER_FIELDS and name not in vocabulary.attributes:
            yield _problem("unknown_attribute", *place, label=label, name=name)
    elif vocabulary is not None and root in ("entry", "event") and name and not _seen(name, vocabulary):
        yield _problem("unknown_property", *place, label=label, name=name)


def _seen(name: str, vocabulary: Vocabulary) -> bool:
    """Which event it will be, only journeys know: any that was seen with the property will do."""
    return not vocabulary.events or any(name in properties for properties in vocabulary.events.values())


def _rules(template: TemplateDocument, used: set[str]) -> Iterator[Problem]:
    for path, rule in template.variables.items():
        if path not in used:
            yield TemplateProblem("rule_without_variable", None, {"name": path}, f"variables.{path}")
        elif rule.unset == "default":
            for locale in template.languages:
                if not in_locale(rule.default, locale):
                    language = language_text(locale)
                    about = {"name": path, "language": language}
                    yield TemplateProblem("default_missing", None, about, f"variables.{path}.default")
