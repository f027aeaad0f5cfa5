"""The test files that a change touches, nearest first: `python -m tests.changed [SINCE] [STEPS]`.

A test is touched when it, a `conftest.py` above it, or what they import, from near or far, was changed since the commit
SINCE (`main`), committed or not. STEPS leaves out what is further away than so many imports. Files that nobody imports
count for the tests named in `OTHERS`.
"""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("orchestrator", "workflows", "activities", "api", "web", "tests", "bench")
OTHERS = {
    "web/": ("tests/web", "tests/browser"),
    "api/": ("tests/api", "tests/web"),
    "orchestrator/": ("tests/core", "tests/orchestrator", "tests/store"),
    "examples/": ("tests/test_examples.py",),
    "docs/": tuple(sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/test_*docs.py"))),
    "deploy/": ("tests/orchestrator",),
    "requirements/": ("tests/orchestrator",),
    "pyproject.toml": ("tests",),
    "tests/": ("tests",),
}
"""By the beginning of a path: whom a file concerns that is no module."""


def changed(since: str) -> list[str]:
    """Paths that differ from the commit where this branch left `since`, and those that git does not know yet."""
    base = _git("merge-base", since, "HEAD")
    return sorted({*_git("diff", "--name-only", *base), *_git("ls-files", "--others", "--exclude-standard")})


def imports(path: Path, modules: Mapping[str, str]) -> Iterator[str]:
    """Paths of our modules that a file imports, wherever in it; and the conftests above a test."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            yield from (modules[part] for part in _and_parents(name) if part in modules)
    if path.is_relative_to(ROOT / "tests"):
        for folder in path.relative_to(ROOT).parents:
            if (ROOT / folder / "conftest.py").exists() and path.name != "conftest.py":
                yield (folder / "conftest.py").as_posix()


def _and_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(len(parts), 0, -1))


@cache
def _users() -> tuple[set[str], dict[str, set[str]]]:
    """Paths of all modules; and by a module's path the paths of those that import it."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if _ours(path)]
    modules = {_module(path): path.relative_to(ROOT).as_posix() for path in files}
    users: dict[str, set[str]] = defaultdict(set)
    for path in files:
        for used in imports(path, modules):
            users[used].add(path.relative_to(ROOT).as_posix())
    return set(modules.values()), users


def touched(paths: Iterable[str], steps: int = 10**6) -> list[str]:
    """Test files and folders to run for a change of these paths, the nearest first."""
    known, users = _users()
    found: dict[str, None] = {}
    now = [path for path in paths if path in known]
    seen = set(now)
    for _ in range(steps + 1):
        found |= dict.fromkeys(path for path in now if Path(path).name.startswith("test_"))
        now = sorted({user for path in now for user in users[path]} - seen)
        seen |= set(now)
        if not now:
            break
    for other in paths:
        if other not in known:
            found |= dict.fromkeys(next((tests for start, tests in OTHERS.items() if other.startswith(start)), ()))
    return [name for name in found if (ROOT / name).exists()]


def _ours(path: Path) -> bool:
    return "node_modules" not in path.parts


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def main() -> None:
    """Print them, one a line."""
    since, steps = ([*sys.argv[1:], "", ""])[:2]
    print("\n".join(touched(changed(since or "main"), int(steps or 10**6))))


if __name__ == "__main__":
    main()
