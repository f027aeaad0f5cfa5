"""Where columns are kept, and that one process writes them at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings
from orchestrator.store.connection_pool import direct

_LOCK = "select pg_advisory_lock(%s)"
_UNLOCK = "select pg_advisory_unlock(%s)"
_WRITING = 0x43_4F_4C_53
"""Advisory lock under which columns are written ("COLS", an arbitrary constant of ours)."""


def columns_folder(settings: Settings) -> Path:
    """The folder of columns: the one that is set, else one in the data folder."""
    return Path(settings.columns_dir) if settings.columns_dir else settings.data_dir / "columns"


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[None]:
    """Nobody else writes columns meanwhile: a round that read the database before somebody was erased must not put its
    files in the place of those without them."""
    async with direct(engine).connection() as db:
        await db.execute(_LOCK, (_WRITING,))
        try:
            yield
        finally:
            await db.execute(_UNLOCK, (_WRITING,))
