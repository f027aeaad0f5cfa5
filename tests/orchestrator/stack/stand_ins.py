"""A `sojourn run` whose worker, router, API and demo are stand-ins of a few lines; the servers are real.

python stand_ins.py run      the supervisor, with settings from the environment
python stand_ins.py NAME     one stand-in; the API answers /readyz, the others sleep
"""

import http.server
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.settings import Settings

HERE = str(Path(__file__).resolve())


def command(name: str) -> list[str]:
    """How the supervisor starts a stand-in."""
    return [sys.executable, HERE, name]


def say(line: str) -> None:
    print(line, flush=True)


def ready(settings: "Settings") -> None:
    say(f"READY {settings.database_url} {settings.redis_url} {settings.temporal_address} {settings.day_seconds:g}")


class Api(http.server.BaseHTTPRequestHandler):
    """Answers everything with the environment's database URL, so that a test sees what a child is told."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["SOJOURN_DATABASE_URL"].encode())


def run() -> int:
    """What `sojourn run` does. Imported here, so that the stand-ins themselves start at once."""
    from orchestrator.settings import SettingsProblem, read_settings
    from orchestrator.stack import StackProblem
    from orchestrator.stack.supervisor import Supervisor

    counts = {kind: int(os.environ.get(f"TEST_{kind.upper()}S", "1")) for kind in ("router", "worker")}
    try:
        Supervisor(read_settings(), say, command, counts).run(ready)
    except (SettingsProblem, StackProblem) as problem:
        say(f"sojourn: {problem}")
        return 2
    return 0


def main(name: str) -> int:
    """Be the one that was asked for."""
    if name == "run":
        return run()
    if name == "migrate":
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    say(f"{name} started")
    if name == "api":
        http.server.HTTPServer(("127.0.0.1", int(os.environ["SOJOURN_PORT"])), Api).serve_forever()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
