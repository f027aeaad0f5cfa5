"""The templates that sends use, as they are at the moment: read once, and looked at again when a second has gone by."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument

FRESH = 1.0
"""Seconds for which a template counts as known: so soon a change of it reaches every send of every worker."""

_REVISION = text("select live_revision from templates where key = :key and archived_at is null")
_DOCUMENT = text("select document from template_revisions where template_key = :key and revision = :revision")


@dataclass(slots=True)
class _Known:
    template: LiveTemplate | None
    until: float


class TemplateSource:
    """One for a process. A check that it is unchanged reads one number; the document is read when that has changed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: dict[str, _Known] = {}
        self._lock = asyncio.Lock()

    def is_fresh(self, key: str) -> bool:
        """Whether it was looked at within the last second."""
        known = self._known.get(key)
        return known is not None and time.monotonic() < known.until

    def get(self, key: str) -> LiveTemplate:
        """The template as it was learned last. Raises ``LookupError`` where it is missing, archived or not in use."""
        known = self._known.get(key)
        if known is None or known.template is None:
            raise LookupError(f"template {key} is not in use")
        return known.template

    async def learn(self, key: str) -> None:
        """Looks at it again, unless somebody just did."""
        async with self._lock:
            if self.is_fresh(key):
                return
            before = self._known.get(key)
            async with self._engine.connect() as db:
                found = await load_live(db, key, before.template if before else None)
            self._known[key] = _Known(found, time.monotonic() + FRESH)


async def load_live(db: AsyncConnection, key: str, known: LiveTemplate | None = None) -> LiveTemplate | None:
    """What messages of this template say now; ``known`` itself where that has not changed; None: not in use."""
    revision = (await db.execute(_REVISION, {"key": key})).scalar_one_or_none()
    if revision is None:
        return None
    if known is not None and known.revision == revision:
        return known
    document = (await db.execute(_DOCUMENT, {"key": key, "revision": revision})).scalar_one_or_none()
    try:
        return LiveTemplate(key, revision, TemplateDocument.model_validate(document))
    except ValidationError:
        return None


async def load_named(db: AsyncConnection, keys: Iterable[str]) -> dict[str, LiveTemplate]:
    """Those of these templates that are in use."""
    found = {key: await load_live(db, key) for key in keys}
    return {key: template for key, template in found.items() if template is not None}
