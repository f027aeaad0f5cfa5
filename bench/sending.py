"""What one message costs a worker, from the decision to the outbox: ``python -m bench.sending``.

Decide, render, claim in the ledger, outbox, settle; without Temporal between. One worker process against a real
PostgreSQL and a real Valkey, each case on a database of its own:

- *no caps*: an advertisement by SMS that no frequency cap looks at;
- *capped*: the same under a cap that is never full, so that every message is counted in Redis.

Messages a second of the worker's own CPU time is the figure that does not depend on who else uses the machine.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.capped import MESSAGE
from bench.deliveries import fill
from bench.figures import median, show_machine, show_table
from bench.servers import ROOT, Servers, servers

CASES: Mapping[str, list[dict[str, Any]]] = {"no caps": [], "capped": [{"most": 1000, "per": "day"}]}
AT_ONCE = 20
GOAL = 300.0
"""Messages a second and worker core."""


def one_worker(run: Servers, warm: int) -> dict[str, Any]:
    """Deliver all that stands there; what the worker says of it."""
    command = [sys.executable, "-m", "bench.deliveries", "0", "1", str(AT_ONCE), str(warm)]
    said = subprocess.run(command, cwd=ROOT, env=run.environment(), check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def measure(caps: list[dict[str, Any]], messages: int, warm: int) -> dict[str, Any]:
    """One case, on servers of its own."""
    with servers(durable=False, temporal_in_memory=True) as run:
        asyncio.run(
            fill(run.postgres.url, journeys=1, customers=messages + warm, message=MESSAGE, sending={"caps": caps})
        )
        return one_worker(run, warm)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.sending", description="What one message costs a worker.")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    given = parser.parse_args()
    show_machine("psycopg", "redis", "sqlalchemy")
    taken = {name: [measure(caps, given.messages, 200) for _ in range(given.rounds)] for name, caps in CASES.items()}
    rows = []
    for name, rounds in taken.items():
        cpu = median(one["cpu"] / one["messages"] for one in rounds)
        wall = median(one["messages"] / one["seconds"] for one in rounds)
        rows.append([name, f"{cpu * 1000:.2f}", f"{1 / cpu:.0f}", f"{wall:.0f}", f"{1 / cpu / GOAL:.2f}"])
    show_table(
        ["", "worker CPU ms/message", "messages/s of worker CPU", "messages/s of wall time", "of the goal"], rows
    )
    if given.json:
        given.json.write_text(json.dumps(taken, indent=1))


if __name__ == "__main__":
    main()
