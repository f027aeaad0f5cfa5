"""Run in a copy of the sources, with the URL of an empty database: prints what becomes of ``spend_points``."""

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from activities.sending.contract import step_handlers
from activities.sending.deliver import DeliverInput, Delivery
from orchestrator.core.commands import Commit
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import NO_POLICY
from orchestrator.core.simulation.simulator import Person, compliant, walk
from orchestrator.core.steps import KINDS
from orchestrator.core.steps.contract import Request, StepContext
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits, RunSnapshot
from orchestrator.store.tables.runs import Run
from tests.activities.shop import CUSTOMER, NOON, RUN, Shop


def planned(points: int) -> Plan:
    """A journey of one step that spends points."""
    found = compile_journey(
        {
            "key": "cart",
            "name": "Points",
            "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
            "steps": [
                {"id": "spend", "kind": "spend_points", "stage": "intake", "settings": {"points": points}},
                {"id": "rich", "kind": "exit", "stage": "intake", "settings": {"reason": "rich"}},
                {"id": "poor", "kind": "exit", "stage": "intake", "settings": {"reason": "poor"}},
            ],
            "edges": [
                {"from": "entry", "to": "spend"},
                {"from": "spend", "to": "rich"},
                {"from": "spend", "port": "too_few", "to": "poor"},
            ],
        }
    )
    assert found.plan is not None, found.problems
    return found.plan


def simulated(points: int) -> str:
    """How a simulated run ends."""
    events = [CustomerEvent("m1", "Cart Updated", NOON, {})]
    result = walk(Routes((planned(points),)), Person("c1"), events, NOON + timedelta(days=1), compliant(NO_POLICY))
    return result.runs[0].state.reason


async def carried_out(url: str) -> dict[str, Any]:
    """The fact out of the store, and the effect through the activity, for one run in a real database."""
    engine, plan = create_engine(url), planned(100)
    shop = await Shop(engine).open()
    await Plans(engine).save(plan.hash, plan.body)
    await shop.change(Run, plan_hash=plan.hash)
    node = KINDS["spend_points"].model_validate({"id": "spend", "kind": "spend_points", "settings": {"points": 100}})
    asked = node.enter(StepContext("spend", 1, NOON, NOON, str(RUN), str(CUSTOMER), NOON, None, None, {}, {}))
    assert isinstance(asked, Request)
    commits = RunCommits(engine)
    committed = await commits.carry_out(RUN, Commit(facts=asked.facts), NOON, RunSnapshot(0, (), NOON, "x"))
    delivery = Delivery(engine, Plans(engine), {}, step_handlers(engine, Settings()))
    done = await delivery.carry_out(DeliverInput(str(RUN), "spend", 1), NOON)
    await delivery.close()
    await engine.dispose()
    return {"facts": list(committed.facts), "effect": done.as_json()}


answers = {"simulated": [simulated(200), simulated(300)], **asyncio.run(carried_out(sys.argv[1]))}
sys.stdout.write(json.dumps(answers) + "\n")
