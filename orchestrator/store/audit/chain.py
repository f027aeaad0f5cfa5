"""The audit log is a chain: each entry bears a hash of itself and of the entry before.

Whoever changes, drops or slips in an entry afterwards breaks the chain at that place, and :func:`first_broken` says
where. Somebody who rewrites everything that follows is found by whoever kept an earlier hash (an export has them).
Writers wait for one another until their transactions end, so that the order of the chain is that of the changes.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

LOCK = 0x41_55_44_54
START = "0" * 64
"""What the first entry is chained to."""
MOST_WHY = 500
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(:lock)")
_LAST = text("select seq, hash from audit_log order by seq desc limit 1")
_ADD = text("""
insert into audit_log (seq, id, at, who, account_id, via, what, subject, before, after, why, hash)
values (:seq, :id, :at, :who, :account, :via, :what, :subject, cast(:before as jsonb), cast(:after as jsonb), :why,
    :hash)
""")
_CHUNK = text("""
select seq, id, at, who, account_id, via, what, subject, before, after, why, hash from audit_log
where seq > :after order by seq limit 1000
""")


@dataclass(frozen=True)
class By:
    """Who changes something. ``via``: ``session``, ``token``, ``setting``, ``local``, ``command`` or
    ``system``."""

    who: str
    via: str
    account: UUID | None = None


COMMAND = By("command line", "command")
"""Whoever has the server's own command line."""
SYSTEM = By("Sojourn", "system")
"""What is done without anybody's word: a step that is paused for a fault, a journey for complaints."""


@dataclass(frozen=True)
class Change:
    """One change. ``what``: a name such as ``journey.published``; ``subject``: of what, as people name it."""

    what: str
    subject: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


async def record(db: AsyncConnection | AsyncSession, by: By, change: Change) -> None:
    """Adds an entry in the transaction of the change itself: either both are there, or neither. The caller commits."""
    await db.execute(_ONE_AT_A_TIME, {"lock": LOCK})
    last = (await db.execute(_LAST)).one_or_none()
    seq, before = (last.seq, last.hash) if last else (0, START)
    entry = {
        "seq": seq + 1,
        "id": uuid4(),
        "at": datetime.now(UTC),
        "who": by.who,
        "account": by.account,
        "via": by.via,
        "what": change.what,
        "subject": change.subject,
        "before": dict(change.before),
        "after": dict(change.after),
        "why": change.why[:MOST_WHY],
    }
    encoded = {name: orjson.dumps(entry[name]).decode() for name in ("before", "after")}
    await db.execute(_ADD, {**entry, **encoded, "hash": chained(before, entry)})


async def record_alone(engine: AsyncEngine, by: By, change: Change) -> None:
    """Adds an entry of a change that is made elsewhere, in a transaction of its own."""
    async with engine.begin() as db:
        await record(db, by, change)


def chained(before: str, entry: Mapping[str, Any]) -> str:
    """The hash of an entry, given that of the one before."""
    told = {
        **entry,
        "id": str(entry["id"]),
        "at": entry["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        "account": str(entry["account"]) if entry["account"] else None,
    }
    # As PostgreSQL keeps it: a number's spelling is not the writer's, its keys are in no order of theirs.
    body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(before.encode() + body).hexdigest()


async def first_broken(engine: AsyncEngine) -> int | None:
    """Number of the first entry that is not as it was written, or whose predecessor is missing; None: all hold."""
    before, last = START, 0
    async for row in whole_chain(engine):
        entry = {**row, "account": row["account_id"]}
        del entry["account_id"], entry["hash"]
        if row["seq"] != last + 1 or chained(before, entry) != row["hash"]:
            return last + 1
        before, last = row["hash"], row["seq"]
    return None


async def whole_chain(engine: AsyncEngine) -> AsyncIterator[RowMapping]:
    """Every entry by its columns, in order. Between a thousand and the next no connection is held: whoever reads may be
    slow."""
    last = 0
    while True:
        async with engine.connect() as db:
            rows = (await db.execute(_CHUNK, {"after": last})).mappings().all()
        if not rows:
            return
        for row in rows:
            yield row
        last = rows[-1]["seq"]
