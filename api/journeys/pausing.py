"""A journey paused, resumed and brought to its end by its own addresses."""

from typing import Literal

from fastapi import Request

from api.http.access import actor_of, by_of
from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.operations.begin import AWAY
from api.operations.resuming import Resumption, resume
from api.runs.routes import AGAIN, runs_of
from orchestrator.store.operations.pauses import NothingToPause, pause


async def turn_journey(request: Request, key: str, status: Literal["live", "paused"]) -> None:
    """Pause a journey that was published, or let its customers go on. Raises the problem ``temporal_away``,
    and ``journey_not_now`` of one that is closed."""
    resources, by, what = resources_of(request), by_of(actor_of(request)), f"journey:{key}"
    try:
        if status == "paused":
            async with resources.sessions.begin() as session:
                await pause(session, what, by)
            return
        await resume(resources.engine, runs_of(request), Resumption(what, enter=False), by)
    except NothingToPause:
        raise ApiProblem("journey_not_now", "status", status="closed, archived") from None
    except AWAY:
        raise ApiProblem("temporal_away", seconds=AGAIN) from None
