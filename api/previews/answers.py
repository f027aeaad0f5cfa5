"""What a condition, a delay and a message come to, in words. In a process of its own: imports only what that needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.previews.schemas import ConditionQuery, DelayQuery, MessageQuery
from api.previews.setting import Setting, legal_regime
from orchestrator.core.channels.content import Content
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain
from orchestrator.core.conditions.model import Condition
from orchestrator.core.email.blocks import MOST_BLOCKS, EmailBlock, Theme
from orchestrator.core.facts import fact
from orchestrator.core.formatting import instant, span
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.schema_errors import exceeds_limits
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.compose import Composed, choose_locale, compose
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
from orchestrator.core.values import MessageClass

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_BLOCK: TypeAdapter[Any] = TypeAdapter(EmailBlock)
_THEME: TypeAdapter[Any] = TypeAdapter(Theme | None)
_DELAY: TypeAdapter[Any] = TypeAdapter(DelaySettings)
FAILED = Text("The template fails on this customer's data.")
NO_WORDS = Text("The template has no content for this channel.")
_UNFINISHED = Text("Not complete yet")


def preview_condition(asked: ConditionQuery, setting: Setting, locale: str) -> tuple[dict[str, Any], Condition | None]:
    """The answer, without how many customers meet it; and the condition to count them by, where it can be read."""
    branch = {"branches": [{"port": "yes", "when": asked.condition}]}
    problems = _problems(locale, "branch", branch, setting.vocabulary, "settings.branches.0.when")
    answer: dict[str, Any] = {"problems": problems, "customers": None, "too_slow": False, "customer": None}
    parsed = _parsed(_CONDITION, asked.condition)
    if parsed is None:
        return {"text": _UNFINISHED.by_locale(), **answer}, None
    bound = bind(parsed)
    if asked.customer is not None:
        truth = evaluate(bound, setting.customer, setting.now).truth
        words = explain(bound, setting.customer, setting.now).by_locale()
        answer["customer"] = {"truth": truth, "text": words}
    return {"text": describe(parsed).by_locale(), **answer}, parsed


def preview_delay(asked: DelayQuery, setting: Setting, locale: str) -> dict[str, Any]:
    """The answer."""
    now = asked.now or setting.now
    problems = _problems(locale, "delay", asked.settings, setting.vocabulary, "settings")
    parsed = _parsed(_DELAY, asked.settings)
    if parsed is None:
        return {"until": None, "text": _UNFINISHED.by_locale(), "problems": problems}
    facts = {one: fact(one, setting.customer, now) for one in parsed.facts()}
    try:
        until = parsed.until(now, facts)
    except OverflowError:
        until = None
    return {"until": until, "text": _would_be(parsed, until, now, setting).by_locale(), "problems": problems}


def preview_message(
    asked: MessageQuery, setting: Setting, channel: str, template: LiveTemplate | None, language: str
) -> dict[str, Any]:
    """The answer. ``template``: the one that the message names, if any; ``language``: of the problems."""
    problems = _message_problems(language, asked.settings, setting.vocabulary)
    contents = _contents(asked.settings) if template is None else {}
    locale = choose_locale(contents, asked.locale or "", setting.locale) if contents else asked.locale or setting.locale
    content = contents.get(locale, Content.model_construct(body=""))
    advertising = asked.settings.get("class", asked.settings.get("message_class", "advertising")) != "informational"
    if template is not None:
        advertising = advertising or template.document.message_class == "advertising"
        composed, said = _read_template(template, channel, advertising, asked, setting)
    else:
        composed, said = _read(content, channel, advertising, asked, setting, locale)
    words = composed.words
    facts = CHANNELS[channel].measured(words.subject, words.body, composed.options)
    notes = [*said, *facts.notes, *(legal_regime(channel, setting) if advertising else ())]
    return {
        "channel": channel,
        "locale": composed.locale,
        "subject": words.subject,
        "preheader": words.preheader,
        "body": words.body,
        "html": composed.html or None,
        "sender": setting.shown_sender(channel),
        "options": composed.options,
        "missing": composed.missing,
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


def channel_of(asked: MessageQuery) -> str:
    """The channel that is asked for, or the message's own."""
    return asked.channel or str(asked.settings.get("channel") or Message.DEFAULTS["channel"])


def _parsed(adapter: TypeAdapter[Any], given: Any) -> Any:
    if exceeds_limits(given) is not None:
        return None
    try:
        return adapter.validate_python(given)
    except ValidationError:
        return None


def _problems(locale: str, kind: str, settings: Any, vocabulary: Vocabulary, prefix: str) -> list[dict[str, Any]]:
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
    found = []
    for problem in compile_journey(document, vocabulary).problems:
        if problem.code not in ("missing_edge", "unknown_port"):
            place = (problem.field or "").removeprefix(prefix).removeprefix(".")
            found.append({**problem.as_json(), "field": place or None, "message": problem.text.to(locale)})
    return found


def _message_problems(locale: str, settings: Any, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """References to variables are the journey's business: of a message alone nobody knows them."""
    found = _problems(locale, "message", settings, vocabulary, "settings")
    return [one for one in found if one["code"] != "undeclared_variable"]


def _would_be(form: Any, until: datetime | None, now: datetime, setting: Setting) -> Text:
    if until is None:
        name, port = getattr(form, "attribute", ""), Delay.MISSING.label
        return Text("This customer has no date “{name}” and takes “{port}”.", name=name, port=port)
    tz = zone(setting.customer.zone)
    if until <= now:
        at = instant(until, tz)
        return Text("{at} has already passed: no wait.", at=at)
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
            look = {"blocks": _blocks(parts.get("blocks")), "theme": _parsed(_THEME, parts.get("theme"))}
            found[str(locale)] = Content.model_construct(None, **texts, **look)
    return found


def _blocks(given: Any) -> tuple[Any, ...]:
    """Those blocks of an e-mail that are finished; what is wrong with others is told among the problems."""
    listed = given if isinstance(given, list) else []
    return tuple(block for one in listed[:MOST_BLOCKS] if (block := _parsed(_BLOCK, one)) is not None)


def _read_template(
    template: LiveTemplate, channel: str, advertising: bool, asked: MessageQuery, setting: Setting
) -> tuple[Composed, list[Text]]:
    """As :func:`_read`, of a template."""
    kind = "advertising" if advertising else "informational"
    settings = MessageSettings.model_validate({"channel": channel, "class": kind, "template": template.key})
    words, wanted = TemplateWords(settings, template), asked.locale or setting.locale
    try:
        composed = words.compose(
            channel,
            _context(asked, setting),
            setting.policy,
            setting.sender,
            (wanted, setting.locale),
            zone(setting.customer.zone),
        )
    except NoTemplateContent:
        return _as_written(Content.model_construct(body=""), wanted), [NO_WORDS]
    except (TemplateSyntaxProblem, RenderFailed):
        return _as_written(Content.model_construct(body=""), wanted), [FAILED]
    return composed, []


def _read(
    content: Content, channel: str, advertising: bool, asked: MessageQuery, setting: Setting, locale: str
) -> tuple[Composed, list[Text]]:
    """The message, and what went wrong; a template that fails is shown as it is written."""
    kind: MessageClass = "advertising" if advertising else "informational"
    tz = zone(setting.customer.zone)
    try:
        composed = compose(content, channel, kind, _context(asked, setting), setting.policy, setting.sender, locale, tz)
    except TemplateSyntaxProblem as fault:
        return _as_written(content, locale), [fault.text]
    except RenderFailed:
        return _as_written(content, locale), [FAILED]
    return composed, []


def _as_written(content: Content, locale: str) -> Composed:
    words = MessageWords(content.subject, content.body, content.preheader)
    return Composed(locale, words, "", (), blank=False)


def _context(asked: MessageQuery, setting: Setting) -> dict[str, Any]:
    """What a message may speak of."""
    customer = dict(setting.known)
    return template_context(customer, asked.event, None, asked.variables, setting.settings, setting.links)
