"""``make bench``: every benchmark, one after another; ``soak``, which takes half an hour, is asked for by itself."""

import subprocess
import sys

OURS = "core engine routing segments intake overload neighbours sending capped broadcast customers canvas"

for module in OURS.split():
    print(f"\n## {module}\n", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{module}"], check=True)
