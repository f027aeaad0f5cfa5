"""Starting, signalling and ejecting runs: the only place that speaks to Temporal about them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.placing import Move
from orchestrator.core.text import in_locale
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.core.zone_settings import DEFAULT_ZONE
from workflows.activity_options import priority
from workflows.operations import start_operation
from workflows.run_input import NEWEST, RunInput, dump_event, dump_input
from workflows.shown import CUSTOMER, PROBLEM, STAGE, STEP, VERSION
from workflows.signals import EJECT, MERGED, MOVE, RELEASE, RETRY, SKIP

log = structlog.get_logger()

JOURNEY = SearchAttributeKey.for_keyword("SojournJourney")
SEARCH_ATTRIBUTES = (JOURNEY, VERSION, CUSTOMER, STAGE, STEP, PROBLEM)
"""What operators can filter runs by. Opaque ids and keys only."""
EXTERNAL_ID = "externalId"
"""Name in the memo under which the shop's own id of the customer stands, where the workspace wants that."""
_PERSONAL = re.compile(r".*@.*|(\+|0|82)[\d ()./-]{8,}")
"""Ids that are an e-mail address or look like a phone number."""


@dataclass(frozen=True)
class StillClosing(Exception):
    """An earlier run under the same id is committed as over, but Temporal has not closed it yet. Try again shortly."""

    temporal_run_id: str


@dataclass(frozen=True)
class Runs:
    """Runs on a Temporal server. ``calls`` counts what was asked of it, by kind."""

    client: Client
    task_queue: str
    calls: dict[str, int]
    locale: str = "ko"
    """Of what people read in the Temporal UI."""
    shows_step: bool = False
    """Whether the namespace knows ``SojournStep``: a run that sets an unknown attribute could not go on."""

    async def start(
        self,
        workflow_id: str,
        plan: Plan,
        version: int,
        customer_id: str,
        entry: CustomerEvent,
        *,
        zone: str = DEFAULT_ZONE,
        stage: str | None = None,
        clock: Clock = REAL_TIME,
        closed: frozenset[str] = frozenset(),
        external_id: str | None = None,
    ) -> bool:
        """Start a run; False where it runs already, so that starting twice does no harm.

        Args:
            closed: Temporal run ids that ended earlier runs under this workflow id.
            external_id: the shop's own id of the customer, to be shown to operators; left out where it looks like an
                e-mail address or a phone number.

        Raises:
            StillClosing: one of them is still there.
        """
        seen = _only_mentioned(entry, plan)
        given = RunInput(seen, zone, stage, clock, version=NEWEST, hides_step=not self.shows_step)
        attributes: list[SearchAttributePair[Any]] = [
            SearchAttributePair(JOURNEY, plan.key),
            SearchAttributePair(VERSION, version),
            SearchAttributePair(CUSTOMER, customer_id),
        ]
        first = plan.stage(plan.first)
        if first is not None:
            attributes.append(SearchAttributePair(STAGE, first))
        if self.shows_step:
            attributes.append(SearchAttributePair(STEP, plan.first))
        self._count("start")
        try:
            await self.client.start_workflow(
                plan.key,
                args=[plan, dump_input(given)],
                id=workflow_id,
                task_queue=self.task_queue,
                priority=priority(plan.is_urgent, plan.key),
                search_attributes=TypedSearchAttributes(attributes),
                static_summary=f"{in_locale(plan.journey.name, self.locale, plan.key)} · v{version}",
                memo={EXTERNAL_ID: external_id} if external_id and not _PERSONAL.fullmatch(external_id) else None,
            )
        except WorkflowAlreadyStartedError as running:
            if running.run_id in closed:
                raise StillClosing(running.run_id or "") from running
            return False
        return True

    async def signal(self, workflow_id: str, customer_event: CustomerEvent, plan: Plan | None = None) -> bool:
        """Tell a run of an event; False where it is over by now. Properties that ``plan`` ignores stay behind."""
        self._count("signal")
        data = dump_event(customer_event, plan.mentioned if plan else None)
        return await self._signal(workflow_id, customer_event.name, data)

    async def eject(self, workflow_id: str, reason: str) -> bool:
        """End a run now; False where it is over already."""
        self._count("signal")
        return await self._signal(workflow_id, EJECT, reason)

    async def change_customer(self, workflow_id: str, customer: UUID, at: datetime) -> bool:
        """Tell a run whose it is since its customer was merged, at the journey's instant; False where it is over."""
        self._count("signal")
        told = CustomerEvent(f"{MERGED}:{customer}", MERGED, at, {"customer": str(customer)})
        return await self._signal(workflow_id, MERGED, dump_event(told, None))

    async def execution(self, workflow_id: str) -> str | None:
        """Temporal's run id of the execution that is under way, or was last; None where Temporal knows none."""
        try:
            return (await self.client.get_workflow_handle(workflow_id).describe()).run_id
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def retry(self, workflow_id: str) -> bool:
        """Try again now what failed; False where the run is over."""
        self._count("signal")
        return await self._signal(workflow_id, RETRY, None)

    async def skip(self, workflow_id: str) -> bool:
        """Give up the message that keeps failing; False where the run is over."""
        self._count("signal")
        return await self._signal(workflow_id, SKIP, None)

    async def release(self, workflow_id: str, late: str) -> bool:
        """A parked run goes on; ``late``: ``now`` or ``skip``. False where it is over."""
        self._count("signal")
        return await self._signal(workflow_id, RELEASE, late)

    async def move(self, workflow_id: str, move: Move, plan: Plan) -> bool:
        """Have a run go on at another step, by this plan; False where it is over."""
        self._count("signal")
        return await self._signal(workflow_id, MOVE, move.as_json(), plan)

    async def start_operation(self, operation: UUID, per_second: float) -> None:
        """Begin an operation on many, or have it look again where it is under way."""
        self._count("operation")
        await start_operation(self.client, self.task_queue, str(operation), per_second)

    async def start_broadcast(self, operation: UUID, per_second: float) -> None:
        """Begin a broadcast, or have it look again where it is under way."""
        self._count("operation")
        await start_operation(self.client, self.task_queue, str(operation), per_second, broadcast=True)

    async def terminate(self, workflow_id: str, reason: str) -> bool:
        """End a run whatever it is doing, and though no worker may be there; False where it is over already."""
        self._count("terminate")
        try:
            await self.client.get_workflow_handle(workflow_id).terminate(reason=reason)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def forget(self, customers: Sequence[str], workflow_ids: Sequence[str], reason: str) -> int:
        """End whatever runs there are of these customers, and have their histories deleted; how many were still there.

        What was asked of is deleted within moments: 0 is answered when nothing is left. ``workflow_ids`` are looked up
        one by one as well, for the list of executions may be a moment behind.
        """
        self._count("forget")
        found: set[tuple[str, str]] = set()
        for customer in customers:
            async for one in self.client.list_workflows(f'SojournCustomer = "{UUID(customer)}"'):
                found.add((one.id, one.run_id))
        for workflow_id in workflow_ids:
            run_id = await self._latest(workflow_id)
            if run_id is not None:
                found.add((workflow_id, run_id))
        for workflow_id, run_id in sorted(found):
            await self._delete(workflow_id, run_id, reason)
        return len(found)

    async def _latest(self, workflow_id: str) -> str | None:
        try:
            return (await self.client.get_workflow_handle(workflow_id).describe()).run_id
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _delete(self, workflow_id: str, run_id: str, reason: str) -> None:
        execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        asked = DeleteWorkflowExecutionRequest(namespace=self.client.namespace, workflow_execution=execution)
        for step in (
            lambda: self.client.get_workflow_handle(workflow_id, run_id=run_id).terminate(reason=reason),
            lambda: self.client.workflow_service.delete_workflow_execution(asked),
        ):
            try:
                await step()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:  # over already, or gone already
                    raise

    async def _signal(self, workflow_id: str, name: str, *arguments: Any) -> bool:
        try:
            await self.client.get_workflow_handle(workflow_id).signal(name, args=arguments)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    def _count(self, kind: str) -> None:
        self.calls[kind] = self.calls.get(kind, 0) + 1


async def shows_step(client: Client) -> bool:
    """Whether the namespace has the search attribute of the step; False also where it cannot be asked."""
    try:
        found = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        log.info("search attributes cannot be listed: steps are not shown in Temporal", status=str(error.status))
        return False
    return STEP.name in found.custom_attributes


def _only_mentioned(customer_event: CustomerEvent, plan: Plan) -> CustomerEvent:
    properties = {name: value for name, value in customer_event.properties.items() if name in plan.mentioned}
    return CustomerEvent(customer_event.message_id, customer_event.name, customer_event.occurred_at, properties)
