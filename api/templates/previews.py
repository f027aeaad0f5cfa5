"""A template's message as a customer would read it, while it is written; and a test of it to an address of ours."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import DeliveryError, OutgoingMessage, Services
from activities.sending.context import extras_of
from api.http.access import Require
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.context import Setting, legal_regime, setting_of
from api.previews.test_run_schemas import TestCustomer
from api.templates.responses import known_template, problem_list, require_within_limits
from api.templates.routes import Key, TemplateRoute
from api.templates.schemas import TemplatePreview, TemplateQuery, TestSendRequest, TestSent
from orchestrator.core.channels.kinds.email import EmailWords
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.email.html import language_of, mjml_source
from orchestrator.core.messages.compose import Composed, theme_of
from orchestrator.core.messages.context import template_context
from orchestrator.core.messages.render import MessageWords, NoTemplateContent
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.sending.advertising import Words
from orchestrator.core.sending.decide import Reason
from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.steps.message import MessageSettings
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.text import Text, verbatim
from orchestrator.core.timing import zone

router = APIRouter(
    tags=["Message templates"], dependencies=[Depends(Require("read"))], responses=REFUSALS, route_class=TemplateRoute
)

NO_WORDS = Text("There are no words for this channel yet.")
_FAILED = Text("The template fails on this customer's data.")
_NOTHING = Composed("", Words("", ""), "", (), blank=True)


@router.post(
    "/api/previews/template",
    summary="Preview a message template",
    response_model=TemplatePreview,
    dependencies=[Depends(Require("draw"))],
)
async def preview(request: Request, asked: TemplateQuery) -> Response:
    """The message on one channel in one language, for a real customer or a sample, with what the law adds."""
    _known_channel(asked.channel)
    document = require_within_limits(asked.document)
    setting = await setting_of(request, asked.customer)
    _, problems = check_template(document, setting.vocabulary)
    template = _only_locale(document, asked.channel, asked.locale)
    composed, refused, said = _read(template, asked, setting)
    why = None if refused is None else reason_in_words(refused.as_json(), zone(setting.customer.zone))
    facts = CHANNELS[asked.channel].measured(composed.words.subject, composed.words.body)
    notes = [*said, *facts.notes]
    if template is not None and template.message_class == "advertising":
        notes += legal_regime(asked.channel, setting)
    return json_response(
        {
            "channel": asked.channel,
            "locale": composed.locale or asked.locale,
            **{name: getattr(composed.words, name) for name in ("subject", "preheader", "body")},
            "html": composed.html or None,
            "mjml": None if template is None else _source(template, asked, setting),
            "options": composed.options,
            "missing": composed.missing,
            "refused": why and why.by_locale(),
            "problems": problem_list(problems, language(request)),
            "facts": {name: value for name, value in asdict(facts).items() if name not in ("notes", "problems")},
            "notes": [note.by_locale() for note in notes],
        }
    )


@router.post(
    "/api/message-templates/{key}/test",
    summary="Send a test of a message template",
    response_model=TestSent,
    dependencies=[Depends(Require("draw"))],
    responses={409: {"model": ProblemBody, "description": "It cannot be sent; the reason is in `detail`."}},
)
async def send_test(request: Request, key: Key, asked: TestSendRequest) -> Response:
    """Sends the draft to one address, by the provider that carries the channel, made as customers get it.

    It is marked as a test, has no line in the ledger of sends, and counts in no frequency cap.
    """
    _known_channel(asked.channel)
    contact = CHANNELS[asked.channel].contact
    if not contact.valid(asked.to):
        raise ApiProblem("invalid_parameter", "to", reason=contact.name)
    resources = resources_of(request)
    async with resources.sessions() as session:
        document = (await known_template(session, key)).document
    given = None if asked.customer is None else TestCustomer(id=asked.customer)
    setting = await setting_of(request, given)
    template = _only_locale(document, asked.channel, asked.locale)
    if template is None:
        raise ApiProblem("test_not_sent", "channel", reason=NO_WORDS)
    composed, refused, said = _read(template, asked, setting)
    if said or (refused is not None and refused.code != "missing_variable"):
        reason = said[0] if said else reason_in_words((refused or Reason("no_content")).as_json(), zone(None))
        raise ApiProblem("test_not_sent", "document", reason=reason)
    message = _outgoing(key, template, composed, asked, setting)
    active_providers = ActiveProviders(Services(resources.settings, resources.engine))
    try:
        await active_providers.refresh()
        provider = active_providers[asked.channel]
        receipt = await provider.send(message, uuid4())
    except DeliveryError as fault:
        reason = verbatim(f"{type(fault).__name__}: {fault}")
        raise ApiProblem("test_not_sent", "to", reason=reason) from None
    finally:
        await active_providers.close()
    handed = {"provider": provider.name, "provider_message_id": receipt.provider_message_id}
    return json_response({"outcome": "sent", "to": asked.to, **handed})


def _known_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise ApiProblem("invalid_parameter", "channel", reason=", ".join(CHANNELS))


def _only_locale(document: Mapping[str, Any], channel: str, locale: str) -> TemplateDocument | None:
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


def _read(
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


def _outgoing(
    key: str, template: TemplateDocument, composed: Composed, asked: TestSendRequest, setting: Setting
) -> OutgoingMessage:
    customer = asked.customer and str(setting.known.get("id") or "")
    return OutgoingMessage(
        channel=asked.channel,
        recipient=asked.to,
        locale=composed.locale,
        subject=composed.words.subject,
        body=composed.words.body,
        html=composed.html,
        sender="",
        message_class=template.message_class,
        at=setting.now,
        tags={"customer": _uuid(customer), "journey": "", "step": "", "template": key, "test": "true"},
        **extras_of(composed.options),
    )


def _uuid(given: str | None) -> str:
    try:
        return str(UUID(given or ""))
    except ValueError:
        return str(UUID(int=0))
