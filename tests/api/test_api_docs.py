"""The documentation names every address and every problem code, and none that does not exist."""

import re
from pathlib import Path

from fastapi import FastAPI

from api.http.problem_codes import PROBLEMS

DOCS = Path(__file__).parents[2] / "docs"


def test_every_problem_code_is_documented() -> None:
    table = (DOCS / "api.md").read_text(encoding="utf-8").split("## Problems")[1]
    documented = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", table, re.MULTILINE)}
    assert documented == {code: kind.status for code, kind in PROBLEMS.items()}


def test_every_address_is_documented(app: FastAPI) -> None:
    text = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("api.md", "intake.md"))
    documented = set(re.findall(r"^\| `(\w+ /[^`]+)` \|", text, re.MULTILINE))
    described = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    assert documented == described
