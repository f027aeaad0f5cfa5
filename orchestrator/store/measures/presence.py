"""Whether a source has any row at all."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.connection_pool import direct
from orchestrator.store.measures.sources import STATEMENTS, driver_marks, load_order_settings

_ANY: Mapping[str, str] = {name: f"select 1 as found from ({one}) s limit 1" for name, one in STATEMENTS.items()}


async def missing_sources(engine: AsyncEngine, needs: Sequence[str]) -> list[str]:
    """Those of the sources that have no row, in the order asked."""
    given = (await load_order_settings(engine)).parameters
    missing: list[str] = []
    async with direct(engine).connection() as db:
        for name in needs:
            if await (await db.execute(driver_marks(_ANY[name], {}), given)).fetchone() is None:
                missing.append(name)
    return missing
