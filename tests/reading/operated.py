"""What operators did in the workspace of :mod:`tests.reading.world`: everything is paused, an operation runs."""

from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import session_factory
from orchestrator.store.operations.broadcasts.audience import prepare
from orchestrator.store.operations.choice import Choice, freeze
from orchestrator.store.operations.pauses import pause
from orchestrator.store.operations.progress import NewOperation, add_operation, set_total
from tests.reading import world


async def fill(engine: AsyncEngine) -> None:
    mina, operation = By("Mina", "session"), uuid5(world.SPACE, "operation")
    async with session_factory(engine)() as session, session.begin():
        await pause(session, "everything", mina)
    async with engine.begin() as db:
        await add_operation(db, NewOperation(operation, "end", {"journey": "zq-lifecycle"}, "", 20, "Mina"))
        await set_total(db, operation, await freeze(db, operation, "end", Choice()))
        broadcast = uuid5(world.SPACE, "broadcast")
        chosen = {"journey": "zq-lifecycle", "segment": world.SEGMENT, "time_of_day": "09:00:00", "share": 10}
        await add_operation(db, NewOperation(broadcast, "broadcast", chosen, "", 10, "Mina"))
        await prepare(db, broadcast, world.NOW)
        await record(db, mina, Change("operation.started", str(operation), {}, {"act": "end", "count": 3}))
        await record(db, mina, Change("journey.published", "zq-lifecycle", {"version": 1}, {"version": 2}))
        await record(db, mina, Change("run.retry", str(operation), {"problem": "zq:Temporary"}, {"answer": "asked"}))
