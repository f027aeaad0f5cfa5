"""A template's message as a customer would read it, while it is written; and a test of it to an address of ours."""

from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import DeliveryError, OutgoingMessage, Services
from activities.sending.context import extras_of
from api.bounded_work.pool import bounded
from api.http.access import Require
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.context import setting_of
from api.previews.setting import Setting
from api.previews.test_run_schemas import TestCustomer
from api.templates.rendering import NO_WORDS, compose_test, preview_template
from api.templates.responses import known_template, problem_list, require_within_limits
from api.templates.routes import Key, TemplateRoute
from api.templates.schemas import TemplatePreview, TemplateQuery, TestSendRequest, TestSent
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.messages.compose import Composed
from orchestrator.core.messages.template_document import TemplateDocument
from orchestrator.core.sending.decision import Reason
from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.text import verbatim
from orchestrator.core.timing import zone

router = APIRouter(
    tags=["Message templates"], dependencies=[Depends(Require("read"))], responses=REFUSALS, route_class=TemplateRoute
)


@router.post(
    "/api/previews/template",
    summary="Preview a message template",
    response_model=TemplatePreview,
    dependencies=[Depends(Require("draw"))],
)
async def preview(request: Request, asked: TemplateQuery) -> Response:
    """The message on one channel in one language, for a real customer or a sample, with what the law adds."""
    _known_channel(asked.channel)
    document = await require_within_limits(asked.document)
    setting = await setting_of(request, asked.customer)
    answer, problems = await bounded(request, preview_template, document, asked, setting)
    return json_response({**answer, "problems": problem_list(problems, language(request))})


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
    template, composed, refused, said = await bounded(request, compose_test, document, asked, setting)
    if template is None:
        raise ApiProblem("test_not_sent", "channel", reason=NO_WORDS)
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
