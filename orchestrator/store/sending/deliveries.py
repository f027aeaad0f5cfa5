"""The ledger after the send: what is told later of a message, and which messages somebody has to look after.

A row that was claimed with further channels behind it keeps under ``inputs.later`` what they would need, until it is
known what became of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = """
select s.id, s.run_id, s.journey_key, s.step, s.occurrence, s.channel, s.provider, s.provider_message_id, s.status,
    s.delivery, s.opened_at, s.clicked_at, s.content ->> 'to' as recipient, s.inputs -> 'later' as later,
    s.inputs ->> 'after' as after, (s.inputs -> 'claim' ->> 'at')::timestamptz as handed_over_at,
    coalesce((s.inputs -> 'asked' ->> 'times')::int, 0) as asked,
    (s.inputs -> 'asked' ->> 'next')::timestamptz as ask_at,
    coalesce(c.merged_into, c.id, s.customer_id) as customer_id
from sends s left join customers c on c.id = s.customer_id
"""
_BY_KEY = text(_COLUMNS + "where s.id = :key and s.provider = :provider for update of s")
_BY_NUMBER = text(
    _COLUMNS + "where s.provider = :provider and s.provider_message_id = :number order by s.created_at desc limit 1 "
    "for update of s"
)
_UPDATE = text("""
update sends set status = new.status, reason = new.reason, delivery = new.delivery,
    provider_message_id = coalesce(provider_message_id, new.number),
    sent_at = case when new.status = 'sent' then coalesce(sent_at, new.at) else sent_at end,
    delivered_at = case when new.delivery = 'delivered' then coalesce(delivered_at, new.at) else delivered_at end,
    opened_at = coalesce(sends.opened_at, new.opened_at), clicked_at = coalesce(sends.clicked_at, new.clicked_at),
    counted_at = case when new.counts then counted_at end,
    inputs = (case when new.over then inputs - text 'later' else inputs end) || :more
from (select cast(:status as text) as status, cast(:reason as text) as reason, cast(:delivery as text) as delivery,
    cast(:number as text) as number, cast(:at as timestamptz) as at, cast(:opened_at as timestamptz) as opened_at,
    cast(:clicked_at as timestamptz) as clicked_at, cast(:counts as boolean) as counts, cast(:over as boolean) as over
) new
where id = :id
""").bindparams(bindparam("more", type_=JSONB))
# Each part has a partial index of its own.
_TO_ASK = text(f"""
select * from (
    {_COLUMNS} where s.status = 'unknown' and s.delivery is null
    union
    {_COLUMNS} where s.inputs ? 'later' and s.status = 'sent' and s.delivery is null
) open
where provider = any(:providers) and handed_over_at > :since
    and coalesce(ask_at, handed_over_at + cast(:patience as interval)) <= :now
order by handed_over_at limit :most
""")
_TO_FALL_BACK = text(f"""
{_COLUMNS} where s.inputs ? 'later' and s.delivery = 'unreachable' and s.status in ('sent', 'failed')
    and (s.inputs -> 'claim' ->> 'at')::timestamptz > :since
    and coalesce((s.inputs -> 'later' ->> 'until')::timestamptz <= :now, true)
order by s.created_at limit :most
""")
_NOTE = text("update sends set inputs = inputs || :more where id = :id").bindparams(bindparam("more", type_=JSONB))
_FORGET = text("""
update sends set inputs = inputs - text 'later'
where inputs ? 'later' and (inputs -> 'claim' ->> 'at')::timestamptz <= :since
""")
_SEEN = text("insert into seen_callbacks (id, at) values (:id, :at) on conflict (id) do nothing returning id")
_FORGET_SEEN = text("delete from seen_callbacks where at < :since")
_DROP = text("update devices set dropped_at = :at where address = :address and dropped_at is null")
_BY_PHONE = text("select id from customers where phone = :phone and merged_into is null")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A row of the ledger, as its later life needs it. Instants are real time; ``recipient`` is personal data."""

    id: UUID
    run: UUID
    journey: str
    step: str
    occurrence: int
    customer: UUID
    channel: str
    provider: str
    number: str | None
    """The provider's own id."""
    status: str
    delivery: str | None
    recipient: str
    handed_over_at: datetime | None
    asked: int
    later: Mapping[str, Any] | None
    """What the next channel would need; None: there is none, or it is over."""

    def as_row(self) -> dict[str, Any]:
        """By the ledger's own names, as ``core.events.system_events`` reads them."""
        return {
            "id": self.id,
            "run_id": self.run,
            "journey_key": self.journey,
            "step": self.step,
            "occurrence": self.occurrence,
            "channel": self.channel,
        }


@dataclass(frozen=True, slots=True)
class DeliveryUpdate:
    """How a row stands from now on. ``over``: its next channel is not needed, or has had its turn."""

    status: str
    reason: str = ""
    delivery: str | None = None
    number: str | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    counts: bool = True
    over: bool = False
    more: Mapping[str, Any] | None = None


async def is_first_report(db: AsyncConnection, call: str, at: datetime) -> bool:
    """Whether this is told for the first time. ``call`` names it; ``at`` is real time."""
    return (await db.execute(_SEEN, {"id": call, "at": at})).first() is not None


async def find_sent(db: AsyncConnection, provider: str, key: UUID | None, number: str) -> SentMessage | None:
    """The send that a provider speaks of, locked: by our key where it gives it back, else by its own number."""
    found = None
    if key is not None:
        found = (await db.execute(_BY_KEY, {"key": key, "provider": provider})).mappings().one_or_none()
    if found is None and number:
        given = {"provider": provider, "number": number}
        found = (await db.execute(_BY_NUMBER, given)).mappings().one_or_none()
    return None if found is None else _read(found)


async def update_delivery(
    db: AsyncConnection, message: SentMessage, delivery_update: DeliveryUpdate, at: datetime
) -> None:
    """Store a delivery update. ``at``: journey time. The caller commits."""
    values = {
        "id": message.id,
        "status": delivery_update.status,
        "reason": delivery_update.reason,
        "delivery": delivery_update.delivery,
        "number": delivery_update.number,
        "at": at,
        "opened_at": delivery_update.opened_at,
        "clicked_at": delivery_update.clicked_at,
        "counts": delivery_update.counts,
        "over": delivery_update.over,
        "more": dict(delivery_update.more or {}),
    }
    await db.execute(_UPDATE, values)


async def to_be_asked(
    db: AsyncConnection, providers: Collection[str], now: datetime, since: datetime, patience: timedelta, most: int
) -> Sequence[SentMessage]:
    """Messages whose outcome a provider may know, and that are due to be asked for; all instants are real time.

    ``since``: only those handed over after that; ``patience``: how long each is left alone first.
    """
    given = {"providers": list(providers), "now": now, "since": since, "patience": patience, "most": most}
    return [_read(row) for row in (await db.execute(_TO_ASK, given)).mappings()]


async def to_fall_back(db: AsyncConnection, now: datetime, since: datetime, most: int) -> Sequence[SentMessage]:
    """Messages that are known not to have reached anybody, and have channels left. ``now`` is journey time."""
    rows = (await db.execute(_TO_FALL_BACK, {"now": now, "since": since, "most": most})).mappings()
    return [_read(row) for row in rows]


async def note(db: AsyncConnection, send: UUID, more: Mapping[str, Any]) -> None:
    """Lay ``more`` over what the row keeps of its decision."""
    await db.execute(_NOTE, {"id": send, "more": dict(more)})


async def forget(db: AsyncConnection, since: datetime, seen_since: datetime) -> None:
    """What is too old to be followed up, and calls too old to come again. Real time."""
    await db.execute(_FORGET, {"since": since})
    await db.execute(_FORGET_SEEN, {"since": seen_since})


async def drop_devices(db: AsyncConnection, address: str, at: datetime) -> None:
    """Nobody is at this address any more."""
    await db.execute(_DROP, {"address": address, "at": at})


async def customers_at(db: AsyncConnection, phone: str) -> Sequence[UUID]:
    """Who has this telephone number (E.164)."""
    return list((await db.execute(_BY_PHONE, {"phone": phone})).scalars())


def _read(row: Mapping[Any, Any]) -> SentMessage:
    return SentMessage(
        row["id"],
        row["run_id"],
        row["journey_key"],
        row["step"],
        row["occurrence"],
        row["customer_id"],
        row["channel"] or "",
        row["provider"] or "",
        row["provider_message_id"],
        row["status"],
        row["delivery"],
        row["recipient"] or "",
        row["handed_over_at"],
        row["asked"],
        row["later"],
    )
