"""How fast one draws: ``python -m bench.canvas``. A browser with a real mouse drags a step on large journeys.

*Moves a second*: the mouse goes round in small steps, each sent as soon as the browser has answered the one before.
*Latency*: from a move's own time stamp to the end of the frame that shows it, in the page.
*CPU*: what the page's main thread itself used for a move; unlike the two above, other processes do not make it worse.
*First load*: from the address to the first card on the canvas, on an empty cache, server and browser on one machine.
*Final picture*: from the address to the last frame in which a card, or the view of them, moved or appeared; of a draft
whose steps have places, and of one whose steps have none yet.
*First route*: what the page needs before anything can be drawn, as gzip makes it.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, sync_playwright

from api.console.journeys.canvas import BUILT, bundle
from bench.figures import median, percentile, show_machine, show_table
from bench.servers import Servers, python_process, servers
from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.stack.ports import listens, reserve_port
from tests.chromium import FLAGS, MISSING, find_browser

SIZES = (100, 500, 2_000)
STAGES = ("intake", "adaptation", "retention", "churn_signal")
ACROSS = 10
"""Steps side by side: what a screen shows of a large journey is mostly cards."""
CARD, ROW = 300, 190
MARKER = """
() => {
  window.__late = [];
  addEventListener("mousemove", (event) => {
    const at = event.timeStamp;
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => window.__late.push(performance.now() - at);
      after.port2.postMessage(0);
    });
  }, { capture: true, passive: true });
}
"""

STILL = """
(() => {
  let before = "";
  window.__still = 0;
  const look = () => {
    const all = document.querySelectorAll(".react-flow__viewport, .react-flow__node");
    const now = [...all].map((one) => one.style.transform).join();
    if (now !== before) window.__still = performance.now();
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""
OPENED = 200
"""Steps of the journey that is only opened."""


@dataclass
class Drawn:
    """One size of journey, measured."""

    steps: int
    shown: int
    moves_per_second: float
    p95: float
    cpu: float
    first_load: float


def journey(key: str, steps: int) -> dict[str, Any]:
    """A journey of so many steps: columns of delays and branches, in all four stages."""
    rows = -(-steps // ACROSS)
    document: dict[str, Any] = {"key": key, "name": f"{steps} steps", "entry": {"triggers": []}}
    document["steps"], document["edges"] = [], [{"from": "entry", "to": "s0"}]
    positions = {"entry": {"x": 0, "y": -ROW}}
    for n in range(steps):
        row, column = divmod(n, ACROSS)
        stage = row * len(STAGES) // rows
        document["steps"].append(_step(n, STAGES[stage]))
        positions[f"s{n}"] = {"x": column * CARD, "y": row * ROW + stage * ROW}
        if n + ACROSS < steps:
            port = "next" if n % 3 else "yes"
            document["edges"].append({"from": f"s{n}", "port": port, "to": f"s{n + ACROSS}"})
        if n % 3 == 0 and n + 1 < steps:
            document["edges"].append({"from": f"s{n}", "port": "otherwise", "to": f"s{n + 1}"})
    document["layout"] = {"positions": positions}
    return document


def _step(n: int, stage: str) -> dict[str, Any]:
    if n % 3:
        return {
            "id": f"s{n}",
            "kind": "delay",
            "stage": stage,
            "settings": {"mode": "duration", "duration": f"{n % 9 + 1}d"},
        }
    spent = {"kind": "attribute", "name": "tier", "value": "gold"}
    return {
        "id": f"s{n}",
        "kind": "branch",
        "stage": stage,
        "settings": {"branches": [{"port": "yes", "label": {"en": "Gold", "ko": "골드"}, "when": spent}]},
    }


def save(address: str, document: dict[str, Any]) -> None:
    """Puts a draft where the canvas finds it."""
    headers = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}", "content-type": "application/json"}
    url = f"{address}/api/journeys/{document['key']}"
    with urlopen(Request(url, json.dumps(document).encode(), headers, method="PUT")) as answer:
        answer.read()


def drag(page: Page, moves: int) -> tuple[float, list[float], float]:
    """Drags one step in circles. Moves a second, the latency of each in milliseconds, and CPU milliseconds a move."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration") * 1000

    at = _middlemost(page)
    x, y = at["x"] + at["width"] / 2, at["y"] + 30
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 4)
    page.evaluate("() => { window.__late.length = 0 }")
    before, begin = used(), perf_counter()
    for n in range(moves):
        page.mouse.move(x + 60 * ((n % 40) / 20 - 1), y + 40 * ((n % 26) / 13 - 1))
    took, cpu = perf_counter() - begin, used() - before
    page.mouse.up()
    page.wait_for_timeout(200)
    late: list[float] = page.evaluate("() => window.__late")
    return moves / took, late[:moves], cpu / moves


def _middlemost(page: Page) -> FloatRect:
    view = page.viewport_size or {"width": 1280, "height": 800}

    def aside(box: FloatRect) -> float:
        return abs(box["x"] + 128 - view["width"] / 2) + abs(box["y"] + 40 - view["height"] / 2)

    cards = [card.bounding_box() for card in page.locator("[data-step]:not(.entry)").all()]
    return min((card for card in cards if card), key=aside)


def measure(browser: Browser, address: str, steps: int, rounds: int, moves: int) -> Drawn:
    """One size, opened anew for each round."""
    save(address, journey(f"bench-{steps}", steps))
    found: list[Drawn] = []
    for _ in range(rounds):
        with fresh(browser, address) as context:
            page = context.new_page()
            begin = perf_counter()
            page.goto(f"/journeys/bench-{steps}")
            page.locator("[data-step]").first.wait_for(timeout=60_000)
            first_load = perf_counter() - begin
            page.wait_for_timeout(2_500)  # described, settled
            page.evaluate(MARKER)
            shown = page.locator("[data-step]").count()
            rate, late, cpu = drag(page, moves)
            found.append(Drawn(steps, shown, rate, percentile(late, 0.95), cpu, first_load))
    return Drawn(
        steps,
        found[-1].shown,
        median(one.moves_per_second for one in found),
        median(one.p95 for one in found),
        median(one.cpu for one in found),
        median(one.first_load for one in found),
    )


def opening(browser: Browser, address: str, rounds: int, *, placed: bool) -> float:
    """Seconds from the address to the final picture, the median of the rounds."""
    document = journey(f"bench-opened-{'placed' if placed else 'loose'}", OPENED)
    if not placed:
        del document["layout"]
    save(address, document)
    found: list[float] = []
    for _ in range(rounds):
        with fresh(browser, address) as context:
            context.add_init_script(STILL)
            page = context.new_page()
            page.goto(f"/journeys/{document['key']}")
            page.locator("[data-step]").first.wait_for(timeout=60_000)
            page.wait_for_timeout(4_000)  # longer than anything is waited for before the first picture
            found.append(page.evaluate("() => window.__still") / 1000)
    return median(found)


@contextmanager
def fresh(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    context = browser.new_context(base_url=address, locale="ko-KR", viewport={"width": 1280, "height": 800})
    try:
        yield context
    finally:
        context.close()


def first_route() -> tuple[int, int]:
    """Bytes of script and style that the page loads before anything can be drawn: gzipped, and as they are."""
    built = bundle()
    if built is None:
        raise SystemExit("the canvas has not been built: make setup")
    addresses = (built.script, *built.preload, *built.styles)
    bodies = [(BUILT / address.removeprefix("/static/build/")).read_bytes() for address in addresses]
    return sum(len(gzip.compress(body, 9)) for body in bodies), sum(map(len, bodies))


def serve(stack: ExitStack) -> str:
    """The API with servers of its own. Its address."""
    run: Servers = stack.enter_context(servers(durable=False, temporal_in_memory=True))
    port = reserve_port()
    environment = run.environment(port=str(port))
    api = stack.enter_context(python_process(run, "api", ["orchestrator.cli", "api"], environment, ""))
    api.wait_until(lambda: listens(port), 60)
    return f"http://localhost:{port}"


def main(arguments: Sequence[str] | None = None) -> None:
    """``python -m bench.canvas [--rounds N] [--moves N] [--steps N …] [--address URL]``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--steps", type=int, nargs="+", default=SIZES)
    parser.add_argument("--address", help="of an instance that runs already, with the development token")
    given = parser.parse_args(arguments)
    chromium = find_browser()
    if chromium is None:
        raise SystemExit(MISSING)
    show_machine("playwright")
    packed, plain = first_route()
    print(f"first route: {packed / 1000:.0f} kB gzipped ({plain / 1000:.0f} kB)\n", flush=True)
    with ExitStack() as stack:
        address = given.address or serve(stack)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=list(FLAGS))
        drawn = [measure(browser, address, steps, given.rounds, given.moves) for steps in given.steps]
        opened = [opening(browser, address, given.rounds, placed=placed) for placed in (True, False)]
        print(f"Chromium {browser.version}, 1280 × 800, {given.moves} moves, median of {given.rounds}\n")
        browser.close()
    print(f"final picture of {OPENED} steps: {opened[0]:.2f} s with places, {opened[1]:.2f} s without\n")
    rows = [
        [
            f"{one.steps:,}",
            str(one.shown),
            f"{one.moves_per_second:.0f}",
            f"{one.p95:.1f}",
            f"{one.cpu:.1f}",
            f"{one.first_load:.2f}",
        ]
        for one in drawn
    ]
    show_table(["steps", "cards in sight", "moves/s", "p95 ms", "CPU ms a move", "first load s"], rows)


if __name__ == "__main__":
    main()
