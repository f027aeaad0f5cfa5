"""A test of the e-mail of a step, as the journey is drawn, to somebody of the team. Nothing of it is counted."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import DeliveryError, OutgoingMessage, Services
from api.bounded_work.pool import bounded
from api.http.access import Require
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from api.previews.context import setting_of
from api.previews.routes import PreviewBody, live_template
from api.previews.schemas import MessageQuery
from api.previews.setting import Setting
from api.templates.rendering import compose_step
from api.templates.schemas import TestAddresses, TestSent
from orchestrator.core.channels.kinds.email import EMAIL
from orchestrator.core.messages.compose import Composed
from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.text import Text, verbatim
from orchestrator.core.timing import zone
from orchestrator.store.accounts.people import list_accounts

MARK = Text("[Test] {subject}")

router = APIRouter(
    tags=["Previews"], dependencies=[Depends(Require("draw"))], responses=REFUSALS, route_class=PreviewBody
)


class StepTestRequest(MessageQuery):
    """The settings of a message step as they are drawn, and to whom of the team its e-mail goes."""

    to: str = Field(min_length=3, max_length=254, description="The e-mail address of somebody of the team.")


@router.get("/api/previews/test-addresses", summary="List who tests may go to", response_model=TestAddresses)
async def addresses(request: Request) -> Response:
    """E-mail addresses of the team; none where this machine has no accounts yet, and any address will do."""
    return json_response({"items": await _team(request)})


@router.post(
    "/api/previews/message/test",
    summary="Send a test of a step's e-mail",
    response_model=TestSent,
    responses={409: {"model": ProblemBody, "description": "It cannot be sent; the reason is in `detail`."}},
)
async def send_step_test(request: Request, asked: StepTestRequest) -> Response:
    """Sends it by the provider that carries e-mail, as customers get it, its subject marked as a test.

    It has no line in the ledger, counts in no frequency cap and no figure, and its links are not counted.
    """
    team = await _team(request)
    if not EMAIL.contact.valid(asked.to) or (team and asked.to.lower() not in team):
        raise ApiProblem("test_to_team", "to")
    setting = await setting_of(request, asked.customer)
    template = await live_template(request, asked.settings)
    composed, refused, said = await bounded(request, compose_step, asked, setting, template)
    if said or refused is not None:
        reason = said[0] if said or refused is None else reason_in_words(refused.as_json(), zone(setting.customer.zone))
        raise ApiProblem("test_not_sent", "settings", reason=reason)
    resources = resources_of(request)
    active_providers = ActiveProviders(Services(resources.settings, resources.engine))
    try:
        await active_providers.refresh()
        provider = active_providers[EMAIL.name]
        receipt = await provider.send(_outgoing(composed, asked, setting), uuid4())
    except DeliveryError as fault:
        raise ApiProblem("test_not_sent", "to", reason=verbatim(f"{type(fault).__name__}: {fault}")) from None
    finally:
        await active_providers.close()
    handed = {"provider": provider.name, "provider_message_id": receipt.provider_message_id}
    return json_response({"outcome": "sent", "to": asked.to, **handed})


async def _team(request: Request) -> list[str]:
    found = await list_accounts(resources_of(request).engine)
    return [one.email.lower() for one in found if one.disabled_at is None]


def _outgoing(composed: Composed, asked: StepTestRequest, setting: Setting) -> OutgoingMessage:
    tags: dict[str, Any] = {"customer": str(UUID(int=0)), "journey": "", "step": "", "test": "true"}
    return OutgoingMessage(
        channel=EMAIL.name,
        recipient=asked.to,
        locale=composed.locale,
        subject=MARK.format(subject=composed.words.subject).to(composed.locale),
        body=composed.words.body,
        html=composed.html,
        sender="",
        message_class="informational",
        at=setting.now,
        tags=tags,
    )
