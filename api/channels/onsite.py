"""What the snippet on the shop's pages asks for and tells: waiting messages, what became of them, devices.

Under ``/v1`` like intake, with a write key, for browsers of every origin. An anonymous id is nobody else's to know: it
is made at random and kept by the browser. A user id can be guessed; beyond this machine, messages of known customers
are given out only with the shop's signature of their id (``userHash``), whichever key asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.channels.providers.web_push import public_key, vapid_key
from activities.channels.registry import NotSetUp, chosen_by_settings, find_kind
from api.http.body import parse_json, read_body, require_shallow
from api.http.problems import ApiProblem, json_response
from api.http.resources import Resources
from api.intake.browser_calls import speaks_for
from api.intake.calls import LONGEST_ID
from api.intake.placeholder_ids import without_placeholder
from api.intake.routes import store_in_time
from api.intake.user_hash import proven, requires_user_hash
from api.intake.write_keys import WriteKey
from orchestrator.core.channels.contacts import is_push_token, is_subscription
from orchestrator.store.channels.providers import read_choices, read_setups
from orchestrator.store.intake.incoming import Incoming, ReportedDevice
from orchestrator.store.intake.writer import IntakeBusy, IntakeUnavailable
from orchestrator.store.secret_box import NotOurs, Seal
from orchestrator.store.sending.onsite import OnSiteAction, Visitor, find_visitor, record_action, waiting_messages
from orchestrator.store.workspace import load_clock

MOST_BYTES = 16 * 1024
PUSH_SUBSCRIBED = "Push Subscribed"
PUSH_UNSUBSCRIBED = "Push Unsubscribed"
KEY_FRESH = 30.0
"""Seconds for which the key of web push is believed not to have been changed in the console."""

router = APIRouter(prefix="/v1", tags=["Intake"])
_DESCRIBED: dict[str, Any] = {
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    },
}


@dataclass(frozen=True)
class VisitorRequest:
    """A request of the snippet's, its write key checked."""

    document: dict[str, Any]
    key: WriteKey
    user: str | None
    anonymous: str | None

    def text(self, name: str) -> str:
        """A field that is text, else nothing."""
        value = self.document.get(name)
        return value if isinstance(value, str) else ""


@router.post("/messages", summary="On-site messages that wait for a visitor", **_DESCRIBED)
async def messages(request: Request) -> Response:
    """``{"messages": […], "webPushKey": …}``: what to show, and with which key a browser can subscribe to web push."""
    asked = await _asked(request)
    resources: Resources = request.app.state.resources
    found: list[dict[str, Any]] = []
    try:
        async with resources.sessions() as session:
            db, now = await session.connection(), (await load_clock(session)).now()
            visitor = await _visitor(db, resources, asked)
            if visitor is not None:
                found = await waiting_messages(db, visitor.customer, now)
            key = await _web_push_key(request, db)
    except (DBAPIError, PoolTimeout, OSError):
        raise ApiProblem("unavailable", seconds=5) from None
    return json_response({"messages": found, **({"webPushKey": key} if key else {})})


@router.post("/messages/{message}/{deed}", summary="A visitor saw, clicked or closed a message", **_DESCRIBED)
async def done(message: str, deed: OnSiteAction, request: Request) -> Response:
    """Stored as event ``Message Seen``, ``Message Clicked`` or ``Message Closed``, each once."""
    asked = await _asked(request)
    resources: Resources = request.app.state.resources
    try:
        which = UUID(message)
    except ValueError:
        raise ApiProblem("not_found") from None
    url = asked.text("url")[:2_000]
    counted = url.startswith(f"{resources.settings.public_url}/l/") or not url.startswith(("http://", "https://"))
    try:
        async with resources.sessions.begin() as session:
            db, now = await session.connection(), (await load_clock(session)).now()
            visitor = await _visitor(db, resources, asked)
            if visitor is not None:
                await record_action(db, visitor.customer, which, deed, now, "" if counted else url)
    except (DBAPIError, PoolTimeout, OSError):
        raise ApiProblem("unavailable", seconds=5) from None
    return json_response({"success": True})


@router.post("/devices", summary="A device that can be pushed to, or no longer wants to", **_DESCRIBED)
async def devices(request: Request) -> Response:
    """``subscription`` (a browser's ``PushSubscription``) or ``token`` (an app's); ``gone: true`` takes it back.

    Stored like any call, as event ``Push Subscribed`` or ``Push Unsubscribed``, which says nothing of the address.
    """
    asked = await _asked(request)
    now = datetime.now(UTC)
    device = _device(asked.document)
    user = asked.user
    if asked.key.kind == "browser":  # whoever names another customer's id would be sent their pushes
        settings = request.app.state.resources.settings
        user = speaks_for(settings, "track", user, asked.anonymous, asked.text("userHash"))
    properties = {"kind": device.kind}
    event = Incoming(
        message_id=asked.text("messageId")[:LONGEST_ID] or str(uuid7()),
        kind="track",
        name=PUSH_UNSUBSCRIBED if device.gone else PUSH_SUBSCRIBED,
        user_id=user,
        anonymous_id=asked.anonymous,
        said_by=asked.key.kind,
        properties=properties,
        properties_json=orjson.dumps(properties),
        context_json=b"{}",
        occurred_at=now,
        received_at=now,
        device=device,
    )
    try:
        await store_in_time(request.app.state.intake.writer, [event])
    except IntakeBusy:
        raise ApiProblem("busy", seconds=1) from None
    except IntakeUnavailable:
        raise ApiProblem("unavailable", seconds=1) from None
    return json_response({"success": True})


async def _asked(request: Request) -> VisitorRequest:
    keys = request.app.state.intake.keys
    key = await keys.of_header(request)
    document = parse_json(await read_body(request, MOST_BYTES))
    if not isinstance(document, dict):
        raise ApiProblem("wrong_type", None, expected="object")
    require_shallow(document)
    key = key or await keys.of_body(request, document)
    unusable: list[ApiProblem] = []
    user, anonymous = (without_placeholder(_id(document, name), name, unusable) for name in ("userId", "anonymousId"))
    if user is None and anonymous is None:
        raise unusable[0] if unusable else ApiProblem("missing_identity", "userId")
    return VisitorRequest(document, key, user, anonymous)


def _id(document: dict[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ApiProblem("wrong_type", name, expected="string")
    if len(value) > LONGEST_ID:
        raise ApiProblem("too_long", name, limit=LONGEST_ID)
    return value.strip() or None


async def _visitor(db: Any, resources: Resources, asked: VisitorRequest) -> Visitor | None:
    """Whose messages may be read. A user id counts where it is proven; else it is the browser's own id that does."""
    settings, given = resources.settings, asked.text("userHash")
    if asked.user is not None and proven(settings, asked.user, given):
        return await find_visitor(db, user=asked.user, anonymous=None)
    if asked.anonymous is None:
        raise ApiProblem("unproven_identity", "userHash")
    visitor = await find_visitor(db, user=None, anonymous=asked.anonymous)
    known = visitor is not None and visitor.user is not None and requires_user_hash(settings)
    if known and visitor is not None and not proven(settings, visitor.user or "", given):
        raise ApiProblem("unproven_identity", "userHash")
    return visitor


def _device(document: dict[str, Any]) -> ReportedDevice:
    """What can be pushed to. Raises ``ApiProblem``."""
    gone = document.get("gone") is True
    token, subscription = document.get("token"), document.get("subscription")
    if isinstance(token, str) and is_push_token(token):
        return ReportedDevice("push_token", token, gone)
    if not isinstance(subscription, dict):
        raise ApiProblem("invalid_device", "token" if token is not None else "subscription")
    endpoint, keys = subscription.get("endpoint"), subscription.get("keys")
    address = orjson.dumps({"endpoint": endpoint, "keys": keys}).decode()
    named = isinstance(keys, dict) and all(isinstance(keys.get(name), str) for name in ("p256dh", "auth"))
    try:
        place = urlsplit(endpoint) if isinstance(endpoint, str) else None
    except ValueError:
        place = None
    if place is None or place.scheme not in {"http", "https"} or not named or not is_subscription(address):
        raise ApiProblem("invalid_device", "subscription")
    return ReportedDevice("web_push", address, gone)


async def _web_push_key(request: Request, db: Any) -> str:
    """The public key that browsers subscribe with; empty where web push is not set up."""
    kept: tuple[float, str] | None = getattr(request.app.state, "web_push_key", None)
    if kept is None or kept[0] < monotonic() - KEY_FRESH:
        kept = monotonic(), await _read_web_push_key(request.app.state.resources, db)
        request.app.state.web_push_key = kept
    return kept[1]


async def _read_web_push_key(resources: Resources, db: Any) -> str:
    settings = resources.settings
    chosen = {**chosen_by_settings(settings), **await read_choices(db)}.get("web_push")
    if chosen != "web_push":
        return ""
    setup = (await read_setups(db)).get("web_push")
    try:
        given = setup.opened(Seal(settings.secret_key.get_secret_value())) if setup else {}
        config: Any = find_kind("web_push").configured(given, settings)
    except (NotSetUp, NotOurs):
        return ""
    return public_key(vapid_key(config, settings))
