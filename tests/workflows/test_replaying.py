"""Replaying: a build that decides otherwise is refused, with the first difference in the journey's terms.

What is recorded has nothing of a person in it, and replays.
"""

import asyncio
import base64
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from orchestrator.commands.testing import record as record_command
from orchestrator.commands.testing import replay as replay_command
from orchestrator.core.channels.registry import consent_names
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.experiments.assignment import assign
from orchestrator.core.journey.plan import Plan, load_plan
from orchestrator.core.scenarios.play import play
from orchestrator.core.scenarios.script import Happens, Outside, Script, Timed
from orchestrator.core.sending.policies import NO_POLICY
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.simulator import Person
from orchestrator.settings import Settings
from orchestrator.store.runs.replays import find_run, sample_live
from tests.core.fuzzing.faults import FAULTS, Plant
from tests.core.fuzzing.test_campaign import everything
from tests.examples import some
from tests.protocol_servers.plain_http import Reply, Request, said, serving
from tests.workflows import histories
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, publish, skipping, stock
from tests.workflows.test_same_as_simulator import (
    BEGIN,
    DAY,
    HOUR,
    example,
    happened,
    reachable,
)
from workflows.replays.history_files import load_trace, without_personal_data
from workflows.replays.replay import Replayed, replay

LIVES = [path for path in histories.recorded() if path.stem.split("~")[0] in ("lifecycle", "cart-recovery", "birthday")]
EVERYTHING = [path for path in histories.recorded() if path.stem.startswith("everything")]
FOUND_BY_REPLAY = (
    "a branch takes the last that is true",
    "a delay is a second short",
    "a wait takes any event of its name",
    "a wait ends a minute late",
    "a failed webhook goes on",
    "an empty pool is not noticed",
    "an answer takes the first path",
    "an experiment is drawn anew for each run",
    "exits do not act during a wait",
    "exits are looked at before their filter",
    "one event ends two waits",
    "a goal counts each time",
    "the stage is not moved",
)


@pytest.mark.parametrize("path", histories.recorded(), ids=lambda path: path.stem[:30])
async def test_a_recorded_run_writes_the_trace_that_it_wrote(path: Path) -> None:
    written = load_trace(path)
    assert written
    result = await replay(histories.load(path), histories.converter(), written)
    assert result.divergence is None
    assert result.trace == written


async def replayed(paths: list[Path]) -> list[Replayed]:
    return [await replay(histories.load(path), histories.converter(), load_trace(path)) for path in paths]


@pytest.fixture
def other_build(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Plans keep what their steps did when they were first passed; none is kept across builds."""
    load_plan.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    load_plan.cache_clear()


@pytest.mark.parametrize("name", some(FOUND_BY_REPLAY, 3))
async def test_a_build_that_decides_otherwise_is_found_out(name: str, other_build: pytest.MonkeyPatch) -> None:
    plant: Plant = FAULTS[name]
    plant(other_build)
    wrong = [one for one in await replayed(histories.recorded()) if one.divergence is not None]
    assert wrong, name
    for one in wrong:
        assert one.divergence is not None
        assert one.divergence.recorded.to("en")
        assert one.divergence.decided.to("ko")


async def test_the_first_difference_is_told_in_the_journeys_terms(other_build: pytest.MonkeyPatch) -> None:
    FAULTS["a delay is a second short"](other_build)
    path = next(path for path in EVERYTHING if any(line.step == "rest" for line in load_trace(path) or ()))
    [one] = await replayed([path])
    assert one.divergence is not None
    recorded, decided = one.divergence.recorded.to("en"), one.divergence.decided.to("en")
    assert "leaves “Wait 2 hours” by “next”" in recorded
    assert "leaves “Wait 2 hours” by “next”" in decided
    assert recorded != decided  # a second apart


# --- every kind of step is on file -----------------------------------------------------------------------------------

CART = {"cart_id": "c1"}
IN = ("Cart Updated", HOUR * 0, CART)
EMPTY, UNKNOWN = Outside(pools={"welcome": "empty"}), Outside({"points": "failed"})
Life = tuple[dict[str, Any], list[tuple[str, timedelta, dict[str, Any]]], Outside]
DONE: dict[str, Life] = {
    "answers": (
        {"tier": "vip", "score": 9},
        [IN, ("Survey Answered", HOUR * 5, {"survey": "nps", "group": "low"})],
        Outside(),
    ),
    "says nothing": ({"tier": "vip"}, [IN], Outside()),
    "begins to pay": (
        {"score": 5},
        [
            IN,
            ("Checkout Started", HOUR, {"cart_id": "c2"}),
            ("Checkout Started", HOUR * 2, CART),
            ("Order Completed", HOUR * 3, CART),
            ("Order Completed", HOUR * 4, CART),
        ],
        Outside(),
    ),
    "pays twice": (
        {"score": 7},
        [IN, ("Checkout Started", HOUR, CART), ("Checkout Started", HOUR * 3, CART)],
        Outside(),
    ),
    "comes back": (
        {},
        [
            IN,
            ("Cart Cancelled", HOUR * 5, {"cart_id": "c3"}),
            ("Cart Updated", DAY * 4, {"cart_id": "c2"}),
            ("Cart Cancelled", DAY * 4 + HOUR * 7, {"cart_id": "c2"}),
        ],
        Outside(),
    ),
    "waits for the morning": ({"night": "morning"}, [IN], UNKNOWN),
    "comes too late": ({"score": 6}, [IN], EMPTY),
}
"""Attributes, events, and what the world outside says."""
ARMS = {"comes back": "a", "waits for the morning": "b"}
CODES = 1
"""Taken by who comes back; who comes too late finds none."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a webhook's receiver on this machine."""
    return settings.model_copy(update={"outgoing_allow": ("127.0.0.1",)})


def answer(request: Request) -> Reply:
    """The points service: of who begins in the morning it knows nothing."""
    return Reply(404) if "morning" in request.path else said({"points": 7})


def customer_of(name: str) -> Person:
    """The customer of a life, with an id that gets the variant wanted."""
    customer = uuid.uuid5(uuid.NAMESPACE_URL, name)
    while name in ARMS and assign("one", str(customer), {"a": 9, "b": 1}) != ARMS[name]:
        customer = uuid.uuid5(customer, name)
    consents = dict.fromkeys(consent_names(), True)
    return Person(str(customer), DONE[name][0], consents, {"email": f"{customer}@example.com"})


async def live_through(environment: Environment, plan: Plan, name: str) -> None:
    """A life on the server takes the steps that it takes when it is played as a scenario."""
    _, events, outside = DONE[name]
    person, told = customer_of(name), [happened(event, after, **properties) for event, after, properties in events]
    acts = (Timed(BEGIN, outside), *(Timed(one.occurred_at, Happens(one)) for one in told))
    run = play([plan], Script(BEGIN, BEGIN + DAY * 20, person, acts), RunEnvironment(NO_POLICY))
    customer = uuid.UUID(person.id)
    live = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, customer, [plan], person
    )
    await live.live(told, {line.at for one in run.runs for line in run.trace(one)})
    if histories.recording("everything"):
        await histories.record(environment, [plan], customer)
    runs = sorted(run.runs, key=lambda one: one.key)
    expected = [(line.what, line.step, line.occurrence, line.port) for one in runs for line in run.trace(one)]
    assert [line[2:] for line in await live.trace()] == expected, name


async def test_lives_through_every_kind_of_step_are_on_file(environment: Environment) -> None:
    async with serving(answer) as server:
        plan = everything(server.url + "/{{ customer.night }}")
        await publish(environment.engine, [plan])
        await stock(environment.engine, "welcome", CODES)
        for name in DONE:  # one after the other: the last one finds the pool empty
            await live_through(environment, plan, name)


# --- what is of a person ---------------------------------------------------------------------------------------------


def told(history: WorkflowHistory) -> str:
    """Everything that stands in a history, payloads opened."""
    whole = history.to_json()
    data = [one for one in json.dumps(json.loads(whole)).split('"') if len(one) > 20]
    return whole + "".join(_opened(one) for one in data)


def _opened(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""


@pytest.mark.parametrize("path", LIVES, ids=lambda path: path.stem[:30])
async def test_what_is_of_a_person_is_taken_out_and_the_rest_replays(path: Path) -> None:
    history = histories.load(path)
    plan = (await replay(history, histories.converter())).plan
    assert plan is not None
    clean = without_personal_data(history, [plan], keep_facts=path.stem.startswith("birthday"))
    result = await replay(clean, histories.converter(), load_trace(path))
    assert result.divergence is None
    assert "@vm" not in told(clean)
    for word in ('"c1"', '"c2"', '"o1"'):
        assert word not in told(clean)


async def test_a_date_of_birth_is_not_kept_without_a_word() -> None:
    path = next(path for path in LIVES if path.stem.startswith("birthday"))
    history = histories.load(path)
    assert "1990-03-05" in told(history)
    clean = without_personal_data(history, [example("birthday")])
    assert "1990-03-05" not in told(clean)
    assert (await replay(clean, histories.converter(), load_trace(path))).divergence is not None


# --- runs that are under way -----------------------------------------------------------------------------------------


@pytest.fixture
async def live_run(environment: Environment) -> uuid.UUID:
    """A cart reminder under way; its customer has put in a thing with a name of its own."""
    plan: Plan = example("cart-recovery")
    await publish(environment.engine, [plan])
    customer = uuid.uuid4()
    live = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, customer, [plan], reachable(customer)
    )
    event = CustomerEvent(str(uuid.uuid4()), "Product Added", BEGIN, {"cart_id": "c1", "name": "김하늘의 찻잔"})
    await live.live([event], [BEGIN + HOUR, BEGIN + HOUR * 2])
    [run] = [one for one in await sample_live(environment.engine, 50) if one.customer_id == customer]
    return run.id


async def test_a_run_under_way_replays_and_is_recorded(
    environment: Environment, settings: Settings, live_run: uuid.UUID, tmp_path: Path
) -> None:
    found = await find_run(environment.engine, str(live_run))
    assert found is not None
    assert await find_run(environment.engine, found.workflow_id) == found
    assert await find_run(environment.engine, str(uuid.uuid4())) is None

    of_live: Any = replay_command._of_live
    [one] = await of_live(environment.engine, settings, str(live_run), 0, "en")
    assert one.divergence is None
    assert [line.step for line in one.trace if line.what == "entered"] == ["still-filling", "reminder", "came-back"]

    lines = await record_command._record(environment.engine, settings, str(live_run), tmp_path, False, "en")
    assert len(lines) == 1
    assert "김하늘" not in told(histories.load(Path(lines[0])))
    [again] = await asyncio.to_thread(lambda: asyncio.run(replay_command._of_folder(tmp_path, False, "en")))
    assert again.divergence is None
    assert again.trace == one.trace
