"""What costs by the size of what callers bring is handed to the pool, and called nowhere in the API itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
COSTLY = {
    *("compile_journey", "check_template", "difference", "meaning_of", "read_and_check", "to_yaml", "to_json"),
    *("load_yaml", "load_plain_yaml", "compose", "mjml_source", "text_check", "forecast", "walk_customers"),
    *("make_checks", "InteractiveRun", "preview_condition", "preview_delay", "preview_message", "preview_template"),
    *("describe_journey", "compose_test", "play", "compile_template"),
}
INSIDE = {
    "api/backtests/jobs.py",
    "api/journeys/described.py",
    "api/previews/answers.py",
    "api/previews/played.py",
    "api/templates/rendering.py",
}
"""What happens in the pool's processes."""
OUR_OWN = {
    "api/demo/customers.py": "the demo's journeys",
    "api/console/templates/pages.py": "ready-made templates",
    "api/backtests/command.py": "a command in a process of its own",
}
"""Documents that nobody brought, or that nobody else waits for."""


def called(path: Path) -> Iterator[tuple[str, int]]:
    """What a file calls by itself, or lets a thread call."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if isinstance(node.func, ast.Name) and name in COSTLY:
            yield name, node.lineno
        if name == "to_thread":
            yield from ((one.id, node.lineno) for one in node.args if isinstance(one, ast.Name) and one.id in COSTLY)


def test_nothing_costly_is_called_in_the_api_itself() -> None:
    found = {
        f"{name}:{line} {what}"
        for path in sorted((ROOT / "api").rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in INSIDE | set(OUR_OWN)
        for what, line in called(path)
    }
    assert found == set()


def test_it_is_called_somewhere() -> None:
    inside = {what for name in INSIDE for what, _ in called(ROOT / name)}
    assert inside >= {"compile_journey", "check_template", "compose"}
