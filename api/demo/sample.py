"""Taking the demo shop's data out again: its runs are ended in Temporal, then its rows go."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.demo.customers import CUSTOMERS, JOURNEYS, SHOP
from api.runs.connection import RunsConnection
from orchestrator.journey_gallery.pools import POOLS
from orchestrator.store.demo.sample_data import (
    Sample,
    SampleContents,
    keep_away,
    load_contents,
    open_workflows,
    remove_sample,
)
from workflows.client import Runs

log = structlog.get_logger()

SAMPLE = Sample(
    ids=tuple(f"demo-{number:03d}" for number in range(CUSTOMERS)),
    journeys=JOURNEYS,
    pools=tuple(POOLS),
    maker="SOJOURN_ADMIN_TOKEN",
    stocker="demo",
    settings=SHOP,
)
"""All that ``api.demo.customers`` brings along."""
LAST_CALLS = 3.0
"""Seconds after which the demo has noticed that it is to stay away, and its last calls have been stored."""
MOST_AT_ONCE = 20
REASON = "sample data removed"


async def remove(
    engine: AsyncEngine, connection: RunsConnection, by: str, *, last_calls: float = LAST_CALLS
) -> SampleContents:
    """Removes it; what went. Raises ``RuntimeError`` or ``RPCError`` while Temporal is away: then nothing is deleted,
    and the demo stays away all the same."""
    runs = await connection()
    await keep_away(engine)
    await asyncio.sleep(last_calls)
    # Twice: a run that was about to start when the first were ended.
    for _ in range(2):
        contents = await load_contents(engine, SAMPLE)
        await _end(runs, await open_workflows(engine, contents))
    gone = await remove_sample(engine, SAMPLE)
    log.info("sample data removed", by=by, customers=len(gone.customers), runs=gone.runs, journeys=len(gone.journeys))
    return gone


async def _end(runs: Runs, workflows: Sequence[str]) -> None:
    for start in range(0, len(workflows), MOST_AT_ONCE):
        some = workflows[start : start + MOST_AT_ONCE]
        await asyncio.gather(*(runs.terminate(workflow, REASON) for workflow in some))
