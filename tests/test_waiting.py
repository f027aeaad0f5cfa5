"""No test sleeps for a time that was enough on somebody's machine: it waits for what it awaits (`tests/waiting.py`)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until, until_true

HERE = Path(__file__).parent
SLEEPERS = {"sleep", "wait_for_timeout"}
ALLOWED = {
    "waiting.py": "the pauses between two looks",
    "orchestrator/stack/stand_ins.py": "a process that does nothing",
}


def sleeps(path: Path) -> Iterator[int]:
    """Lines on which something sleeps for a time; giving way to others (0) takes none."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        no_time = node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
        if name in SLEEPERS and not no_time:
            yield node.lineno


def test_nobody_sleeps_but_between_two_looks() -> None:
    found = [
        f"tests/{name}:{line}"
        for path in sorted(HERE.rglob("*.py"))
        if (name := path.relative_to(HERE).as_posix()) not in ALLOWED
        for line in sleeps(path)
    ]
    assert found == [], "wait for what is awaited: tests.waiting.until"


def test_sleeps_are_found(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text(
        "import asyncio, time\ntime.sleep(1)\nasyncio.sleep(0)\nasyncio.sleep(0.1)\npage.wait_for_timeout(9)\n"
    )
    assert list(sleeps(file)) == [2, 4, 5]


async def test_what_is_awaited_is_returned_and_what_never_comes_is_named() -> None:
    answers = iter([0, "", 7])
    assert await until(lambda: next(answers)) == 7
    assert until_true(lambda: 7) == 7
    with pytest.raises(AssertionError, match="the moon"):
        await until(lambda: False, "the moon", seconds=0)
    with pytest.raises(AssertionError, match="the moon"):
        until_true(lambda: False, "the moon", seconds=0)
