"""A template rendered for somebody who writes it. In a process of its own: imports only what that needs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from api.previews.schemas import MessageQuery
from api.previews.setting import Setting, legal_regime
from api.templates.schemas import TemplateQuery, TestSendRequest
from orchestrator.core.channels.kinds.email import EMAIL, EmailWords
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.email.html import language_of, mjml_source
from orchestrator.core.messages.compose import Composed, theme_of
from orchestrator.core.messages.context import template_context
from orchestrator.core.messages.render import MessageWords, NoTemplateContent
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.problems import Problem
from orchestrator.core.sending.advertising import Words
from orchestrator.core.sending.decision import Reason
from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.steps.message import MessageSettings
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.text import Text
from orchestrator.core.timing import zone

NO_WORDS = Text("There is no content for this channel yet.")
_FAILED = Text("The template fails on this customer's data.")
_UNFINISHED = Text("The message is not complete yet. Look at its problems.")
_NOT_IN_USE = Text("The template is not in use yet. Put it into use, or write the message here.")
_NOTHING = Composed("", Words("", ""), "", (), blank=True)


def preview_template(
    document: Mapping[str, Any], asked: TemplateQuery, setting: Setting
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The answer, without its problems; and these."""
    _, problems = check_template(document, setting.vocabulary)
    template = only_locale(document, asked.channel, asked.locale)
    composed, refused, said = read_template(template, asked, setting)
    why = None if refused is None else reason_in_words(refused.as_json(), zone(setting.customer.zone))
    facts = CHANNELS[asked.channel].measured(composed.words.subject, composed.words.body, composed.options)
    notes = [*said, *facts.notes]
    if template is not None and template.message_class == "advertising":
        notes += legal_regime(asked.channel, setting)
    answer = {
        "channel": asked.channel,
        "locale": composed.locale or asked.locale,
        **{name: getattr(composed.words, name) for name in ("subject", "preheader", "body")},
        "html": composed.html or None,
        "mjml": None if template is None else _source(template, asked, setting),
        "sender": setting.shown_sender(asked.channel),
        "options": composed.options,
        "missing": composed.missing,
        "refused": why and why.by_locale(),
        "facts": {name: value for name, value in asdict(facts).items() if name not in ("notes", "problems")},
        "notes": [note.by_locale() for note in notes],
    }
    return answer, tuple(problems)


def compose_test(
    document: Mapping[str, Any], asked: TestSendRequest, setting: Setting
) -> tuple[TemplateDocument | None, Composed, Reason | None, list[Text]]:
    """The draft as a test of it would be sent: what of it is read, and as :func:`read_template`."""
    template = only_locale(document, asked.channel, asked.locale)
    return (template, *read_template(template, asked, setting))


def only_locale(document: Mapping[str, Any], channel: str, locale: str) -> TemplateDocument | None:
    """As much of an unfinished template as one channel in one language needs: faults elsewhere do not hinder it."""
    channels = document.get("channels")
    by_language = channels.get(channel) if isinstance(channels, Mapping) else None
    words = by_language.get(locale) if isinstance(by_language, Mapping) else None
    rules = document.get("variables")
    whole = {
        "name": "preview",
        "class": document.get("class", document.get("message_class", "advertising")),
        "variables": rules if isinstance(rules, Mapping) else {},
        "channels": {channel: {locale: words}},
    }
    for attempt in (whole, {**whole, "variables": {}}, {**whole, "variables": {}, "class": "advertising"}):
        try:
            return TemplateDocument.model_validate(attempt)
        except ValidationError:
            continue
    return None


def read_template(
    template: TemplateDocument | None, asked: TemplateQuery | TestSendRequest, setting: Setting
) -> tuple[Composed, Reason | None, list[Text]]:
    """The message, why this customer would not get it, and what went wrong."""
    if template is None:
        return _NOTHING, None, [NO_WORDS]
    settings = MessageSettings.model_validate(
        {"channel": asked.channel, "class": "informational", "template": "preview"}
    )
    words = MessageWords(settings, LiveTemplate("preview", 0, template))
    tz = zone(setting.customer.zone)
    try:
        composed = words.compose(
            asked.channel, _context(asked, setting), setting.policy, setting.sender, (asked.locale,), tz
        )
    except TemplateSyntaxProblem as fault:
        return _as_written(template, asked), None, [fault.text]
    except RenderFailed:
        return _as_written(template, asked), None, [_FAILED]
    except NoTemplateContent:
        return _NOTHING, None, [NO_WORDS]
    return composed, words.refusal(composed)[0], []


def compose_step(
    asked: MessageQuery, setting: Setting, template: LiveTemplate | None
) -> tuple[Composed, Reason | None, list[Text]]:
    """The e-mail of a step as it is drawn; why this customer would not get it, and what went wrong."""
    try:
        settings = MessageSettings.model_validate({**asked.settings, "channel": EMAIL.name})
    except ValidationError:
        return _NOTHING, None, [_UNFINISHED]
    words, tz = MessageWords(settings, template), zone(setting.customer.zone)
    if settings.template and template is None:
        return _NOTHING, None, [_NOT_IN_USE]
    context = template_context(dict(setting.known), asked.event, None, asked.variables, setting.settings, setting.links)
    locales = (asked.locale or "", setting.locale)
    try:
        composed = words.compose(EMAIL.name, context, setting.policy, setting.sender, locales, tz)
    except TemplateSyntaxProblem as fault:
        return _NOTHING, None, [fault.text]
    except RenderFailed:
        return _NOTHING, None, [_FAILED]
    except NoTemplateContent:
        return _NOTHING, None, [NO_WORDS]
    refused = words.refusal(composed)[0]
    return composed, None if refused is not None and refused.code == "missing_variable" else refused, []


def _as_written(template: TemplateDocument, asked: TemplateQuery | TestSendRequest) -> Composed:
    content = template.on(asked.channel)[asked.locale].content()
    return Composed(asked.locale, Words(content.subject, content.body, content.preheader), "", (), blank=False)


def _context(asked: TemplateQuery | TestSendRequest, setting: Setting) -> dict[str, Any]:
    customer = dict(setting.known)
    return template_context(customer, asked.event, None, asked.variables, setting.settings, setting.links)


def _source(template: TemplateDocument, asked: TemplateQuery, setting: Setting) -> str | None:
    """The MJML of an e-mail that is made of blocks."""
    words = template.on(asked.channel).get(asked.locale)
    if not isinstance(words, EmailWords) or not words.blocks:
        return None
    return mjml_source(words.blocks, theme_of(words, {"workspace": setting.settings}), language_of(asked.locale))
