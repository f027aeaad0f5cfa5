"""``make bench``: every benchmark, one after another."""

import subprocess
import sys

for module in ("core", "engine", "routing", "intake", "overload", "neighbours", "sending", "capped", "broadcast", "canvas"):
    print(f"\n## {module}\n", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{module}"], check=True)
