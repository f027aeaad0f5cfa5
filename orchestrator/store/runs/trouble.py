"""What is wrong with a run, for those who look after it: written where it is noticed, cleared where it is over.

A problem is ``STEP:CAUSE``: the step at which the run stands, and a short code of what went wrong there. It is gone as
soon as the run has left that step (``commits.py`` sees to that), or what failed has succeeded.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

CHAIN = "chain"
"""Cause: journeys set each other off, and an event that the run waited for was cut."""

_SET = text("""
update runs set problem = :problem
where id = :run and finished_at is null and problem is distinct from :problem
""")
_CUT = text("""
update runs set problem = coalesce(step, '') || :cause
where id = any(cast(:runs as uuid[])) and finished_at is null
""")


async def set_problem(engine: AsyncEngine, run: UUID, problem: str | None) -> None:
    """Keep what is wrong with a run (``STEP:CAUSE``), or that nothing is (None). A finished run keeps none."""
    async with engine.begin() as db:
        await db.execute(_SET, {"run": run, "problem": problem})


async def note_cut_chain(engine: AsyncEngine, runs: Sequence[UUID]) -> None:
    """These runs were not told of an event, because journeys set each other off."""
    async with engine.begin() as db:
        await db.execute(_CUT, {"runs": list(runs), "cause": f":{CHAIN}"})
