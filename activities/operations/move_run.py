"""One run is moved: to another step, or to where a version of its journey has a place for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.operations.act_on_run import Runs
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.step_mapping import StepMapping, from_json
from orchestrator.core.run.operations import Answer
from orchestrator.core.run.placing import Move
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.moves import load_properties, was_moved
from orchestrator.store.runs.trouble import StandingRun
from orchestrator.store.workspace import read_clock


class MovedRuns(Runs, Protocol):
    """Speaks to runs on Temporal, also of moves; False where it does not know them."""

    async def move(self, workflow_id: str, move: Move, plan: Plan) -> bool:
        """Have it stand somewhere else."""


@dataclass(frozen=True)
class MoveOrder:
    """What an operation moves: runs of ``version``, to ``to`` with the plan of this hash."""

    operation: UUID
    version: int
    to: int
    plan_hash: str
    steps: StepMapping

    @classmethod
    def of(cls, operation: UUID, chosen: Mapping[str, Any]) -> "MoveOrder":
        """As the operation keeps it."""
        return cls(operation, chosen["version"], chosen["to"], chosen["plan"], from_json(chosen["steps"]))


async def move_run(
    engine: AsyncEngine, plans: Plans, runs: MovedRuns, run: StandingRun, order: MoveOrder, *, tried: bool
) -> Answer:
    """Tell a run that is not over. ``tried``: it may have been told already. Raises ``RPCError`` while Temporal is
    away, ``LookupError`` for a plan that is not there."""
    if tried and await was_moved(engine, run.id, order.operation):
        return "moved"
    if run.version != order.version or (order.version == order.to and run.step not in order.steps):
        return "moved_on"
    plan, before = await plans.get(order.plan_hash), await plans.get(run.plan_hash)
    async with engine.connect() as db:
        now = (await read_clock(db)).now()
    entry = await _unseen(engine, run, before, plan)
    move = Move(str(order.operation), order.to, now, order.steps, entry)
    return "asked" if await runs.move(run.workflow_id, move, plan) else "gone"


async def _unseen(engine: AsyncEngine, run: StandingRun, before: Plan, plan: Plan) -> dict[str, Any]:
    """Of the entry event a run knows only what its plan looks at."""
    names = plan.mentioned - before.mentioned
    if not names or run.entry is None:
        return {}
    return {name: value for name, value in (await load_properties(engine, run.entry)).items() if name in names}
