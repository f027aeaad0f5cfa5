"""How a broadcast begins, goes on, is taken back and made up for: the same for page and API."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.journeys.entering.by_request import open_journey
from api.operations.begin import AWAY, turn
from api.runs.routes import AGAIN, runs_of
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.broadcasts import FEWEST_PER_MINUTE, MOST_PER_MINUTE, Broadcast
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.core.run.routing import run_key
from orchestrator.core.segments.document import check_condition
from orchestrator.core.steps.message import Sending
from orchestrator.core.timing import REAL_TIME
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.operations.broadcasts.audience import Audience, Way, look_at, name_listed
from orchestrator.store.operations.broadcasts.recall import Ending, recall
from orchestrator.store.operations.broadcasts.turns import ask_again, go_on_with_rest
from orchestrator.store.operations.progress import (
    NewOperation,
    OperationRow,
    add_operation,
    load_operation,
    turn_operation,
)
from orchestrator.store.runs.requests import find_customers
from orchestrator.store.segments.documents import load_segment
from orchestrator.store.workspace import load_clock

PATIENCE = 5.0
"""Seconds that counting an audience may take."""
PER_MINUTE = 600.0


@dataclass(frozen=True)
class NewBroadcast:
    """What is to begin. ``people``: those who are named, of one that goes to a list."""

    broadcast: Broadcast
    why: str = ""
    per_minute: float = PER_MINUTE
    people: Sequence[UUID] = ()

    @property
    def per_second(self) -> float:
        """Within bounds."""
        return min(max(self.per_minute, FEWEST_PER_MINUTE), MOST_PER_MINUTE) / 60


async def check(request: Request, broadcast: Broadcast) -> Plan:
    """The plan of its journey. Raises the problem that says why this cannot be broadcast."""
    live, _ = await open_journey(request, broadcast.journey)
    asked = CustomerEvent("", JOURNEY_REQUESTED, REAL_TIME.real, dict(broadcast.properties))
    if run_key(live.plan, asked) is None:
        raise ApiProblem("broadcast_without_key", "properties", name=live.plan.journey.entry.key or "")
    engine = resources_of(request).engine
    for field, key in (("segment", broadcast.segment), ("without", broadcast.without)):
        if key is not None:
            await _check_segment(engine, field, key)
    if broadcast.condition is not None:
        wrong = next(iter(check_condition(broadcast.condition)), None)
        if wrong is not None:
            raise ApiProblem("invalid_parameter", "condition", reason=wrong.text)
    if broadcast.start_at is not None and broadcast.start_at.tzinfo is None:
        raise ApiProblem("start_without_zone", "start_at")
    return live.plan


async def _check_segment(engine: AsyncEngine, field: str, key: str) -> None:
    found = await load_segment(engine, key)
    if found is None:
        raise ApiProblem("unknown_segment", field, key=key)
    if found.archived_at is not None or found.live_version is None:
        raise ApiProblem("segment_not_ready", field, key=key)


def ways_of(plan: Plan) -> tuple[Way, ...]:
    """By which channels a journey may write, and whether that needs the customer's word."""
    found: dict[str, bool] = {}
    for step in plan.steps.values():
        if isinstance(step, Sending):
            for channel in (step.settings.channel, *step.settings.fallback):
                needs = step.settings.message_class == "advertising"
                found[channel] = found.get(channel, True) and needs
    return tuple(Way(channel, consent) for channel, consent in found.items())


async def preview(request: Request, broadcast: Broadcast, people: Sequence[UUID] = ()) -> Audience:
    """Whom it would be for now; ``people``: those who are named. Raises as :func:`check`."""
    plan, resources = await check(request, broadcast), resources_of(request)
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    return await look_at(resources.engine, broadcast, ways_of(plan), now, PATIENCE, people)


async def launch(request: Request, new: NewBroadcast, by: By) -> UUID:
    """Write it down and start it; its audience is written down when it starts. Raises as :func:`check`, and the
    problem that Temporal is away: then it stands there, paused."""
    await check(request, new.broadcast)
    return await _launch(request, new, by)


async def known_people(request: Request, given: Sequence[str]) -> tuple[list[UUID], list[str]]:
    """Customers by the ids that were given, each once; and the ids that nobody has."""
    found: dict[str, UUID] = {}
    for first in range(0, len(given), 5_000):
        found |= await find_customers(resources_of(request).engine, given[first : first + 5_000])
    return list(dict.fromkeys(found.values())), [one for one in given if one not in found]


async def _launch(request: Request, new: NewBroadcast, by: By) -> UUID:
    engine, operation = resources_of(request).engine, uuid4()
    chosen = new.broadcast.as_json()
    async with engine.begin() as db:
        await add_operation(db, NewOperation(operation, "broadcast", chosen, new.why, new.per_second, by.who))
        if new.broadcast.listed:
            await name_listed(db, operation, new.people)
        told = {**chosen, "per_minute": new.per_second * 60}
        await record(db, by, Change("broadcast.started", str(operation), {}, told, new.why))
    await _start(request, operation, new.per_second)
    return operation


async def pause(request: Request, found: OperationRow, by: By) -> None:
    """It goes no further until it is resumed."""
    if not await turn(resources_of(request).engine, found, "cancelled", by):
        raise ApiProblem("broadcast_not_running")


async def resume(request: Request, found: OperationRow, by: By) -> None:
    """It goes on where it stood."""
    if not await turn(resources_of(request).engine, found, "running", by):
        raise ApiProblem("broadcast_not_paused")
    await _start(request, found.id, found.per_second)


async def go_on(request: Request, found: OperationRow, by: By) -> None:
    """After the first share, everybody else."""
    async with resources_of(request).engine.begin() as db:
        if not await go_on_with_rest(db, found.id):
            raise ApiProblem("broadcast_share_not_done")
        await record(db, by, Change("broadcast.rest", str(found.id), {}, {}))
    await _start(request, found.id, found.per_second)


async def retry(request: Request, found: OperationRow, by: By) -> None:
    """Those whom nobody has decided are asked once more, under the same ids."""
    async with resources_of(request).engine.begin() as db:
        if found.status != "done" or not (count := await ask_again(db, found.id)):
            raise ApiProblem("broadcast_nothing_to_retry")
        await turn_operation(db, found.id, "again")
        await record(db, by, Change("broadcast.retried", str(found.id), {}, {"count": count}))
    await _start(request, found.id, found.per_second)


async def take_back(request: Request, found: OperationRow, why: str, by: By) -> Ending:
    """Nobody enters any more; who has entered and got nothing is to leave, by an operation of its own. What is written
    down stands, though Temporal may be away: that operation can be gone on with later."""
    resources, ending = resources_of(request), uuid4()
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    async with resources.engine.begin() as db:
        done = await recall(db, found.id, ending, now, by, why, PER_SECOND)
    if done is None:
        raise ApiProblem("broadcast_recalled")
    try:
        await (await runs_of(request)()).start_operation(ending, PER_SECOND)
    except AWAY:
        await _stand_still(request, ending)
    return done


async def make_up_for(request: Request, found: OperationRow, new: NewBroadcast, by: By) -> UUID:
    """Another journey for exactly those whom it has reached: a broadcast of its own. Raises as :func:`launch`."""
    if found.status == "running":
        raise ApiProblem("broadcast_still_running")
    broadcast = new.broadcast.model_copy(update={"reached_by": found.id})
    plan = await check(request, broadcast)
    resources = resources_of(request)
    async with resources.sessions() as session:
        now = (await load_clock(session)).now()
    meant = await look_at(resources.engine, broadcast, ways_of(plan), now, PATIENCE)
    if meant.customers == 0:
        raise ApiProblem("broadcast_reached_nobody")
    return await _launch(request, replace(new, broadcast=broadcast), by)


async def known_broadcast(request: Request, identity: UUID) -> OperationRow:
    """The broadcast, or a problem."""
    found = await load_operation(resources_of(request).engine, identity)
    if found is None or found.act != "broadcast":
        raise ApiProblem("unknown_broadcast", "broadcast")
    return found


async def _start(request: Request, operation: UUID, per_second: float) -> None:
    try:
        await (await runs_of(request)()).start_broadcast(operation, per_second)
    except AWAY:
        await _stand_still(request, operation)
        raise ApiProblem("temporal_away", seconds=AGAIN) from None


async def _stand_still(request: Request, operation: UUID) -> None:
    async with resources_of(request).engine.begin() as db:
        await turn_operation(db, operation, "cancelled")
