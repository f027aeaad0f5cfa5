"""Several routers at once: each event is routed in its customer's order and each entry decided once, while routers
come, go, freeze and die.

The routers are processes whose Temporal is a table (``router_process.py``), so that what reached whom can be counted.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from orchestrator.stack import Process
from orchestrator.stack.account import make_data_dir
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.workspace import prepare_workspace
from tests.examples import LONG
from tests.live.router_process import TABLE
from tests.store.intake.intake_shop import identify, incoming
from tests.waiting import let_pass, until
from tests.workflows.live import publish

ROOT = Path(__file__).parents[2]
JOURNEY: dict[str, Any] = {
    "key": "walk",
    "name": {"en": "Walk", "ko": "산책"},
    "entry": {"triggers": [{"kind": "event", "event": "Walk Begun"}], "key": "walk"},
    "steps": [
        {"id": "way", "kind": "delay", "stage": "retention", "settings": {"mode": "duration", "duration": "1h"}},
        {"id": "home", "kind": "exit", "stage": "retention", "settings": {"reason": "home"}},
    ],
    "edges": [{"from": "entry", "to": "way"}, {"from": "way", "to": "home"}],
}
WALKERS, VISITORS = 30, 6
STEPS = 20
"""Events of each in a round."""
RELIEVED_WITHIN = 20.0
FIVE_MINUTES = 300.0

_RUN = """
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, entered_at)
values (%(run)s, %(workflow)s, 'waits', 1, %(hash)s, %(customer)s, '', 'running', now())
"""
_LISTENING = """
insert into listening (customer_id, event_name, run_id, workflow_id)
values (%(customer)s, 'Step Taken', %(run)s, %(workflow)s)
"""


@dataclass
class Park:
    """A store, routers, and people who walk."""

    settings: Settings
    writer: IntakeWriter
    database: psycopg.AsyncConnection[tuple[Any, ...]]
    processes: dict[str, Process] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    """How many events each person has sent."""
    joined: set[str] = field(default_factory=set)
    """Visitors who turned out to be walkers."""
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    async def ask(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        cursor = await self.database.execute(query.encode(), given)
        return await cursor.fetchall() if cursor.description else []

    async def one(self, query: str) -> Any:
        [(value,)] = await self.ask(query)
        return value

    # --- routers -------------------------------------------------------------------------------------------------

    async def add(self, name: str) -> Process:
        """One router more; returns when it holds shards, or has said that it is ready."""
        folder = self.settings.data_dir
        process = Process(name, folder / "run", folder / "logs" / f"{name}.log", "tests.live.router_process")
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "SOJOURN_DATA_DIR": str(folder),
            "SOJOURN_DATABASE_URL": self.settings.database_url,
            "SOJOURN_REDIS_URL": self.settings.redis_url,
            "SOJOURN_TEMPORAL_ADDRESS": "127.0.0.1:1",
            "SOJOURN_SECRET_KEY": "only-for-tests-only-for-tests-32",
            "SOJOURN_ADMIN_TOKEN": DEV_ADMIN_TOKEN,
            "SOJOURN_MOST_STARTS": "100000",
        }
        process.start([sys.executable, "-m", "tests.live.router_process"], environment)
        self.processes[name] = process
        await until(lambda: "router ready" in process.log.read_text(), f"{name} is ready")
        return process

    async def shares(self) -> Counter[str]:
        """Shards by the name of the router that holds them."""
        rows = await self.ask(
            "select p.pid, count(*) from routing_shards s join processes p on p.id = s.holder group by p.pid"
        )
        names = {process.pid: name for name, process in self.processes.items()}
        return Counter({names.get(pid, "gone"): count for pid, count in rows})

    async def shared_by(self, *names: str) -> bool:
        """Whether all shards are shared evenly by these."""
        shares = await self.shares()
        return set(shares) == set(names) and max(shares.values()) - min(shares.values()) <= 1

    def send_signal(self, name: str, number: signal.Signals) -> None:
        pid = self.processes[name].pid
        assert pid is not None
        os.kill(pid, number)

    # --- people --------------------------------------------------------------------------------------------------

    async def settle_in(self, people: list[str]) -> None:
        """Each has a run that listens for steps."""
        for who in people:
            self.sent[who] = 0
            mine = {"user": None, "visitor": who} if who.startswith("visitor") else {"user": who}
            await self.writer.store([incoming(**mine, name="Arrived", message=f"{who}/arrived")])
            [(customer,)] = await self.ask("select customer_id from identities where value = %s", who)
            given = {"run": uuid4(), "workflow": f"waits/{who}", "customer": customer, "hash": "unknown"}
            for statement in (_RUN, _LISTENING):
                await self.database.execute(statement, given)

    async def walk(self, who: str) -> None:
        """The next event of somebody; each fifth begins a journey."""
        self.sent[who] += 1
        number = self.sent[who]
        name = "Walk Begun" if number % 5 == 0 else "Step Taken"
        visits = who.startswith("visitor")
        one = incoming(None if visits else who, who if visits else None, name=name, message=f"{who}/{number}")
        one.properties = {"walk": f"{who}/{number}"}
        one.properties_json = orjson.dumps(one.properties)
        await self.writer.store([one])

    async def round(self, pause: float = 0.0) -> None:
        """Everybody takes their steps, side by side."""
        await asyncio.gather(*(self._steps(who, pause) for who in self.sent))

    async def _steps(self, who: str, pause: float) -> None:
        for _ in range(STEPS):
            await self.walk(who)
            if pause:
                await let_pass(pause * self.chance.uniform(0.5, 1.5), "people walk, and routers change meanwhile")

    async def join(self, visitor: str, walker: str) -> None:
        """The visitor turns out to be the walker."""
        await self.writer.store([identify(walker, visitor, message=f"{visitor}/joins")])
        self.joined |= {visitor, walker}

    # --- what must be true -----------------------------------------------------------------------------------------

    async def quiet(self) -> bool:
        return not await self.one("select count(*) from events where routed_at is null")

    async def assert_each_reached_its_runs(self, *, once: bool) -> None:
        """In order, and none lost; ``once``: nobody died or was frozen, so none was told twice either."""
        events = await self.ask("select message_id, name from events where name in ('Walk Begun', 'Step Taken')")
        assert {message for message, _ in events} == {
            f"{who}/{number}" for who, count in self.sent.items() for number in range(1, count + 1)
        }
        told = await self.ask("select kind, workflow_id, message_id from told order by seq")
        assert {message for *_, message in told} == {message for message, _ in events}
        repeated = {call: count for call, count in Counter(told).items() if count > 1}
        # What was on its way while its customer was merged is offered once more, as the other's.
        assert not (once and {message.rsplit("/")[0] for *_, message in repeated} - self.joined)
        print(f"{len(told)} calls for {len(events)} events, {len(repeated)} of them repeated")
        first: dict[tuple[str, str], list[int]] = defaultdict(list)
        for kind, workflow, message in dict.fromkeys(told):
            who, number = message.rsplit("/", 1)
            first[who if who not in self.joined else f"{kind} {workflow}", who].append(int(number))
        for (where, who), numbers in first.items():
            assert numbers == sorted(numbers), (where, who)
        await self._assert_entries_once(events)

    async def _assert_entries_once(self, events: list[tuple[Any, ...]]) -> None:
        begun = Counter(message for message, name in events if name == "Walk Begun")
        decided = await self.ask("select message_id from entry_decisions where admitted")
        runs = await self.ask("select entry_message_id from runs where journey_key = 'walk'")
        assert Counter(message for (message,) in decided) == begun == Counter(message for (message,) in runs)


@pytest.fixture
async def park(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Park]:
    folder = tmp_path / "data"
    make_data_dir(folder)
    settings = Settings(data_dir=folder, database_url=database_url, redis_url=redis_url, temporal_address="x:1")
    await prepare_workspace(settings)
    engine = create_engine(database_url)
    plan = compile_journey(JOURNEY).plan
    assert plan is not None
    await publish(engine, [plan])
    await engine.dispose()
    writer = IntakeWriter(database_url)
    await writer.start()
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as database:
        await database.execute(TABLE)
        park = Park(settings, writer, database)
        try:
            await park.settle_in([f"walker {n}" for n in range(WALKERS)] + [f"visitor {n}" for n in range(VISITORS)])
            yield park
        finally:
            for process in park.processes.values():
                process.kill()
            await writer.close()


@pytest.mark.long
@pytest.mark.slow
async def test_routers_share_the_work_and_one_that_comes_or_goes_costs_nothing(park: Park) -> None:
    await park.add("first")
    await until(lambda: park.shared_by("first"), "the first has all shards")
    await park.round()
    await park.add("second")
    async with asyncio.TaskGroup() as group:  # it comes while there is work
        group.create_task(park.round(0.1))
        await until(lambda: park.shared_by("first", "second"), "the second has its share")
    await park.round()
    for number in range(VISITORS):
        await park.join(f"visitor {number}", f"walker {number}")
    await until(park.quiet, "everything is routed")
    calls = dict(await park.ask("select pid, count(*) from told group by pid"))
    assert {process.pid for process in park.processes.values()} == set(calls), "both route"
    async with asyncio.TaskGroup() as group:
        group.create_task(park.round(0.1))
        park.send_signal("first", signal.SIGTERM)  # it goes in good order
        await until(lambda: park.shared_by("second"), "the second has all", 5)
    await until(park.quiet, "everything is routed")
    await park.assert_each_reached_its_runs(once=True)


@pytest.mark.slow
async def test_a_router_that_is_frozen_or_killed_is_relieved_and_nothing_is_lost(park: Park) -> None:
    await park.add("first")
    await park.add("second")
    await until(lambda: park.shared_by("first", "second"), "both have their share")
    async with asyncio.TaskGroup() as group:
        group.create_task(park.round(0.1))
        park.send_signal("first", signal.SIGSTOP)
    await until(lambda: park.shared_by("second"), "the frozen one is relieved", RELIEVED_WITHIN)
    await until(park.quiet, "what it left is routed", RELIEVED_WITHIN)
    park.send_signal("first", signal.SIGCONT)
    for number in range(VISITORS):
        await park.join(f"visitor {number}", f"walker {number}")
    await park.round()
    await until(lambda: park.shared_by("first", "second"), "it has its share again")
    async with asyncio.TaskGroup() as group:
        group.create_task(park.round(0.1))
        park.processes["second"].kill()
    await until(park.quiet, "what the dead one left is routed", RELIEVED_WITHIN)
    await park.assert_each_reached_its_runs(once=False)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_five_minutes_of_routers_that_freeze_die_come_and_go(park: Park) -> None:
    names = ["first", "second"]
    for name in names:
        await park.add(name)
    until_then = asyncio.get_running_loop().time() + FIVE_MINUTES

    async def people() -> None:
        while asyncio.get_running_loop().time() < until_then:
            await park.round(0.3)

    async with asyncio.TaskGroup() as group:
        group.create_task(people())
        count = 0
        while asyncio.get_running_loop().time() < until_then - 30:
            await trouble(park, names, count)
            count += 1
    await until(park.quiet, "everything is routed", 60)
    print(f"{count} routers were frozen, killed, added or stopped; {sum(park.sent.values())} events")
    assert LONG
    assert count > 10
    await park.assert_each_reached_its_runs(once=False)


async def trouble(park: Park, names: list[str], count: int) -> None:
    """Of one kind, in turn."""
    if count < VISITORS:
        await park.join(f"visitor {count}", f"walker {count}")
    victim = names[0] if count % 2 else names[-1]
    match count % 4:
        case 0:
            park.send_signal(victim, signal.SIGSTOP)
            others = [name for name in names if name != victim]
            await until(lambda: park.shared_by(*others), f"{victim} is relieved", RELIEVED_WITHIN)
            park.send_signal(victim, signal.SIGCONT)
        case 1:
            names.append(f"router {count}")
            await park.add(names[-1])
        case 2:
            park.processes[victim].kill()
            await park.add(victim)
        case _:
            park.send_signal(victim, signal.SIGTERM)
            names.remove(victim)
    await until(lambda: park.shared_by(*names), f"{names} share", RELIEVED_WITHIN)


def test_people_fall_into_many_shards() -> None:
    """Else the tests above would prove little: ids of customers end in random bits."""
    from uuid_utils.compat import uuid7

    from orchestrator.store.events.shards import shard_of

    assert len({shard_of(UUID(str(uuid7()))) for _ in range(1_000)}) == 64
