"""SIGKILL for every process in turn, while hundreds of customers are under way: nothing is lost, nothing happens twice.

One hundred at every change, five hundred in the long run.
"""

import asyncio
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.client import Client

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, walk
from tests.examples import LONG
from tests.live.crowd import JOURNEY, Crowd
from tests.live.installation import Installation, Part
from tests.waiting import let_pass, until

CUSTOMERS, SPREAD = (500 if LONG else 100), 35.0
PAUSE, WINDOW = timedelta(seconds=40), timedelta(seconds=20)
"""Of the journey's delay and of its wait."""
KILLS: tuple[tuple[Part, str], ...] = (
    ("api", "a request is in flight"),
    ("router", "an event is not routed yet"),
    ("second router", "an event is not routed yet"),
    ("worker", "a run has just begun"),
    ("temporal", "a run has just begun"),
    ("worker", "a message is on its way"),
    ("temporal", "a message is on its way"),
)
"""Who is killed, and the moment that is waited for."""
BUSY = {
    "an event is not routed yet": "select count(*) from events where routed_at is null",
    "a run has just begun": "select count(*) from runs where status = 'starting'",
    "a message is on its way": "select count(*) from sends "
    "where cast(inputs -> 'claim' ->> 'at' as timestamptz) > now() - interval '300 milliseconds'",
}
LAST_LOOK = timedelta(seconds=20)
"""How long after the instant that the trace gives a deadline its last look at the store may be taken: of a worker that
dies in the middle of it the workflow task times out, after ten seconds, and the next worker looks again."""
BUSY_WITHIN = 20.0
DONE_WITHIN = 240.0

_UNROUTED = "select count(*) from events where routed_at is null"
_OPEN = "select count(*) from runs where finished_at is null"
_TRACES = """
select c.external_id, t.seq, t.at, t.what, t.step, t.occurrence, t.port
from transitions t join customers c on c.id = t.customer_id order by c.external_id, t.run_id, t.seq
"""
_EVENTS = """
select c.external_id, e.message_id, e.name, e.properties, e.occurred_at
from events e join customers c on c.id = e.customer_id where e.kind = 'track' order by e.seq
"""
_MAIL = """
select c.external_id, o.id, o.content ->> 'subject' as subject from outbox o join customers c on c.id = o.customer_id
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_runs_outlive_the_death_of_every_process(installation: Installation) -> None:
    await installation.publish(JOURNEY)
    crowd = Crowd(installation, CUSTOMERS, SPREAD)
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.live())
        killed = await _kill_in_turn(installation, crowd)
    await until(lambda: _all_over(installation), "every run has reached its end", DONE_WITHIN, pause=1.0)
    took = asyncio.get_running_loop().time() - began
    print(f"\n{took:.0f} s; {crowd.attempts} requests, {crowd.repeated} of them repeats; killed: {killed}")

    assert {part for part, busy in killed if busy} == {part for part, _ in KILLS}
    assert installation.dead() == []
    await _assert_events_once(installation, crowd)
    await _assert_runs_over(installation)
    traces = await _traces(installation)
    await _assert_sent_once(installation, traces)
    await _assert_no_reminder_after_a_purchase(installation, crowd, traces)
    await _assert_as_simulated(installation, crowd, traces)


async def _kill_in_turn(installation: Installation, crowd: Crowd) -> list[tuple[Part, bool]]:
    """Each at the moment meant for it, where that comes; and whether it came."""
    killed: list[tuple[Part, bool]] = []
    for part, moment in KILLS:
        await let_pass(2, "the next death finds a system that is at work again")
        busy = await _comes(installation, crowd, moment)
        installation.kill(part)
        open_runs = await installation.one("select count(*) from runs where finished_at is null")
        print(f"\n{datetime.now(UTC):%T} killed {part}, {moment}: {busy}, {open_runs} runs open", end="", flush=True)
        installation.restart(part)
        killed.append((part, busy))
        await until(lambda part=part: installation.serves(part), f"{part} serves again")
    return killed


async def _comes(installation: Installation, crowd: Crowd, moment: str) -> bool:
    async def now() -> bool:
        return bool(await installation.one(BUSY[moment])) if moment in BUSY else crowd.in_flight > 0

    try:
        await until(now, moment, BUSY_WITHIN, 0.02)
    except AssertionError:
        return False
    return True


async def _all_over(installation: Installation) -> bool:
    rows = await installation.rows("select count(*) as runs, count(finished_at) as over from runs")
    return rows[0]["runs"] == rows[0]["over"] == CUSTOMERS and not await installation.one(_UNROUTED)


# --- what must be true at the end ----------------------------------------------------------------------------------


async def _assert_events_once(installation: Installation, crowd: Crowd) -> None:
    """What was acknowledged is stored, and nothing else; each found its way."""
    stored = await installation.rows("select message_id, routed_at from events where kind in ('track', 'identify')")
    assert Counter(row["message_id"] for row in stored) == Counter(list(crowd.acknowledged))
    assert all(row["routed_at"] for row in stored)


async def _assert_runs_over(installation: Installation) -> None:
    client = await Client.connect(installation.temporal.address)

    async def listed() -> bool:
        # Only runs: what the schedule starts once a minute (``sojourn:reconcile``) comes and goes beside them.
        runs = f"WorkflowType = '{JOURNEY['key']}'"
        left = (await client.count_workflows(f"{runs} and ExecutionStatus = 'Running'")).count
        done = (await client.count_workflows(f"{runs} and ExecutionStatus = 'Completed'")).count
        return (left, done) == (0, CUSTOMERS)

    await until(listed, "Temporal lists every run as completed, and none as open", 60, 1.0)
    assert await installation.one("select count(*) from listening") == 0
    assert await installation.one("select count(distinct customer_id) from runs") == CUSTOMERS


async def _traces(installation: Installation) -> dict[str, list[dict[str, Any]]]:
    """By customer. Each goes from 1 without a gap to the one end."""
    traces: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in await installation.rows(_TRACES):
        traces[row["external_id"]].append(row)
    assert len(traces) == CUSTOMERS
    for trace in traces.values():
        assert [line["seq"] for line in trace] == list(range(1, len(trace) + 1)), trace
        assert [line["what"] == "ended" for line in trace] == [*[False] * (len(trace) - 1), True], trace
        for before, after in pairwise(trace):
            assert after["what"] != "left" or after["step"] == before["step"], trace
    return traces


async def _assert_sent_once(installation: Installation, traces: dict[str, list[dict[str, Any]]]) -> None:
    """A step that was passed has sent its message, once; none was sent from a step that was never entered."""
    mail = await installation.rows(_MAIL)
    arrived = Counter((row["external_id"], row["subject"]) for row in mail)
    assert set(arrived.values()) <= {1}
    messages = {"reminder", "help", "last"}
    lines = [(user, line) for user, trace in traces.items() for line in trace if line["step"] in messages]
    passed = {(user, line["step"]) for user, line in lines if line["what"] == "left"}
    entered = {(user, line["step"]) for user, line in lines if line["what"] == "entered"}
    assert passed <= set(arrived) <= entered
    sends = await installation.rows("select id, status, attempts from sends")
    print("ledger:", Counter(row["status"] for row in sends), "attempts:", Counter(row["attempts"] for row in sends))
    sent, unknown = ({row["id"] for row in sends if row["status"] == status} for status in ("sent", "unknown"))
    # A worker killed in the middle of a call leaves a message of which nobody knows, until the provider has been asked.
    assert sent <= {row["id"] for row in mail} <= sent | unknown


async def _assert_no_reminder_after_a_purchase(
    installation: Installation, crowd: Crowd, traces: dict[str, list[dict[str, Any]]]
) -> None:
    """Acknowledged before the delay was over: then no message, whatever was dead at the time."""
    reminded = {row["external_id"] for row in await installation.rows(_MAIL)}
    early = set()
    for row in await installation.rows(_EVENTS):
        due = traces[row["external_id"]][0]["at"] + PAUSE
        if row["name"] == "Order Completed" and crowd.acknowledged[row["message_id"]] < due:
            early.add(row["external_id"])
    print(f"{len(early)} purchased before the reminder's time, {len(reminded)} customers were reminded")
    assert len(early) > CUSTOMERS / 10
    assert not early & reminded


async def _assert_as_simulated(
    installation: Installation, crowd: Crowd, traces: dict[str, list[dict[str, Any]]]
) -> None:
    """The simulator takes the same steps, where dead processes did not move a deadline past an event."""
    happened: dict[str, list[CustomerEvent]] = defaultdict(list)
    for row in await installation.rows(_EVENTS):
        event = CustomerEvent(row["message_id"], row["name"], row["occurred_at"], row["properties"])
        happened[row["external_id"]].append(event)
    plan = compile_journey(JOURNEY).plan
    assert plan is not None
    clear = [user for user, events in happened.items() if not _unclear(events, crowd, traces[user])]
    for user in clear:
        person = Person(user, contacts={"email": f"{user}@example.com"})
        events = _from_its_start(happened[user], traces[user])
        now = datetime.now(UTC)
        (run,) = walk(Routes((plan,)), person, events, now, lambda *given: (Sent(given[2], "sent"), "")).runs
        simulated = [(line.seq, line.what, line.step, line.occurrence, line.port) for line in run.transitions]
        live = [tuple(line[name] for name in ("seq", "what", "step", "occurrence", "port")) for line in traces[user]]
        assert live == simulated, user
    print(f"{len(clear)} of {len(happened)} took the same steps as simulated; the others' events met a moved deadline")
    assert len(clear) > CUSTOMERS / 4


def _from_its_start(events: list[CustomerEvent], trace: list[dict[str, Any]]) -> list[CustomerEvent]:
    """The entry as late as the run began, unless something had happened by then: deadlines count from there."""
    entry, *others = sorted(events, key=lambda event: event.occurred_at)
    began = trace[0]["at"]
    if any(event.occurred_at <= began for event in others):
        return events
    return [replace(entry, occurred_at=began), *others]


def _unclear(events: list[CustomerEvent], crowd: Crowd, trace: list[dict[str, Any]]) -> bool:
    """Whether an event lies between a deadline as it was meant and as the dead and the busy let it come."""
    entry, *others = _from_its_start(sorted(events, key=lambda event: event.occurred_at), trace)
    at = {(line["what"], line["step"]): line["at"] for line in trace}
    ended = trace[-1]["at"]
    meant = entry.occurred_at + PAUSE
    moved = ((meant, at.get(("entered", "look"), ended)), (meant + WINDOW, at.get(("left", "look"), ended)))
    return any(
        event.occurred_at <= upto + LAST_LOOK and since <= crowd.acknowledged[event.message_id]
        for event in others
        for since, upto in moved
    )
