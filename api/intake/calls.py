"""Segment's calls, read: an object of the tracking specification becomes an event on its way in.

Checked by hand, because every event passes here: https://segment.com/docs/connections/spec/ says what is allowed, and
``ApiProblem`` says what was wrong, where, and what to do.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

import orjson
from uuid_utils.compat import uuid7

from api.http.body import MOST_LEVELS
from api.http.problems import ApiProblem
from api.intake.browser_calls import (
    USER_HASH,
    drop_grants,
    require_may_say,
    speaks_for,
    user_hash_of,
    without_proof,
)
from api.intake.contact_traits import read_traits
from api.intake.placeholder_ids import without_placeholder
from orchestrator.core.channels.contacts import is_push_token
from orchestrator.core.characters import comparable, with_comparable_names
from orchestrator.core.customers.traits import Traits
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.settings import Settings
from orchestrator.store.intake.incoming import Incoming, Kind, ReportedDevice

KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_EVENT_BYTES = 32 * 1024
"""Of what is stored of a call, its properties (or traits) and context, as JSON without white space."""
LONGEST_ID = 255
LONGEST_NAME = 200
_YEARS = range(1900, 9900)  # clear of the ends of what can be computed with

RESERVED_PREFIX = "sojourn."
"""How names begin that are ours alone to give."""

PAGE_VIEWED = "Page Viewed"
SCREEN_VIEWED = "Screen Viewed"
IDENTITY_LINKED = "Identity Linked"


@dataclass(slots=True)
class Envelope:
    """What holds for all calls of a request. Instants are real time."""

    received_at: datetime
    sent_at: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    browser: Settings | None = None
    """Set where a browser key speaks: what decides whether it has to prove of whom."""


def read_call(item: object, kind: str | None, envelope: Envelope, warnings: list[ApiProblem]) -> Incoming:
    """One call as an event. ``kind`` None: the call says itself. Raises ``ApiProblem`` where it cannot be stored."""
    if not isinstance(item, dict):
        raise ApiProblem("wrong_type", None, expected="object")
    kind = kind or item.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ApiProblem("unknown_type", "type", allowed=", ".join(KINDS))
    user_id = without_placeholder(_read_id(item, "userId"), "userId", warnings)
    anonymous_id = without_placeholder(_read_id(item, "anonymousId"), "anonymousId", warnings)
    if user_id is None and (anonymous_id is None or kind == "alias"):
        raise next((one for one in warnings if one.code == "placeholder_id"), ApiProblem("missing_identity", "userId"))
    context: Mapping[str, Any] = _read_object(item, "context")
    if envelope.context:
        context = {**envelope.context, **context}
    if envelope.browser is not None:
        user_id = _read_speaker(item, kind, (user_id, anonymous_id), context, envelope.browser, warnings)
    context = without_proof(context)
    event = Incoming(
        message_id=_read_id(item, "messageId") or str(uuid7()),
        kind=kind,
        name="",
        user_id=user_id,
        anonymous_id=anonymous_id,
        properties={},
        properties_json=b"",
        context_json=_dump(context, "context"),
        occurred_at=read_occurred_at(item, envelope),
        received_at=envelope.received_at,
        said_by="server" if envelope.browser is None else "browser",
    )
    _READERS[kind](item, event, context, warnings)
    if event.said_by == "browser":
        drop_grants(event, "traits", warnings)
    event.device = _read_device(context, event)
    event.properties_json = _dump(event.properties, "properties")
    size = len(event.properties_json) + len(event.context_json)
    if size > MOST_EVENT_BYTES:
        raise ApiProblem("event_too_large", size=size, limit=MOST_EVENT_BYTES)
    return event


def read_passing_traits(item: Mapping[str, Any], event: Incoming, warnings: list[ApiProblem]) -> Incoming | None:
    """Traits in the context of any other call: the same as if an identify had come along with it."""
    context = item.get("context")
    traits = context.get("traits") if isinstance(context, dict) else None
    if event.kind in ("identify", "alias") or not isinstance(traits, dict) or not traits:
        return None
    traits = with_comparable_names(traits)
    passing = Incoming(
        message_id=f"{event.message_id}/traits",
        kind="identify",
        name=CUSTOMER_UPDATED,
        user_id=event.user_id,
        anonymous_id=event.anonymous_id,
        properties=traits,
        properties_json=_dump(traits, "context.traits"),
        context_json=b"{}",
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        traits=read_traits(traits, event.occurred_at, "context.traits", warnings),
        said_by=event.said_by,
        repeated=True,
    )
    if passing.said_by == "browser":
        drop_grants(passing, "context.traits", warnings)
    return passing


def _read_speaker(
    item: Mapping[str, Any],
    kind: str,
    ids: tuple[str | None, str | None],
    context: Mapping[str, Any],
    settings: Settings,
    warnings: list[ApiProblem],
) -> str | None:
    """The user id that a page may speak of; without its proof the call is the visitor's, with a warning."""
    require_may_say(kind, item.get("event"))
    user = speaks_for(settings, kind, *ids, user_hash_of(item, context))
    if user != ids[0]:
        warnings.append(ApiProblem("unproven_identity", USER_HASH))
    return user


def read_occurred_at(item: Mapping[str, Any], envelope: Envelope) -> datetime:
    """When it happened, by our clock: receivedAt - (sentAt - originalTimestamp), and never in the future.

    A call that carries both ``timestamp`` and ``originalTimestamp`` was corrected by whoever passed it on. A clock so
    wrong that the corrected instant lies outside of the calendar corrects nothing.
    """
    original, timestamp = item.get("originalTimestamp"), item.get("timestamp")
    if original is None and timestamp is None:
        return envelope.received_at
    if original is not None and timestamp is not None:
        return min(read_instant(timestamp, "timestamp"), envelope.received_at)
    name = "timestamp" if original is None else "originalTimestamp"
    happened = read_instant(item[name], name)
    sent_at = read_sent_at(item) or envelope.sent_at
    if sent_at is not None:
        with suppress(OverflowError):
            corrected = happened + (envelope.received_at - sent_at)
            happened = corrected if corrected.year in _YEARS else happened
    return min(happened, envelope.received_at)


def read_sent_at(item: Mapping[str, Any]) -> datetime | None:
    """When the client sent, by its own clock; a ``sentAt`` that cannot be read corrects nothing."""
    try:
        return None if item.get("sentAt") is None else read_instant(item["sentAt"], "sentAt")
    except ApiProblem:
        return None


def read_instant(value: object, name: str) -> datetime:
    """An ISO 8601 time; one without an offset is taken as UTC."""
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else "")
        if instant.tzinfo is not UTC:
            instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ApiProblem("invalid_timestamp", name) from None
    if instant.year not in _YEARS:
        raise ApiProblem("invalid_timestamp", name)
    return instant


def _read_track(item: dict[str, Any], event: Incoming, _context: Any, _warnings: list[ApiProblem]) -> None:
    name = item.get("event")
    if name is None or name == "":
        raise ApiProblem("missing_field", "event")
    if not isinstance(name, str):
        raise ApiProblem("wrong_type", "event", expected="string")
    event.name = comparable(name)
    if not event.name:
        raise ApiProblem("missing_field", "event")
    if event.name.casefold().startswith(RESERVED_PREFIX):
        raise ApiProblem("reserved_name", "event", prefix=RESERVED_PREFIX)
    if len(event.name) > LONGEST_NAME:
        raise ApiProblem("too_long", "event", limit=LONGEST_NAME)
    event.properties = with_comparable_names(_read_object(item, "properties"))


def _read_view(item: dict[str, Any], event: Incoming, _context: Any, _warnings: list[ApiProblem]) -> None:
    event.name = PAGE_VIEWED if event.kind == "page" else SCREEN_VIEWED
    said = {name: item[name] for name in ("name", "category") if isinstance(item.get(name), str)}
    event.properties = {**said, **with_comparable_names(_read_object(item, "properties"))}


def _read_identify(
    item: dict[str, Any], event: Incoming, context: Mapping[str, Any], warnings: list[ApiProblem]
) -> None:
    traits = _read_object(item, "traits")
    in_context = context.get("traits")
    if isinstance(in_context, dict):
        traits = {**in_context, **traits}
    traits = with_comparable_names(traits)
    event.name = CUSTOMER_UPDATED
    event.properties = traits
    event.traits = read_traits(traits, event.occurred_at, "traits", warnings)


def _read_group(item: dict[str, Any], event: Incoming, _context: Any, _warnings: list[ApiProblem]) -> None:
    group = _read_id(item, "groupId")
    if group is None:
        raise ApiProblem("missing_field", "groupId")
    traits = _read_object(item, "traits")
    event.name = CUSTOMER_UPDATED
    event.properties = {"group_id": group, "traits": traits}
    event.traits = Traits(event.occurred_at, groups={group: traits})


def _read_alias(item: dict[str, Any], event: Incoming, _context: Any, warnings: list[ApiProblem]) -> None:
    event.previous_id = without_placeholder(_read_id(item, "previousId"), "previousId", warnings)
    if event.previous_id is None:
        raise warnings[-1] if item.get("previousId") and warnings else ApiProblem("missing_field", "previousId")
    event.anonymous_id = None  # an alias names two ids, no more
    event.name = IDENTITY_LINKED


def _read_device(context: Mapping[str, Any], event: Incoming) -> ReportedDevice | None:
    """The app's token: ``device.token`` of the context (Segment's common fields), or an identify's ``push_token``."""
    device = context.get("device")
    token = device.get("token") if isinstance(device, dict) else None
    if token is None and event.kind == "identify":
        token = event.properties.get("push_token")
    return ReportedDevice("push_token", token) if isinstance(token, str) and is_push_token(token) else None


_READERS: dict[str, Callable[[dict[str, Any], Incoming, Any, list[ApiProblem]], None]] = {
    "track": _read_track,
    "page": _read_view,
    "screen": _read_view,
    "identify": _read_identify,
    "group": _read_group,
    "alias": _read_alias,
}


def _read_id(item: Mapping[str, Any], name: str) -> str | None:
    """An id; numbers are common and mean their digits. Blank means none."""
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ApiProblem("wrong_type", name, expected="string")
    value = comparable(value)
    if len(value) > LONGEST_ID:
        raise ApiProblem("too_long", name, limit=LONGEST_ID)
    return value or None


def _read_object(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = item.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiProblem("wrong_type", name, expected="object")
    return value


def _dump(value: Mapping[str, Any], name: str) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        raise ApiProblem("too_deep", name, limit=MOST_LEVELS) from None
