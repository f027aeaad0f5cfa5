"""The product's sources copied, with the files of something new added: what a person does who adds it, done to a copy.

What the copy then knows is asked of it in a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SOURCES = ("activities", "api", "orchestrator", "workflows")
BESIDE = ("docs", "examples", "tests", "web")
"""What the sources and the tests find beside them; not changed, so not copied."""


@dataclass(frozen=True)
class Copy:
    """A copy. ``changed``: the files that were there and are not as they were; ``added``: those that are new."""

    root: Path
    added: frozenset[str]
    changed: frozenset[str]

    def ask(self, script: Path, *arguments: str) -> Any:
        """What a script prints as JSON, when the copy's modules are the ones that it finds."""
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def copy_with(root: Path, added: Path, insertions: dict[str, tuple[tuple[str, str], ...]]) -> Copy:
    """Copies the sources to ``root`` and lays the tree ``added`` over them.

    ``insertions``: by file, what is written in front of which text.
    """
    for name in SOURCES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        (root / name).symlink_to(ROOT / name, target_is_directory=True)
    new = [path.relative_to(added) for path in added.rglob("*.py")]
    for path in new:
        assert not (root / path).exists(), path
    shutil.copytree(added, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name, inserted in insertions.items():
        text = (root / name).read_text(encoding="utf-8")
        for words, before in inserted:
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, words + before)
        (root / name).write_text(text, encoding="utf-8")
    return Copy(root, frozenset(path.as_posix() for path in new), frozenset(insertions))
