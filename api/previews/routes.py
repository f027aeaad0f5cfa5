"""What a part of a journey comes to, while it is being written: a condition, a delay, a message. Nothing is kept."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.answers import channel_of, preview_condition, preview_delay, preview_message
from api.previews.context import setting_of
from api.previews.schemas import (
    ConditionPreview,
    ConditionQuery,
    DelayPreview,
    DelayQuery,
    MessagePreview,
    MessageQuery,
)
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.binding import bind
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.store.customers.audience import count_matching, is_about_customers
from orchestrator.store.templates.source import load_live


class PreviewBody(BoundedBody):
    """Read for whoever may draw."""

    sender = Require("draw")


router = APIRouter(
    prefix="/api/previews",
    tags=["Previews"],
    dependencies=[Depends(Require("draw"))],
    responses=REFUSALS,
    route_class=PreviewBody,
)

PATIENCE = 2.0
"""Seconds that counting an audience may take while somebody writes its condition."""


@router.post("/condition", summary="Preview a condition", response_model=ConditionPreview)
async def condition(request: Request, asked: ConditionQuery) -> Response:
    """In words, with how many customers meet it now, and whether one of them does."""
    setting = await setting_of(request, asked.customer)
    answer, parsed = await bounded(request, preview_condition, asked, setting, language(request))
    if parsed is not None and is_about_customers(parsed):
        count = await count_matching(resources_of(request).engine, bind(parsed), setting.now, PATIENCE)
        answer |= {"customers": count, "too_slow": count is None}
    return json_response(answer)


@router.post("/delay", summary="Preview a delay", response_model=DelayPreview)
async def delay(request: Request, asked: DelayQuery) -> Response:
    """When it would be over for a customer who came to it now."""
    setting = await setting_of(request, asked.customer)
    return json_response(await bounded(request, preview_delay, asked, setting, language(request)))


@router.post("/message", summary="Preview a message", response_model=MessagePreview)
async def message(request: Request, asked: MessageQuery) -> Response:
    """As the customer would read it, with what the law adds; and how long it is for its channel."""
    setting = await setting_of(request, asked.customer)
    channel = channel_of(asked)
    if channel not in CHANNELS:
        raise ApiProblem("invalid_parameter", "channel", reason=", ".join(CHANNELS))
    template = await live_template(request, asked.settings)
    return json_response(await bounded(request, preview_message, asked, setting, channel, template, language(request)))


async def live_template(request: Request, settings: Mapping[str, Any]) -> LiveTemplate | None:
    """What the template that a message names says now; None where it names none, or one that is not in use."""
    key = settings.get("template")
    if not isinstance(key, str) or not key:
        return None
    async with resources_of(request).engine.connect() as db:
        return await load_live(db, key[:64])
