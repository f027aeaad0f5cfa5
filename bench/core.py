"""The core alone: what a step costs, how many customers a second the simulator walks, how long a large graph compiles.

``python -m bench.core [--events FILE --map FILE]``: with a file, its customers are walked through the examples too.
Seconds are of CPU time: nothing here waits, so what other processes take of the machine does not count.
"""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import yaml

from bench.figures import median, show_machine, show_table
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Committed, Event, EventReceived, Sent, Started, TimerFired
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.advance import NEW, advance
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, compliant, walk
from orchestrator.files.events import read_log, read_mapping

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 7
LAPS = 400
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
VIP = {"kind": "property", "name": "vip", "value": True}
CONSENTS = {"email": True, "email:night": True}
STEPS: list[dict[str, Any]] = [
    {"id": "pause", "kind": "delay", "settings": {"mode": "duration", "duration": "1h"}},
    {"id": "who", "kind": "branch", "settings": {"branches": [{"port": "vip", "when": VIP}]}},
    {
        "id": "say",
        "kind": "message",
        "settings": {"channel": "email", "content": {"en": {"subject": "s", "body": "b"}}},
    },
    {"id": "look", "kind": "wait_for_event", "settings": {"branches": [{"event": "Viewed"}], "window": "2d"}},
    {"id": "again", "kind": "go_to", "settings": {"target": "pause"}},
]
EDGES = [
    {"from": "entry", "to": "pause"},
    {"from": "pause", "to": "who"},
    {"from": "who", "port": "vip", "to": "say"},
    {"from": "who", "port": "otherwise", "to": "say"},
    {"from": "say", "to": "look"},
    {"from": "look", "port": "happened", "to": "again"},
    {"from": "look", "port": "timeout", "to": "again"},
]


def compiled(steps: list[dict[str, Any]], edges: list[dict[str, str]], exits: list[dict[str, str]]) -> Plan:
    """A plan of these parts; everything lies in one stage."""
    document = {
        "key": "bench",
        "name": "Bench",
        "entry": {"triggers": [{"kind": "event", "event": "Go"}]},
        "steps": [{"stage": "intake", **step} for step in steps],
        "edges": edges,
        "exits": exits,
    }
    result = compile_journey(document)
    if result.plan is None:
        raise SystemExit(str(result.errors))
    return result.plan


def lap(now: datetime, lap_number: int) -> Iterator[Event]:
    """What a driver feeds in one lap of delay, branch, message, wait: every answer included."""
    yield TimerFired(now + timedelta(hours=1))
    yield Committed(now + timedelta(hours=1))
    yield Sent(now + timedelta(hours=1), "sent")
    yield Committed(now + timedelta(hours=1))
    seen = CustomerEvent(f"view-{lap_number}", "Viewed", now + timedelta(hours=2))
    yield EventReceived(now + timedelta(hours=2), seen)
    yield Committed(now + timedelta(hours=2))


def microseconds_per_step() -> float:
    """Laps of five steps through ``advance``, the answers of the store and of the sender fed as a driver would."""
    plan = compiled(STEPS, EDGES, [{"id": "bought", "event": "Bought"}])
    entry = CustomerEvent("go", "Go", BEGIN, {"vip": True})
    state, _ = advance(plan, NEW, Started(BEGIN, "00000000-0000-0000-0000-000000000001", "customer", entry))
    state, _ = advance(plan, state, Committed(BEGIN))
    laps = [list(lap(BEGIN + timedelta(hours=3 * n), n)) for n in range(LAPS)]
    began = process_time()
    for events in laps:
        for event in events:
            state, _ = advance(plan, state, event)
    seconds = process_time() - began
    if state.occurrences["look"] != LAPS or state.step != "pause":
        raise SystemExit(f"the laps went astray: {state}")
    return seconds * 1e6 / (LAPS * len(STEPS))


def compile_seconds(size: int) -> float:
    """A row of ``size`` steps, delay and branch in turn, with an exit."""
    steps: list[dict[str, Any]] = []
    edges = [{"from": "entry", "to": "s0"}]
    for n in range(size - 1):
        kind = STEPS[n % 2]
        steps.append({**kind, "id": f"s{n}"})
        ports = ("next",) if kind["kind"] == "delay" else ("vip", "otherwise")
        edges += [{"from": f"s{n}", "port": port, "to": f"s{n + 1}"} for port in ports]
    steps.append({"id": f"s{size - 1}", "kind": "exit"})
    began = process_time()
    compiled(steps, edges, [])
    return process_time() - began


def examples() -> Routes:
    """The example journeys, live together."""
    names = ("lifecycle", "cart-recovery", "birthday")
    results = [compile_journey(yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())) for name in names]
    return Routes(tuple(result.plan for result in results if result.plan is not None))


def generated_log(customer: int) -> list[CustomerEvent]:
    """Half a year of one customer: signs up, looks around, fills a cart each fortnight, buys every second one."""
    found = [CustomerEvent(f"{customer}-0", "Signed Up", BEGIN)]
    for n in range(1, 53):
        at = BEGIN + timedelta(days=3.5 * n, minutes=customer % 600)
        name = "Order Completed" if n % 8 == 0 else "Product Added" if n % 4 == 0 else "Product Viewed"
        found.append(CustomerEvent(f"{customer}-{n}", name, at, {"cart_id": f"c{n // 8}", "revenue": 10_000}))
    return found


def customers_per_second(logs: list[list[CustomerEvent]]) -> float:
    """Through the examples, everybody reachable."""
    routes, until = examples(), max(log[-1].occurred_at for log in logs) + timedelta(days=30)
    began = process_time()
    for n, log in enumerate(logs):
        walk(
            routes,
            Person(str(n), consents=dict(CONSENTS), contacts={"email": "a@example.com"}),
            log,
            until,
            compliant(),
        )
    return len(logs) / (process_time() - began)


def of_rounds(measure: Callable[[], float]) -> float:
    """The median, after a round that does not count."""
    measure()
    return median(measure() for _ in range(ROUNDS))


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.core", description="The core alone.")
    parser.add_argument("--events", type=Path, help="an event log (see docs/simulate.md)")
    parser.add_argument("--map", type=Path, dest="mapping")
    given = parser.parse_args()
    show_machine("pydantic")
    generated = [generated_log(customer) for customer in range(60)]
    rows = [
        ["advance, µs per step", f"{of_rounds(microseconds_per_step):.1f}", "12"],
        ["compile of 1,000 steps, ms", f"{1000 * of_rounds(lambda: compile_seconds(1000)):.0f}", ""],
        ["simulate, generated customers/s", f"{of_rounds(lambda: customers_per_second(generated)):.0f}", "700"],
    ]
    if given.events:
        logs = list(read_log(given.events, read_mapping(given.mapping)).values())
        rows.append(
            [f"simulate, {len(logs)} customers of the file, per second", f"{customers_per_second(logs):.0f}", ""]
        )
    show_table(["core", "median", "goal"], rows)


if __name__ == "__main__":
    main()
