"""A person is erased: their runs end and their histories go, then their rows, then what is counted of them in Redis."""

from uuid import UUID, uuid4

import structlog
from temporalio.service import RPCError

from api.erasures.follow_up import PAUSE, ErasureFollowUp
from api.http.problems import ApiProblem
from api.http.resources import Resources
from api.runs.connection import RunsConnection
from orchestrator.store.audit.chain import By
from orchestrator.store.erasures import erase
from orchestrator.store.erasures.everything import whole_person
from orchestrator.store.erasures.receipts import (
    Pending,
    Receipt,
    begin_erasure,
    count_erased,
    finish_erasure,
    load_receipt,
    unfinished_erasures,
)
from orchestrator.store.imports.progress import forget_files
from orchestrator.store.measures.columns.export import write_again
from orchestrator.store.measures.columns.place import columns_folder
from orchestrator.store.sending.frequency import CountsUnavailable, forget_counts
from orchestrator.store.workspace import load_clock
from workflows.client import Runs

log = structlog.get_logger(__name__)
REASON = "customer erased"
TEMPORAL_AWAY = (RuntimeError, RPCError, OSError)


class Erasing:
    """The erasures of one process of the API."""

    def __init__(self, resources: Resources, connection: RunsConnection, pause: float = PAUSE) -> None:
        self._resources, self._connection = resources, connection
        self._follow_up = ErasureFollowUp(self.finish, pause)

    async def erase(self, customer: UUID, why: str, by: By) -> Receipt:
        """Erase a person; the receipt, which is ``running`` until Temporal has deleted the histories.

        While Temporal is away nothing is done (``temporal_away``): a run that goes on would bring back what is gone.
        """
        runs, engine = await self._runs(), self._resources.engine
        async with engine.connect() as db:
            who = await whole_person(db, customer)
            known = await erase.runs_of(db, who)
            values = await erase.identifiers_of(db, who)
        if not who:
            raise ApiProblem("unknown_customer", "customer")
        pending = Pending(who, list(known), sorted(set(known.values())), uuid4())
        receipt = await begin_erasure(engine, customer, pending, why, by)
        await forget_files(engine, values)
        await self._carry_out(runs, receipt)
        if not await self.finish(receipt.id):
            self._follow_up.begin(receipt.id)
        return await self.receipt(receipt.id)

    async def go_on(self, identity: UUID) -> Receipt:
        """Once more, of one that is not finished."""
        receipt = await self.receipt(identity)
        if receipt.status != "done":
            await self._carry_out(await self._runs(), receipt)
            if not await self.finish(identity):
                self._follow_up.begin(identity)
        return await self.receipt(identity)

    async def finish(self, identity: UUID) -> bool:
        """Whether nothing of them is left, so that it is finished; what was written meanwhile goes as well."""
        receipt = await self.receipt(identity)
        if receipt.status == "done":
            return True
        pending, runs = Pending.of(receipt.pending), await self._runs()
        if await runs.forget([str(one) for one in pending.customers], pending.workflows, REASON):
            return False
        await self._erase_rows(receipt.id, pending)
        folder = columns_folder(self._resources.settings)
        await write_again(self._resources.engine, folder, [*pending.customers, pending.nobody])
        await finish_erasure(self._resources.engine, identity)
        return True

    async def receipt(self, identity: UUID) -> Receipt:
        """One; raises the problem ``unknown_receipt``."""
        found = await load_receipt(self._resources.engine, identity)
        if found is None:
            raise ApiProblem("unknown_receipt", "id")
        return found

    async def resume(self) -> None:
        """Look after what a process that ended did not finish."""
        for identity in await unfinished_erasures(self._resources.engine):
            self._follow_up.begin(identity)

    async def close(self) -> None:
        """Leave off."""
        await self._follow_up.close()

    async def _runs(self) -> Runs:
        try:
            return await self._connection()
        except TEMPORAL_AWAY:
            raise ApiProblem("temporal_away") from None

    async def _carry_out(self, runs: Runs, receipt: Receipt) -> None:
        pending = Pending.of(receipt.pending)
        try:
            await runs.forget([str(one) for one in pending.customers], pending.workflows, REASON)
        except TEMPORAL_AWAY:
            raise ApiProblem("temporal_away") from None
        await self._erase_rows(receipt.id, pending)
        try:
            for one in pending.customers:
                await forget_counts(self._resources.redis, one)
        except CountsUnavailable as error:  # they run out by themselves
            log.warning("counts of an erased customer stay in Redis", receipt=str(receipt.id), problem=str(error))

    async def _erase_rows(self, identity: UUID, pending: Pending) -> None:
        async with self._resources.sessions() as session:
            now = (await load_clock(session)).now()
        async with self._resources.engine.begin() as db:
            counts = await erase.erase_person(db, pending.customers, runs=pending.runs, nobody=pending.nobody, at=now)
            await count_erased(db, identity, counts)
