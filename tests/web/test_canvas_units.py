"""The canvas's own unit tests (vitest) and its type check, run with the Node that comes as a wheel."""

import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(__file__).parent.parent.parent / "web" / "canvas" / "build.py"


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_canvas_passes_its_own(script: str) -> None:
    done = subprocess.run(
        [sys.executable, BUILD, "run", script], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-2000:]}"
