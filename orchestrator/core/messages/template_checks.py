"""What is wrong with a template, found while it is written: its shape, its variables, its channels' limits, its class.

Sources of the limits: ``core.messages.limits``; Alimtalk and Brand Message from NHN Cloud's and Solapi's documents.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from orchestrator.core.channels import CHANNEL_TITLES
from orchestrator.core.journey.schema_errors import exceeds_limits, label_of, labels_along, worded
from orchestrator.core.journey.vocabulary import CUSTOMER_FIELDS, Vocabulary
from orchestrator.core.labels import schema_of
from orchestrator.core.messages.limits import ALIMTALK_CHARACTERS, KOREAN, SMS_BYTES, message_facts
from orchestrator.core.messages.render import with_defaults
from orchestrator.core.messages.template_content import (
    ALIMTALK_BUTTONS,
    ALIMTALK_VARIABLES,
    COUPON_FORMS,
    BrandWords,
    ChannelWords,
    KakaoButton,
)
from orchestrator.core.messages.template_document import TemplateDocument
from orchestrator.core.messages.template_problems import TemplateProblem
from orchestrator.core.problems import Problem
from orchestrator.core.sending.advertising import Words
from orchestrator.core.sending.advertising_words import looks_like_advertising
from orchestrator.core.steps.message import Message
from orchestrator.core.templating.engine import (
    ROOTS,
    RenderFailed,
    TemplateSyntaxProblem,
    compile_template,
    render,
    variables,
)
from orchestrator.core.text import LOCALES, Text, in_locale, language_text, verbatim

MOST_NAMED = 8
_LINKS = frozenset({"image", "link", "image_link", "link_mobile", "link_pc"})
_LINK = re.compile(r"\s*(https://\S|#\{|\{\{|\{%)")
_UNITS = {"characters": Text("characters"), "bytes": Text("bytes")}


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
    channel_name, language = CHANNEL_TITLES[channel], language_text(locale)
    return Text("{channel_name} ({language})", channel_name=channel_name, language=language)


def _at(channel: str, locale: str, part: str = "") -> str:
    return f"channels.{channel}.{locale}{'.' if part else ''}{part}"


def _problem(code: str, channel: str, locale: str, part: str = "", **parameters: Any) -> TemplateProblem:
    about = {"where": _where(channel, locale), "channel": channel, "locale": locale, **parameters}
    return TemplateProblem(code, None, about, _at(channel, locale, part))


def says_something(template: TemplateDocument) -> Iterator[Problem]:
    """A template has words for at least one channel."""
    if not template.spoken:
        yield TemplateProblem("template_without_words", None, {}, "channels")


def subjects(template: TemplateDocument) -> Iterator[Problem]:
    """No mail server takes an e-mail without a subject kindly."""
    for channel, locale, words in template.every():
        if channel == "email" and not words.content().subject.strip():
            yield _problem("subject_missing", channel, locale, "subject")


def samples(template: TemplateDocument) -> Iterator[Problem]:
    """What a new message begins with is written anew."""
    for channel, locale, words in template.every():
        sample = Message.DEFAULTS["content"].get(locale)
        if sample is not None and words.body.strip() == sample["body"]:
            yield _problem("sample_text", channel, locale, "body")


def languages(template: TemplateDocument) -> Iterator[Problem]:
    """Where one channel speaks a language of the product, the others do, too."""
    spoken = [locale for locale in LOCALES if locale in template.languages]
    for channel in template.spoken:
        for locale in spoken:
            if locale not in template.on(channel):
                about = {"channel": CHANNEL_TITLES[channel], "language": language_text(locale)}
                yield TemplateProblem("language_missing", None, about, f"channels.{channel}")


def classes(template: TemplateDocument) -> Iterator[Problem]:
    """Alimtalk carries no advertising; and what looks like it is flagged where the author says that it is none."""
    if template.message_class == "advertising":
        if template.on("alimtalk"):
            yield TemplateProblem("class_not_carried", None, {}, "channels.alimtalk")
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
        except (TemplateSyntaxProblem, RenderFailed):
            continue
        label = "(광고) " if template.message_class == "advertising" and channel == "sms" else ""
        facts = message_facts(Words(subject, label + body), channel)
        if channel == "sms":
            yield from _sms(channel, locale, subject + body, facts.form)
        measured = facts.bytes if facts.unit == "bytes" else facts.characters
        limit = facts.limit
        if isinstance(words, BrandWords):
            limit, measured = (76 if words.bubble == "WIDE" else ALIMTALK_CHARACTERS), len(body)
        if limit is not None and measured > limit:
            numbers = {"measured": f"{measured:,}", "limit": f"{limit:,}", "unit": _UNITS[facts.unit]}
            yield _problem("too_long_for_channel", channel, locale, "body", **numbers)


def _sms(channel: str, locale: str, text: str, form: str) -> Iterator[Problem]:
    strange = [letter for letter in dict.fromkeys(text) if letter.encode(KOREAN, "ignore") == b""]
    if strange:
        yield _problem("letters_refused", channel, locale, "body", letters=" ".join(strange[:MOST_NAMED]))
    if form == "lms":
        yield _problem("sms_becomes_lms", channel, locale, "body", limit=SMS_BYTES)


def _least(source: str, template: TemplateDocument, locale: str) -> str:
    """A text with defaults for variables, and nothing where there are none."""
    context = with_defaults({root: {} for root in ROOTS}, template.defaults(locale))
    return render(compile_template(source), context, locale=locale).text.strip()


def alimtalk(template: TemplateDocument) -> Iterator[Problem]:
    """Every variable of the approved text has a value, and there are not too many of anything."""
    for locale, words in template.channels.alimtalk.items():
        names = words.names()
        if len(names) > ALIMTALK_VARIABLES:
            numbers = {"count": len(names), "limit": ALIMTALK_VARIABLES}
            yield _problem("too_many_variables", "alimtalk", locale, "body", **numbers)
        for name in names:
            if not words.variables.get(name, "").strip():
                yield _problem("variable_without_value", "alimtalk", locale, f"variables.{name}", name=name)
        for name in words.variables:
            if name not in names:
                yield _problem("value_without_variable", "alimtalk", locale, f"variables.{name}", name=name)
        yield from _buttons("alimtalk", locale, words.buttons, ALIMTALK_BUTTONS, 14)


def brand(template: TemplateDocument) -> Iterator[Problem]:
    """Buttons, image and coupon as the bubble takes them."""
    for locale, words in template.channels.kakao_brand.items():
        wide = words.bubble == "WIDE"
        most = 2 if wide else 4 if words.coupon else 5
        yield from _buttons("kakao_brand", locale, words.buttons, most, 8 if wide else 14)
        if words.bubble != "TEXT" and not words.image:
            yield _problem("image_missing", "kakao_brand", locale, "image")
        if words.coupon is None:
            continue
        if not any(form.fullmatch(words.coupon.title) for form in COUPON_FORMS.values()):
            about = {"name": words.coupon.title, "forms": ", ".join(COUPON_FORMS)}
            yield _problem("coupon_title_form", "kakao_brand", locale, "coupon.title", **about)
        limit = 18 if wide else 12
        if len(words.coupon.text) > limit:
            yield _problem("coupon_text_too_long", "kakao_brand", locale, "coupon.text", limit=limit)


def _buttons(channel: str, locale: str, buttons: tuple[KakaoButton, ...], most: int, letters: int) -> Iterator[Problem]:
    if len(buttons) > most:
        yield _problem("too_many_buttons", channel, locale, "buttons", count=len(buttons), limit=most)
    for n, button in enumerate(buttons):
        if len(button.name) > letters:
            about = {"name": button.name, "limit": letters}
            yield _problem("button_name_too_long", channel, locale, f"buttons.{n}.name", **about)
        link = {"WL": button.link_mobile, "AL": button.scheme_ios or button.scheme_android}.get(button.kind, "-")
        if not link.strip():
            part = "link_mobile" if button.kind == "WL" else "scheme_ios"
            yield _problem("button_without_link", channel, locale, f"buttons.{n}.{part}", name=button.name)


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
    parts = tuple(int(one) if one.isdigit() else one for one in part.split("."))
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
    alimtalk,
    brand,
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
