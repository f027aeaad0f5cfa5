"""Messages that wait on the shop's pages: whose they are, which wait, and what their customer did with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.events.system_events import (
    MESSAGE_CLICKED,
    MESSAGE_CLOSED,
    MESSAGE_SEEN,
    about_send,
    event_of_send,
)
from orchestrator.store.events.system_events import add_event
from orchestrator.store.sending.message_traces import read_sent

OnSiteAction = Literal["seen", "clicked", "closed"]
MOST = 5
"""Messages that are given out at once, oldest first."""

_WHOSE = text("""
select c.id, c.external_id
from identities i
join customers was on was.id = i.customer_id
join customers c on c.id = coalesce(was.merged_into, was.id)
where i.kind = :kind and i.value = :value
""")
_WAITING = text("""
select id, content from in_app_messages
where customer_id = :customer and closed_at is null and at <= :now and (expires_at is null or expires_at > :now)
order by at, id limit :most
""")
_DONE: Mapping[OnSiteAction, Any] = {
    "seen": text("""
update in_app_messages set seen_at = :now
where id = :id and customer_id = :customer and seen_at is null returning id
"""),
    # Who has clicked is done with it.
    "clicked": text("""
update in_app_messages set clicked_at = :now, seen_at = coalesce(seen_at, :now), closed_at = coalesce(closed_at, :now)
where id = :id and customer_id = :customer and clicked_at is null returning id
"""),
    "closed": text("""
update in_app_messages set closed_at = :now
where id = :id and customer_id = :customer and closed_at is null returning id
"""),
}
_EVENTS: Mapping[OnSiteAction, str] = {"seen": MESSAGE_SEEN, "clicked": MESSAGE_CLICKED, "closed": MESSAGE_CLOSED}
_MARKED: Mapping[OnSiteAction, Any] = {
    "seen": text("update sends set opened_at = coalesce(opened_at, :now) where id = :id"),
    "clicked": text("update sends set clicked_at = coalesce(clicked_at, :now) where id = :id"),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """The customer behind a browser. ``user``: the shop's own id of them, if they are known."""

    customer: UUID
    user: str | None


async def find_visitor(db: AsyncConnection, *, user: str | None, anonymous: str | None) -> Visitor | None:
    """Whom an identity means; None where nobody is known by it yet."""
    kind, value = ("user", user) if user is not None else ("anonymous", anonymous or "")
    found = (await db.execute(_WHOSE, {"kind": kind, "value": value})).one_or_none()
    return Visitor(found[0], found[1]) if found else None


async def waiting_messages(db: AsyncConnection, customer: UUID, now: datetime) -> list[dict[str, Any]]:
    """What is to be shown: ``id`` and the content that ``activities.channels.providers.in_app`` kept."""
    rows = await db.execute(_WAITING, {"customer": customer, "now": now, "most": MOST})
    return [{"id": str(row.id), **row.content} for row in rows]


async def record_action(
    db: AsyncConnection, customer: UUID, message: UUID, deed: OnSiteAction, now: datetime, url: str = ""
) -> bool:
    """Write down what a customer did with a message of theirs: the first time, with an event.

    ``url``: where a click led; empty where a link of ours counts the click by itself. The caller commits.
    """
    given = {"id": message, "customer": customer, "now": now}
    if (await db.execute(_DONE[deed], given)).first() is None:
        return False
    if deed in _MARKED:
        await db.execute(_MARKED[deed], {"id": message, "now": now})
    sent = await read_sent(db, message)
    if sent is None or (deed == "clicked" and not url):
        return True
    properties = about_send(sent.row)
    if deed == "clicked":
        properties |= {"link": 0, "url": url}
    name = _EVENTS[deed]
    await add_event(db, customer, name, properties, now, event_of_send(name, message, "page"))
    return True
