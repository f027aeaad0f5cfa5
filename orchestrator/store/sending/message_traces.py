"""What receivers did with a message, in the ledger and in their logs: opened it, followed a link of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.events.system_events import MESSAGE_CLICKED, MESSAGE_OPENED, about_send, event_of_send
from orchestrator.store.events.system_events import add_event

_READ = text("""
select s.id, s.run_id, s.journey_key, s.step, s.occurrence, s.channel, coalesce(c.merged_into, c.id) as customer_id,
    s.content -> 'links' as links, s.content ->> 'to' as recipient, s.content ->> 'locale' as locale
from sends s join customers c on c.id = s.customer_id
where s.id = :id
""")
_OPENED = text("update sends set opened_at = :at where id = :id and opened_at is null returning id")
_CLICKED = text("update sends set clicked_at = coalesce(clicked_at, :at) where id = :id")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A send, as the links in it need it."""

    row: dict[str, Any]

    @property
    def id(self) -> UUID:
        """The send's."""
        found: UUID = self.row["id"]
        return found

    @property
    def customer(self) -> UUID:
        """Whose it was, or whom they became."""
        found: UUID = self.row["customer_id"]
        return found

    @property
    def locale(self) -> str | None:
        """The language in which it was written."""
        found: str | None = self.row["locale"]
        return found

    @property
    def recipient(self) -> str:
        """The address it went to."""
        return self.row["recipient"] or ""

    def target(self, n: str) -> str | None:
        """Where its ``n``-th link leads; None where it has no such link."""
        links = self.row["links"]
        if not isinstance(links, list) or not n.isdecimal() or int(n) >= len(links):
            return None
        target = links[int(n)]
        return target if isinstance(target, str) and target.startswith(("http://", "https://")) else None


async def read_sent(db: AsyncConnection, send: UUID) -> SentMessage | None:
    """The send; None where it, or its customer, was erased."""
    row = (await db.execute(_READ, {"id": send})).mappings().one_or_none()
    return None if row is None else SentMessage({str(name): value for name, value in row.items()})


async def mark_opened(db: AsyncConnection, sent: SentMessage, at: datetime) -> bool:
    """The first time only. The caller commits."""
    if (await db.execute(_OPENED, {"id": sent.id, "at": at})).first() is None:
        return False
    message_id = event_of_send(MESSAGE_OPENED, sent.id)
    return await add_event(db, sent.customer, MESSAGE_OPENED, about_send(sent.row), at, message_id)


async def mark_clicked(db: AsyncConnection, sent: SentMessage, n: str, target: str, at: datetime, moment: int) -> bool:
    """Each click, but the same link once in a ``moment`` (real seconds): a double click is one. The caller commits."""
    await db.execute(_CLICKED, {"id": sent.id, "at": at})
    properties = {**about_send(sent.row), "link": int(n), "url": target}
    message_id = event_of_send(MESSAGE_CLICKED, sent.id, f"{n}/{moment}")
    return await add_event(db, sent.customer, MESSAGE_CLICKED, properties, at, message_id)
