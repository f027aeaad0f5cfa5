"""What a part of a journey comes to, while it is being written: a condition, a delay, a message. Nothing is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.context import Setting, legal_regime, setting_of
from api.previews.schemas import (
    ConditionPreview,
    ConditionQuery,
    DelayPreview,
    DelayQuery,
    MessagePreview,
    MessageQuery,
)
from orchestrator.core.channels.content import Content
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain
from orchestrator.core.conditions.model import Condition
from orchestrator.core.facts import fact
from orchestrator.core.formatting import instant, span
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.compose import choose_locale, compose
from orchestrator.core.messages.context import template_context
from orchestrator.core.messages.render import MessageWords as TemplateWords
from orchestrator.core.messages.render import NoTemplateContent
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.core.sending.advertising import Words as MessageWords
from orchestrator.core.steps.delay import Delay, DelaySettings
from orchestrator.core.steps.message import Message, MessageSettings
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.text import Text
from orchestrator.core.timing import zone
from orchestrator.store.customers.audience import count_matching, is_about_customers
from orchestrator.store.templates.source import load_live

router = APIRouter(
    prefix="/api/previews",
    tags=["Previews"],
    dependencies=[Depends(Require("draw"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)

PATIENCE = 2.0
"""Seconds that counting an audience may take while somebody writes its condition."""
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_DELAY: TypeAdapter[Any] = TypeAdapter(DelaySettings)
FAILED = Text("The template fails on this customer's data.")
_UNFINISHED = Text("Not complete yet")


@router.post("/condition", summary="Preview a condition", response_model=ConditionPreview)
async def condition(request: Request, asked: ConditionQuery) -> Response:
    """In words, with how many customers meet it now, and whether one of them does."""
    setting = await setting_of(request, asked.customer)
    branch = {"branches": [{"port": "yes", "when": asked.condition}]}
    problems = _problems(request, "branch", branch, setting.vocabulary, "settings.branches.0.when")
    parsed = _parsed(_CONDITION, asked.condition)
    if parsed is None:
        told = {
            "text": _UNFINISHED.by_locale(),
            "problems": problems,
            "customers": None,
            "too_slow": False,
            "customer": None,
        }
        return json_response(told)
    bound, count = bind(parsed), None
    countable = is_about_customers(parsed)
    if countable:
        count = await count_matching(resources_of(request).engine, bound, setting.now, PATIENCE)
    matching = None
    if asked.customer is not None:
        truth = evaluate(bound, setting.customer, setting.now).truth
        matching = {"truth": truth, "text": explain(bound, setting.customer, setting.now).by_locale()}
    return json_response(
        {
            "text": describe(parsed).by_locale(),
            "problems": problems,
            "customers": count,
            "too_slow": countable and count is None,
            "customer": matching,
        }
    )


@router.post("/delay", summary="Preview a delay", response_model=DelayPreview)
async def delay(request: Request, asked: DelayQuery) -> Response:
    """When it would be over for a customer who came to it now."""
    setting = await setting_of(request, asked.customer)
    now = asked.now or setting.now
    problems = _problems(request, "delay", asked.settings, setting.vocabulary, "settings")
    parsed = _parsed(_DELAY, asked.settings)
    if parsed is None:
        return json_response({"until": None, "text": _UNFINISHED.by_locale(), "problems": problems})
    facts = {one.name or one.kind: fact(one, setting.customer, now) for one in parsed.facts()}
    try:
        until = parsed.until(now, facts)
    except OverflowError:
        until = None
    return json_response(
        {"until": until, "text": _would_be(parsed, until, now, setting).by_locale(), "problems": problems}
    )


@router.post("/message", summary="Preview a message", response_model=MessagePreview)
async def message(request: Request, asked: MessageQuery) -> Response:
    """As the customer would read it, with what the law adds; and how long it is for its channel."""
    setting = await setting_of(request, asked.customer)
    problems = _message_problems(request, asked.settings, setting.vocabulary)
    template = await _template(request, asked.settings)
    contents = _contents(asked.settings) if template is None else {}
    channel = asked.channel or str(asked.settings.get("channel") or Message.DEFAULTS["channel"])
    if channel not in CHANNELS:
        raise ApiProblem("invalid_parameter", "channel", reason=", ".join(CHANNELS))
    locale = choose_locale(contents, asked.locale or "", setting.locale) if contents else asked.locale or setting.locale
    content = contents.get(locale, Content.model_construct(body=""))
    advertising = asked.settings.get("class", asked.settings.get("message_class", "advertising")) != "informational"
    if template is not None:
        advertising = advertising or template.document.message_class == "advertising"
        words, html, missing, said, locale = _read_template(template, channel, advertising, asked, setting)
    else:
        words, html, missing, said = _read(content, channel, advertising, asked, setting, locale)
    facts = CHANNELS[channel].measured(words.subject, words.body)
    notes = [*said, *facts.notes, *(legal_regime(channel, setting) if advertising else ())]
    return json_response(
        {
            "channel": channel,
            "locale": locale,
            "subject": words.subject,
            "preheader": words.preheader,
            "body": words.body,
            "html": html or None,
            "missing": missing,
            "problems": problems,
            "facts": {
                "characters": facts.characters,
                "bytes": facts.bytes,
                "limit": facts.limit,
                "unit": facts.unit,
                "form": facts.form,
                "fits": facts.fits,
            },
            "notes": [note.by_locale() for note in notes],
        }
    )


def _parsed(adapter: TypeAdapter[Any], given: Any) -> Any:
    if exceeds_limits(given) is not None:
        return None
    try:
        return adapter.validate_python(given)
    except ValidationError:
        return None


def _problems(request: Request, kind: str, settings: Any, vocabulary: Vocabulary, prefix: str) -> list[dict[str, Any]]:
    """What the compiler says of one step: asked in the smallest journey that has it."""
    ports = {"branch": ("yes", "otherwise"), "delay": ("next",), "message": ("next",)}[kind]
    document = {
        "key": "preview",
        "name": "preview",
        "entry": {"triggers": [{"kind": "request"}]},
        "steps": [
            {"id": "preview", "kind": kind, "stage": "intake", "settings": settings},
            {"id": "end", "kind": "exit", "stage": "intake"},
        ],
        "edges": [
            {"from": "entry", "to": "preview"},
            *({"from": "preview", "port": port, "to": "end"} for port in ports),
        ],
    }
    locale, found = language(request), []
    for problem in compile_journey(document, vocabulary).problems:
        if problem.code not in ("missing_edge", "unknown_port"):
            place = (problem.field or "").removeprefix(prefix).removeprefix(".")
            found.append({**problem.as_json(), "field": place or None, "message": problem.text.to(locale)})
    return found


def _message_problems(request: Request, settings: Any, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """References to variables are the journey's business: of a message alone nobody knows them."""
    found = _problems(request, "message", settings, vocabulary, "settings")
    return [one for one in found if one["code"] != "undeclared_variable"]


def _would_be(form: Any, until: datetime | None, now: datetime, setting: Setting) -> Text:
    if until is None:
        name, port = getattr(form, "attribute", ""), Delay.MISSING.label
        return Text("This customer has no date “{name}”, and goes on through “{port}”.", name=name, port=port)
    tz = zone(setting.customer.zone)
    if until <= now:
        at = instant(until, tz)
        return Text("{at} has gone by: no wait.", at=at)
    at, length = instant(until, tz), span(until - now)
    if form.jitter:
        spread = span(form.jitter)
        return Text("This would be {at}, or up to {spread} later ({key}).", at=at, spread=spread, key=tz.key)
    return Text("This would be {at}, in {length} ({key}).", at=at, length=length, key=tz.key)


def _contents(settings: Mapping[str, Any]) -> dict[str, Content]:
    """The texts by language, however unfinished."""
    given, found = settings.get("content"), {}
    for locale, parts in given.items() if isinstance(given, dict) else ():
        if isinstance(parts, dict):
            texts: dict[str, Any] = {name: str(parts.get(name) or "") for name in ("subject", "body", "preheader")}
            found[str(locale)] = Content.model_construct(None, **texts)
    return found


async def _template(request: Request, settings: Mapping[str, Any]) -> LiveTemplate | None:
    """What the template that a message names says now; None where it names none, or one that is not in use."""
    key = settings.get("template")
    if not isinstance(key, str) or not key:
        return None
    async with resources_of(request).engine.connect() as db:
        return await load_live(db, key[:64])


def _read_template(
    template: LiveTemplate, channel: str, advertising: bool, asked: MessageQuery, setting: Setting
) -> tuple[MessageWords, str, list[str], list[Text], str]:
    """As :func:`_read`, of a template; and in which language."""
    kind = "advertising" if advertising else "informational"
    settings = MessageSettings.model_validate({"channel": channel, "class": kind, "template": template.key})
    words, locales = TemplateWords(settings, template), (asked.locale or "", setting.locale)
    try:
        composed = words.compose(
            channel, _context(asked, setting), setting.policy, setting.sender, locales, zone(setting.customer.zone)
        )
    except NoTemplateContent:
        told = Text("The template has no words for this channel.")
        return MessageWords("", ""), "", [], [told], asked.locale or setting.locale
    except (TemplateSyntaxProblem, RenderFailed):
        return MessageWords("", ""), "", [], [FAILED], asked.locale or setting.locale
    return composed.words, composed.html, list(composed.missing), [], composed.locale


def _read(
    content: Content, channel: str, advertising: bool, asked: MessageQuery, setting: Setting, locale: str
) -> tuple[MessageWords, str, list[str], list[Text]]:
    """The words, their HTML, what is missing, and what went wrong; a template that fails is shown as it is written."""
    context = _context(asked, setting)
    try:
        composed = compose(
            content,
            channel,
            "advertising" if advertising else "informational",
            context,
            setting.policy,
            setting.sender,
            locale,
            zone(setting.customer.zone),
        )
    except TemplateSyntaxProblem as fault:
        return MessageWords(content.subject, content.body, content.preheader), "", [], [fault.text]
    except RenderFailed:
        return MessageWords(content.subject, content.body, content.preheader), "", [], [FAILED]
    return composed.words, composed.html, list(composed.missing), []


def _context(asked: MessageQuery, setting: Setting) -> dict[str, Any]:
    """What a message may speak of."""
    customer = dict(setting.known)
    return template_context(customer, asked.event, None, asked.variables, setting.settings, setting.links)
