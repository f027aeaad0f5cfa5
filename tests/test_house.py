"""The layout that ``docs/architecture.md`` tells stays so: no circle, no crowded folder, no long file, no old name.

What may import what is held by ``.importlinter``; that it knows every package is tried here with one that it does not.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("orchestrator", "workflows", "activities", "api")
CANVAS = "web/canvas/src"
MOST_FILES, MOST_LINES = 15, 400
GROWS = ("orchestrator/core/steps", "orchestrator/store/migrations/versions")
"""One file a step kind, one a migration: these may be many."""
GENERATED = ".gen."
"""In the name of a file that a program writes: nobody reads it, so it may be long."""

Graph = Mapping[str, set[str]]


@lru_cache
def python_files() -> tuple[str, ...]:
    return tuple(path.relative_to(ROOT).as_posix() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))


@lru_cache
def canvas_files() -> tuple[str, ...]:
    found = [path for end in ("*.ts", "*.tsx") for path in (ROOT / CANVAS).rglob(end)]
    names = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return tuple(name for name in names if not re.search(r"\.(test\.tsx?|d\.ts)$", name))


@lru_cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


@lru_cache
def module_graph() -> Graph:
    """Modules by what they import. A module and the package that holds it are one thing."""
    modules = {name[:-3].replace("/", ".").removesuffix(".__init__"): name for name in python_files()}
    graph: dict[str, set[str]] = {}
    for module, name in modules.items():
        wanted = {one for one in imports(ast.parse(text_of(name))) if one in modules and one != module}
        graph[module] = {
            one for one in wanted if not (modules[one].endswith("__init__.py") and module.startswith(f"{one}."))
        }
    return graph


@lru_cache
def canvas_graph() -> Graph:
    names = set(canvas_files())
    graph: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for wanted in re.findall(r"""(?:from|import)\s+["']([^"']+)["']""", text_of(name)):
            start = ROOT / CANVAS / wanted[2:] if wanted.startswith("@/") else (ROOT / name).parent / wanted
            if wanted.startswith(("@/", ".")) and start.resolve().is_relative_to(ROOT):
                base = start.resolve().relative_to(ROOT).as_posix()
                ends = ("", ".ts", ".tsx", "/index.ts", "/index.tsx")
                graph[name] |= {base + end for end in ends if base + end in names}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """What reaches itself: strongly connected parts of more than one node (Kosaraju)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in graph:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(sorted(graph.get(start, ()))))]
        while stack:
            node, rest = stack[-1]
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(graph.get(following, ())))))
    back: dict[str, set[str]] = defaultdict(set)
    for node, targets in graph.items():
        for target in targets:
            back[target].add(node)
    found, taken = [], set[str]()
    for start in reversed(order):
        part, ahead = [], [start]
        while ahead:
            node = ahead.pop()
            if node not in taken:
                taken.add(node)
                part.append(node)
                ahead += back[node] - taken
        if len(part) > 1:
            found.append(sorted(part))
    return found


def packages(room: str) -> Graph:
    """The parts of a room by which other parts they import."""
    depth = room.count(".") + 2
    graph: dict[str, set[str]] = defaultdict(set)
    for module, targets in module_graph().items():
        for target in targets:
            if module.startswith(f"{room}.") and target.startswith(f"{room}."):
                mine, other = (".".join(one.split(".")[:depth]) for one in (module, target))
                graph[mine] |= {other} - {mine}
    return graph


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_python_module_imports_itself_by_others() -> None:
    assert len(module_graph()) > 300
    assert circles(module_graph()) == []


def test_no_file_of_the_canvas_imports_itself_by_others() -> None:
    assert sum(map(len, canvas_graph().values())) > 100
    assert circles(canvas_graph()) == []


@pytest.mark.parametrize(
    "room", ["orchestrator", "orchestrator.core", "orchestrator.store", "workflows", "activities", "api", "api.console"]
)
def test_no_package_imports_itself_by_others(room: str) -> None:
    assert circles(packages(room)) == []


@pytest.mark.parametrize("kind", ["python", "typescript"])
def test_no_folder_is_crowded(kind: str) -> None:
    names = python_files() if kind == "python" else canvas_files()
    per = Counter(Path(name).parent.as_posix() for name in names if not Path(name).name.startswith("__init__"))
    crowded = {folder: n for folder, n in per.items() if n > MOST_FILES and folder not in GROWS}
    assert crowded == {}


@pytest.mark.parametrize("kind", ["python", "typescript"])
def test_no_file_is_long(kind: str) -> None:
    names = python_files() if kind == "python" else canvas_files()
    long = {name: text_of(name).count("\n") for name in names if GENERATED not in name}
    assert {name: n for name, n in long.items() if n > MOST_LINES and "/migrations/" not in name} == {}


def test_no_file_is_named_like_its_folder() -> None:
    paths = [Path(name) for name in (*python_files(), *canvas_files())]
    assert [path for path in paths if path.stem == path.parent.name] == []


_NAMED_FILE = re.compile(r"``([\w./-]+\.(?:py|tsx?|css|yaml|md))``")


def test_files_that_docstrings_send_a_reader_to_are_there() -> None:
    rooms = (*ROOMS, "tests", "docs", "web/canvas/src", "examples", "bench")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.*")]
    there = {path.relative_to(ROOT).as_posix() for path in paths}
    named = {(name, found) for name in python_files() for found in _NAMED_FILE.findall(text_of(name))}
    lost = [(name, found) for name, found in sorted(named) if not any(f"/{one}".endswith(f"/{found}") for one in there)]
    assert lost == []


OLD_NAMES = frozenset(
    {
        "Happening",
        "Booked",
        "Begun",
        "heed_events",
        "own_events",
        "behind_counts",
        "beyond_reason",
        "law_of",
        "NotYet",
        "Circumstances",
        "Carriers",
        "delivery_case",
        "rehearsal",
        "because",
        "telling",
        "Courier",
        "lawful",
        "Walker",
        "Passage",
        "senseless",
        "seen_names",
    }
)
"""Names that the code had for things for which the field has names of its own."""


def defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (part for one in node.names for part in (one.name, one.asname or ""))
        elif isinstance(node, ast.arg):
            yield node.arg


def test_no_old_name_comes_back() -> None:
    found = {name: OLD_NAMES & set(defined(ast.parse(text_of(name)))) for name in python_files()}
    assert {name: names for name, names in found.items() if names} == {}


def test_one_setting_says_the_zone() -> None:
    """An IANA name in a code file is a zone by hand: but of the demo and gallery, whose shop is somewhere."""
    files = (*python_files(), *canvas_files())
    by_hand = [name for name in files if "Asia/Seoul" in text_of(name) and not re.search("demo|gallery", name)]
    assert by_hand == ["orchestrator/core/zone_settings.py"]


def lint_imports(at: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-cache", "--config", str(ROOT / ".importlinter")],
        cwd=at,
        env={"PYTHONPATH": str(at), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def copied(at: Path, files: Iterable[str]) -> None:
    for name in files:
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, at / name)


@pytest.mark.parametrize(
    "stray",
    [
        "orchestrator/stray.py",
        "orchestrator/core/stray/__init__.py",
        "orchestrator/store/stray.py",
        "activities/stray.py",
        "api/stray/__init__.py",
        "workflows/stray.py",
    ],
)
def test_a_module_that_stands_nowhere_breaks_the_contract(stray: str, tmp_path: Path) -> None:
    copied(tmp_path, python_files())
    (tmp_path / stray).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / stray).write_text('"""Nobody has said where this belongs."""\n')
    said = lint_imports(tmp_path)
    assert said.returncode == 1, said.stdout + said.stderr
    assert re.search(r"^- [a-z.]+\.stray$", said.stdout, re.MULTILINE), said.stdout + said.stderr


def test_the_contracts_hold_as_they_are(tmp_path: Path) -> None:
    copied(tmp_path, python_files())
    said = lint_imports(tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
