"""What a back-test is asked of: a draft as a plan, the version that is live, and the workspace as it is now."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.backtest.walk import Backtest
from orchestrator.core.journey.plan import Plan
from orchestrator.core.sending.policies import rules_of
from orchestrator.settings import Settings
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.drafts import load_draft
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.live_plans import percent_of
from orchestrator.store.workspace import clock_of, load_workspace, zone_of


async def backtest_of(
    engine: AsyncEngine, settings: Settings, draft: Plan, days: int, now: datetime | None = None
) -> tuple[Backtest, int | None]:
    """The back-test of a draft over the last days up to now, beside the live version of the journey's key, whose
    number comes with it. A live version that means the same is not walked."""
    async with session_factory(engine)() as session:
        workspace, stored = await load_workspace(session), await load_draft(session, draft.key)
    own = workspace.settings if workspace else {}
    live = None
    if stored is not None and stored.version is not None and stored.plan_hash not in (None, draft.hash):
        live = await Plans(engine).get(str(stored.plan_hash))
    asked = Backtest(
        draft,
        live,
        now or clock_of(workspace).now(),
        days,
        zone_of(workspace, settings),
        rules_of(own.get("sending")),
        percent_of(own.get("holdout")),
    )
    return asked, None if stored is None else stored.version
