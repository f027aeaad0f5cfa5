"""Plans by content hash: written once, read once per process."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.journey.plan import Plan, load_plan

_LOAD = text("select body from plans where hash = :hash")
_FIND = text("select hash, body from plans where hash = any(cast(:hashes as text[]))")
_SAVE = text(
    "insert into plans (hash, body, created_at) values (:hash, :body, coalesce(:now, now())) on conflict do nothing"
).bindparams(bindparam("body", type_=LargeBinary))


class Plans:
    """The stored plans; what was read stays in memory, for a plan never changes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: dict[str, Plan] = {}

    async def get(self, digest: str) -> Plan:
        """The plan of a hash. Raises :class:`LookupError` for one that was never stored."""
        if digest not in self._known:
            self._known[digest] = load_plan(await self.load(digest))
        return self._known[digest]

    async def find(self, digests: Iterable[str]) -> dict[str, Plan]:
        """The plans of these hashes, by hash; those that were never stored are left out. One question at most."""
        wanted = set(digests)
        unread = wanted - self._known.keys()
        if unread:
            async with self._engine.connect() as db:
                rows = (await db.execute(_FIND, {"hashes": sorted(unread)})).all()
            self._known |= {digest: load_plan(bytes(body)) for digest, body in rows}
        return {digest: self._known[digest] for digest in wanted & self._known.keys()}

    async def load(self, digest: str) -> bytes:
        """Its bytes."""
        async with self._engine.connect() as db:
            body = (await db.execute(_LOAD, {"hash": digest})).scalar_one_or_none()
        if body is None:
            raise LookupError(f"no plan {digest}")
        return bytes(body)

    async def save(self, digest: str, body: bytes, now: datetime | None = None) -> None:
        """Keep a plan; keeping it again changes nothing."""
        async with self._engine.begin() as db:
            await db.execute(_SAVE, {"hash": digest, "body": body, "now": now})
