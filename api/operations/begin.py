"""How an operation begins, is cancelled and goes on: the same for page, API and command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from api.runs.operate import RunsClient
from orchestrator.core.run.operations import MOST_PER_SECOND, PER_SECOND, Act
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.operations.choice import Choice, freeze, freeze_refused, preview
from orchestrator.store.operations.progress import (
    Freezing,
    NewOperation,
    OperationRow,
    turn_operation,
    write_operation,
)

SLOWEST = 0.1
KEPT = ("reason", "late", "to", "plan", "steps", "version", "journey")
"""What of how an operation was chosen the one knows too that tries its failures again."""
AWAY = (RuntimeError, RPCError, OSError)
"""What is raised while Temporal is away."""


class NobodyChosen(Exception):
    """There is nobody to whom this could be done."""


@dataclass(frozen=True)
class MoreThanSeen(Exception):
    """There are more by now than whoever asks was shown."""

    count: int


@dataclass(frozen=True)
class Order:
    """What somebody wants done. ``expected``: how many they were shown; ``more``: what else the act is to know."""

    act: Act
    choice: Choice
    why: str = ""
    per_second: float = PER_SECOND
    expected: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pace(self) -> float:
        """Within bounds."""
        return min(max(self.per_second, SLOWEST), MOST_PER_SECOND)


async def begin(engine: AsyncEngine, runs: RunsClient, order: Order, by: By) -> UUID:
    """Freeze the list, note who wanted what, and start; the operation's id.

    Raises :class:`NobodyChosen`, :class:`MoreThanSeen`, and one of :data:`AWAY` where Temporal cannot be reached:
    either nothing is there then, or an operation that is cancelled and can be gone on with.
    """
    chosen = await preview(engine, order.act, order.choice)
    if not chosen.count:
        raise NobodyChosen
    if order.expected is not None and chosen.count > order.expected:
        raise MoreThanSeen(chosen.count)
    told = {**order.choice.as_json(), **order.more}
    operation = await _begin(engine, runs, order, by, told, partial(freeze, act=order.act, choice=order.choice))
    if operation is None:
        raise NobodyChosen
    return operation


@dataclass(frozen=True)
class Refused:
    """Entries that a pause has refused since an instant, of a journey or (None) of all."""

    since: datetime
    journey: str | None = None


async def let_in(engine: AsyncEngine, runs: RunsClient, refused: Refused, order: Order, by: By) -> UUID | None:
    """Have them decided again, in the order in which they came; None: there are none. Raises one of :data:`AWAY`."""
    told = {"journey": refused.journey} if refused.journey else {}
    return await _begin(
        engine,
        runs,
        replace(order, act="enter"),
        by,
        told,
        partial(freeze_refused, since=refused.since, journey=refused.journey),
    )


async def begin_list(engine: AsyncEngine, runs: RunsClient, order: Order, freezing: Freezing, by: By) -> UUID | None:
    """Begin an operation on a list of one's own, which ``freezing`` writes down; None: it is empty. Raises one of
    :data:`AWAY`."""
    return await _begin(engine, runs, order, by, order.choice.as_json(), freezing)


async def _begin(
    engine: AsyncEngine, runs: RunsClient, order: Order, by: By, told: Mapping[str, Any], freezing: Freezing
) -> UUID | None:
    """None, and nothing is there, where the list is empty. ``told``: how its items were chosen."""
    client, operation = await runs(), uuid4()
    new = NewOperation(operation, order.act, dict(told), order.why, order.pace, by.who, order.choice.failed_in)
    if not await write_operation(engine, new, freezing, by):
        return None
    await _start(engine, client, operation, order.pace)
    return operation


async def go_on(engine: AsyncEngine, runs: RunsClient, operation: OperationRow, by: By) -> bool:
    """One that was cancelled does the rest of its list; False: it was not cancelled. Raises one of :data:`AWAY`."""
    client = await runs()
    if not await turn(engine, operation, "running", by):
        return False
    await _start(engine, client, operation.id, operation.per_second, broadcast=operation.act == "broadcast")
    return True


async def turn(engine: AsyncEngine, operation: OperationRow, status: str, by: By) -> bool:
    """``cancelled``: it goes no further than what it is at now. False where that changes nothing."""
    what = "operation.cancelled" if status == "cancelled" else "operation.resumed"
    async with engine.begin() as db:
        if not await turn_operation(db, operation.id, status):
            return False
        await record(db, by, Change(what, str(operation.id), {"status": operation.status}, {"status": status}))
    return True


async def retry_failed(engine: AsyncEngine, runs: RunsClient, operation: OperationRow, by: By) -> UUID:
    """The same, for those only for whom it failed. Raises as :func:`begin`."""
    choice = Choice(failed_in=operation.id)
    kept = {name: value for name, value in operation.chosen.items() if name in KEPT}
    order = Order(operation.act, choice, operation.why, operation.per_second, more=kept)
    return await begin(engine, runs, order, by)


async def _start(engine: AsyncEngine, client: Any, operation: UUID, pace: float, *, broadcast: bool = False) -> None:
    try:
        await (client.start_broadcast if broadcast else client.start_operation)(operation, pace)
    except AWAY:
        async with engine.begin() as db:
            await turn_operation(db, operation, "cancelled")
        raise
