"""A real clickstream through both doors: the simulator, and HTTP, PostgreSQL and Temporal.

``python -m bench.clickstream FILE.csv.gz [--customers 60] [--skip-http]``

First the whole file goes over HTTP in batches of 100, twice over, to the real processes; what is stored is counted, and
the calls of Temporal beside it. Then some of its customers live on a server whose time can be skipped, along the file's
own line of time, and their traces, sends and exits are held against the simulator's. A customer whose simulated life
changes when runs act some seconds late (the file's clock has seconds) has no one answer, and is passed over; how many
there are is said.
"""

import argparse
import asyncio
import copy
import json
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx2
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.runs.commit import RunActivities
from activities.sending.deliver import delivery_from
from bench.servers import ROOT, Servers, python_process, servers
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import NAMESPACE
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from orchestrator.files.events import read_log, read_mapping
from orchestrator.router.counts import RoutingCounts
from orchestrator.settings import Settings
from orchestrator.stack.ports import reserve_port
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits
from orchestrator.store.workspace import ensure_workspace, set_sender
from tests.workflows.live import LiveCustomer, publish, skipping
from workflows.connection import connect
from workflows.worker import journey_worker

EXAMPLES = ("lifecycle", "cart-recovery", "birthday")
CONSENTS = {"email": True, "sms": True, "push": True, "sms:night": True, "push:night": True}
AFTERWARDS = timedelta(days=30)
AT_ONCE = 20
LAGS = (1, 4, 12)
Logs = Mapping[str, Sequence[CustomerEvent]]


def plans_of_examples() -> tuple[Plan, ...]:
    """The example journeys, compiled."""
    found = []
    for name in EXAMPLES:
        result = compile_journey(yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text()))
        if result.plan is None:
            raise SystemExit(f"{name}: {result.errors}")
        found.append(result.plan)
    return tuple(found)


# --- the HTTP door --------------------------------------------------------------------------------------------------


def batches(logs: Logs, size: int = 100) -> Iterator[dict[str, Any]]:
    """The file as ``/v1/batch`` calls, in the order of time."""
    items = sorted(
        ((one.occurred_at, user, one) for user, events in logs.items() for one in events),
        key=lambda item: (item[0], item[2].message_id),
    )
    calls = [
        {
            "type": "track",
            "userId": user,
            "event": one.name,
            "messageId": one.message_id,
            "timestamp": at.isoformat(),
            "properties": dict(one.properties),
        }
        for at, user, one in items
    ]
    for start in range(0, len(calls), size):
        yield {"batch": calls[start : start + size]}


def identities(logs: Logs) -> dict[str, Any]:
    """One identify call for each customer."""
    people = [
        {
            "type": "identify",
            "userId": user,
            "messageId": f"identify-{user}",
            "timestamp": events[0].occurred_at.isoformat(),
        }
        | {"traits": {"email": f"{user}@example.com", "consents": CONSENTS}}
        for user, events in logs.items()
    ]
    return {"batch": people}


async def through_http(run: Servers, logs: Logs) -> dict[str, Any]:
    """Send the file twice; what was stored, and what it cost on Temporal."""
    port = reserve_port()
    environment = run.environment(port=str(port), log_level="info")
    with ExitStack() as stack:
        for name, says in (("worker", "worker ready"), ("router", "router ready"), ("api", "")):
            stack.enter_context(python_process(run, name, ["orchestrator.cli", name], environment, says))
        url = f"http://127.0.0.1:{port}"
        await _answering(url)
        async with httpx2.AsyncClient(base_url=url, timeout=60) as http:
            await _publish(http)
            key = ("dev-write-key", "")
            (await http.post("/v1/batch", json=identities(logs), auth=key)).raise_for_status()
            seconds = [await _send_all(http, logs, key) for _ in range(2)]
        return {"seconds": seconds, **await _stored(run)}


async def _answering(url: str) -> None:
    for _ in range(240):
        try:
            await asyncio.to_thread(urllib.request.urlopen, f"{url}/readyz")
        except OSError:
            await asyncio.sleep(0.5)
        else:
            return
    raise SystemExit("the API does not answer")


async def _publish(http: httpx2.AsyncClient) -> None:
    token = {"Authorization": "Bearer dev-admin-token"}
    for name in EXAMPLES:
        document = yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text())
        put = await http.put(
            f"/api/journeys/{document['key']}", json=json.loads(json.dumps(document, default=str)), headers=token
        )
        put.raise_for_status()
        (
            await http.post(f"/api/journeys/{document['key']}/publish", headers=token, json={"override": True})
        ).raise_for_status()


async def _send_all(http: httpx2.AsyncClient, logs: Logs, key: tuple[str, str]) -> float:
    began = time.perf_counter()
    for body in batches(logs):
        (await http.post("/v1/batch", json=body, auth=key)).raise_for_status()
    return time.perf_counter() - began


async def _stored(run: Servers) -> dict[str, Any]:
    """Counts, once everything is routed."""
    engine = create_engine(run.postgres.url)
    counts = RoutingCounts(run.valkey.url)
    unrouted = text("select count(*) from events where routed_at is null")
    async with engine.connect() as db:
        while (await db.execute(unrouted)).scalar_one():
            await asyncio.sleep(0.5)
            await db.rollback()
        await asyncio.sleep(2)  # for the router's last figures
        queries = {
            "track events stored": "select count(*) from events where kind = 'track'",
            "all events stored": "select count(*) from events",
            "runs": "select count(*) from runs",
            "entry decisions": "select count(*) from entry_decisions",
        }
        found: dict[str, Any] = {name: (await db.execute(text(query))).scalar_one() for name, query in queries.items()}
    found["routing"] = await counts.read()
    await counts.close()
    await engine.dispose()
    return found


# --- the same lives on a server whose time can be skipped ----------------------------------------------------------


def trace_of(passage: SimulationResult) -> list[tuple[Any, ...]]:
    """Every transition, as ``LiveCustomer.trace`` tells it."""
    runs = sorted(passage.runs, key=lambda run: (run.journey, run.key, run.entered_at))
    return [(r.journey, r.key, t.what, t.step, t.occurrence, t.port) for r in runs for t in r.transitions]


def simulate(routes: Routes, person: Person, events: Sequence[CustomerEvent], lag: int = 0) -> SimulationResult:
    """One customer through the simulator."""
    until = events[-1].occurred_at + AFTERWARDS
    return walk(routes, copy.deepcopy(person), events, until, compliant(), timedelta(seconds=lag))


def robust(routes: Routes, logs: Logs) -> list[tuple[Person, Sequence[CustomerEvent], SimulationResult]]:
    """The customers whose lives do not hang on seconds, those that go through most first."""
    found = []
    for user, events in logs.items():
        customer = str(uuid5(NAMESPACE, user))
        person = Person(customer, consents=dict(CONSENTS), contacts={"email": f"{user}@example.com"})
        passage = simulate(routes, person, events)
        if all(trace_of(simulate(routes, person, events, lag)) == trace_of(passage) for lag in LAGS):
            found.append((person, events, passage))
    return sorted(found, key=lambda one: -sum(len(run.transitions) for run in one[2].runs))


async def through_temporal(run: Servers, logs: Logs, wanted: int) -> dict[str, Any]:
    """Live ``wanted`` customers on the server, and compare."""
    plans = plans_of_examples()
    chosen = robust(Routes(plans), logs)
    picked = chosen[:: max(1, len(chosen) // wanted)][:wanted]  # from the fullest lives to the emptiest
    engine = create_engine(run.postgres.url, pool_size=20, max_overflow=20)
    settings = Settings(
        data_dir=run.folder,
        database_url=run.postgres.url,
        redis_url=run.valkey.url,
        temporal_address=run.temporal.address,
    )
    async with session_factory(engine)() as session:
        await ensure_workspace(session, settings)
        await set_sender(
            session, {"sender_name": "달빛상점", "sender_contact": "02-123-4567", "opt_out_number": "080-123-4567"}
        )
        await session.commit()
    store = Plans(engine)
    client = await connect(settings, store)
    await publish(engine, plans)
    commit = RunActivities(RunCommits(engine), store)
    delivery: Any = await delivery_from(settings, engine, store, commit=commit.commit)
    gate = asyncio.Semaphore(AT_ONCE)

    async def live(person: Person, events: Sequence[CustomerEvent], passage: SimulationResult) -> dict[str, Any]:
        async with gate:
            customer = LiveCustomer(
                engine, skipping(client), "clickstream", UUID(person.id), plans, copy.deepcopy(person)
            )
            await customer.live(events, {t.at for one in passage.runs for t in one.transitions})
            same = await customer.trace() == trace_of(passage)
            sends = await _sends(engine, person.id) == sorted(
                (s.journey, s.step, s.occurrence, s.outcome) for s in passage.sends
            )
            print(f"{person.id} {'same' if same and sends else 'DIFFERENT'}", flush=True)
            return {"steps": same, "sends": sends, "transitions": len(trace_of(passage)), "sent": len(passage.sends)}

    async with journey_worker(client, "clickstream", [commit.commit, delivery.deliver]):
        results = await asyncio.gather(*(live(*one) for one in picked))
    await engine.dispose()
    return {
        "customers with one answer": f"{len(chosen)} of {len(logs)}",
        "lived": len(results),
        "same steps and exits": sum(one["steps"] for one in results),
        "same sends": sum(one["sends"] for one in results),
        "transitions compared": sum(one["transitions"] for one in results),
        "send decisions compared": sum(one["sent"] for one in results),
    }


async def _sends(engine: AsyncEngine, customer: str) -> list[tuple[Any, ...]]:
    query = "select journey_key, step, occurrence, status from sends where customer_id = :id"
    async with engine.connect() as db:
        return sorted(tuple(row) for row in await db.execute(text(query), {"id": customer}))


async def both_doors(path: Path, customers: int, http: bool) -> None:
    """All of it, printed."""
    logs = read_log(path, read_mapping(ROOT / "examples" / "clickstream.map.yaml"))
    print(f"{sum(map(len, logs.values()))} events of {len(logs)} customers, first sign-ups included")
    if http:
        with servers(durable=True, temporal_in_memory=True) as run:
            print(json.dumps(await through_http(run, logs), indent=2))
    if customers:
        with servers(durable=False, temporal_in_memory=True) as run:
            print(json.dumps(await through_temporal(run, logs, customers), indent=2))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--customers", type=int, default=60, help="how many live on the server; 0: none")
    parser.add_argument("--skip-http", action="store_true")
    given = parser.parse_args()
    asyncio.run(both_doors(given.file, given.customers, not given.skip_http))


if __name__ == "__main__":
    main()
