"""What providers tell of messages after they have taken them, and what follows: by their calls, or because we asked.

The first report that settles a message counts; what is told twice happens once. A message is never taken for lost
because of a report that we cannot place.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.channels.contract import Callback
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.events.system_events import (
    MESSAGE_BOUNCED,
    MESSAGE_CLICKED,
    MESSAGE_COMPLAINED,
    MESSAGE_DELIVERED,
    MESSAGE_OPENED,
    UNSUBSCRIBED,
    about_send,
    event_of_send,
)
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.events.system_events import add_event
from orchestrator.store.sending.deliveries import (
    DeliveryUpdate,
    SentMessage,
    customers_at,
    drop_devices,
    find_sent,
    is_first_report,
    update_delivery,
)
from orchestrator.store.sending.feedback import note_bounce, note_complaint
from orchestrator.store.sending.frequency import CountsUnavailable, Frequency
from orchestrator.store.workspace import read_clock

Taken = Literal["taken", "seen", "unknown"]
"""``seen``: it was told before; ``unknown``: it speaks of no message of ours."""

log = structlog.get_logger()

_EVENTS = {
    "delivered": MESSAGE_DELIVERED,
    "unreachable": MESSAGE_BOUNCED,
    "failed": MESSAGE_BOUNCED,
    "opened": MESSAGE_OPENED,
    "clicked": MESSAGE_CLICKED,
    "complained": MESSAGE_COMPLAINED,
}
_REASONS = {"unreachable": "unreachable", "failed": "not_delivered"}
_BY_NUMBER = tuple(channel for channel in CHANNELS.values() if channel.marks.opt_out == "number")
"""Channels whose advertisements name the free number at which one opts out."""


@dataclass(frozen=True, slots=True)
class _MatchedReport:
    """One report about one message. ``at``: now, journey time; ``acted_at``: when the receiver did what it tells of."""

    provider: str
    callback: Callback
    message: SentMessage
    at: datetime
    acted_at: datetime


class Reports:
    """One for a process. Without ``redis`` a message that surely did not go out keeps its place under the caps."""

    def __init__(self, engine: AsyncEngine, redis: Redis | None = None) -> None:
        self._engine = engine
        self._frequency = Frequency(redis) if redis else None

    async def take(self, provider: str, callback: Callback) -> Taken:
        """Take one report over. Raises what the database raises; then it may come again."""
        async with self._engine.begin() as db:
            clock = await read_clock(db)
            at = clock.now()
            acted_at = min(clock.at(callback.at), at)
            if callback.address:
                return await _opted_out_by_phone(db, provider, callback, acted_at)
            message = await find_sent(db, provider, callback.key, callback.provider_message_id)
            if message is None:  # not remembered: should it come again, we may know it by then
                log.info("a report of a message that is not ours", provider=provider, what=callback.what)
                return "unknown"
            if not await is_first_report(db, _name(provider, callback), datetime.now(UTC)):
                return "seen"
            report = _MatchedReport(provider, callback, message, at, acted_at)
            delivery_update = _delivery_update(report)
            if delivery_update is not None:
                await update_delivery(db, message, delivery_update, at)
            await _follow(db, report)
        if delivery_update is not None and not delivery_update.counts and self._frequency is not None:
            with suppress(CountsUnavailable):  # then it stays taken as long as Redis remembers it
                await self._frequency.release(message.customer, str(message.id))
        return "taken"

    async def note_bounce(self, send: UUID, at: datetime) -> None:
        """What a provider has said at once: nobody will ever be reached there; journey time."""
        async with self._engine.begin() as db:
            await note_bounce(db, send, at)


def _name(provider: str, callback: Callback) -> str:
    """Of a call, so that it is known when it comes again."""
    if callback.id:
        return f"{provider}:{callback.what}:{callback.id}"
    said = [
        callback.provider_message_id,
        str(callback.key),
        callback.at.isoformat(),
        dict(callback.raw),
        callback.address,
    ]
    return f"{provider}:{callback.what}:{hashlib.blake2b(orjson.dumps(said, default=str), digest_size=16).hexdigest()}"


def _delivery_update(report: _MatchedReport) -> DeliveryUpdate | None:
    """How the row stands from now on; None where the report changes nothing in it.

    What has arrived has arrived, whatever is told afterwards. A message that nobody knew about is settled; one that
    was sent stays so, and what is told later is its delivery.
    """
    message, callback = report.message, report.callback
    number = callback.provider_message_id or None
    open_ended = message.status == "unknown"
    match callback.what:
        case "accepted":
            return DeliveryUpdate("sent", delivery=message.delivery, number=number) if open_ended else None
        case "delivered" | "opened" | "clicked":
            status = "sent" if message.status in ("unknown", "failed") else message.status
            return DeliveryUpdate(
                status,
                delivery="delivered",
                number=number,
                opened_at=report.at if callback.what == "opened" else None,
                clicked_at=report.at if callback.what == "clicked" else None,
                over=True,
            )
        case "unreachable" | "failed" as what if message.delivery is None:
            status, reason = ("failed", _REASONS[what]) if open_ended else (message.status, "")
            more = {"delivery": {"detail": callback.detail, **callback.raw}}
            if open_ended:
                more["reason"] = {"code": reason, "channel": message.channel, "detail": callback.detail}
            over = what == "failed"
            return DeliveryUpdate(status, reason, what, number, counts=False, over=over, more=more)
    return None


async def _follow(db: AsyncConnection, report: _MatchedReport) -> None:
    """What else a report brings about: an event of the customer, a consent withdrawn, a device dropped."""
    message, callback = report.message, report.callback
    channel = CHANNELS[message.channel]
    if callback.lasting and channel.contact.kept == "device":
        await drop_devices(db, message.recipient, report.at)
    if callback.what in ("unsubscribed", "complained") or _nobody_there(report):
        evidence = {"provider": report.provider, "message": str(message.id), "report": callback.id}
        if callback.lasting:
            evidence["bounce"] = callback.detail
        said = dict.fromkeys(channel.consents, False)
        await change_consents(db, message.customer, said, source="provider", evidence=evidence, at=report.acted_at)
    if callback.what == "complained":
        await note_complaint(db, message.id, report.at)
    if _nobody_there(report):
        await note_bounce(db, message.id, report.at)
    name = UNSUBSCRIBED if callback.what == "unsubscribed" else _EVENTS.get(callback.what)
    if name is None or (name == MESSAGE_BOUNCED and message.delivery is not None):
        return
    properties = about_send(message.as_row())
    if name == MESSAGE_BOUNCED:
        properties |= {"reason": callback.detail or callback.what}
    await add_event(db, message.customer, name, properties, report.at, event_of_send(name, message.id))


def _nobody_there(report: _MatchedReport) -> bool:
    """Whether nobody will ever be reached at an address or number: whoever gets it next agreed to nothing."""
    channel = CHANNELS[report.message.channel]
    return report.callback.lasting and channel.advertises and channel.contact.kept == "column"


async def _opted_out_by_phone(db: AsyncConnection, provider: str, callback: Callback, at: datetime) -> Taken:
    """Somebody called the free number. The provider tells their number, not a message."""
    customers = await customers_at(db, callback.address)
    for customer in customers:
        evidence = {"provider": provider, "report": callback.id}
        said = {name: False for channel in _BY_NUMBER for name in channel.consents}
        await change_consents(db, customer, said, source="provider", evidence=evidence, at=at)
    return "taken" if customers else "unknown"
