"""Journeys as the canvas's own tests draw them: ``python -m tests.web.drawn_journeys`` writes them anew.

Where a step's edges leave and where it jumps to is the server's to say; so the shape of every journey of the gallery
and of the examples is kept beside those tests, and ``test_pictures_cross_nothing`` tells when it is out of date.
"""

import json
from pathlib import Path
from typing import Any

from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.plan import compile_journey
from orchestrator.files.yaml_text import load_yaml
from orchestrator.journey_gallery import templates

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "web" / "canvas" / "src" / "board" / "routing" / "journeys.fixture.json"


def journeys() -> dict[str, Journey]:
    """The gallery's and the examples', by name."""
    found = {f"gallery/{one.id}": one.plan.journey for one in templates()}
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        if path.name.endswith(".scenario.yaml"):
            continue
        if path.name.endswith(".map.yaml"):
            continue
        plan = compile_journey(load_yaml(path.read_text())).plan
        assert plan is not None, path
        found[f"examples/{path.stem}"] = plan.journey
    return found


def shapes() -> dict[str, Any]:
    """Steps with their stage, ports and jumps, and edges."""
    return {
        name: {
            "steps": [
                {
                    "id": step.id,
                    "stage": step.stage,
                    "ports": [port.name for port in step.ports()],
                    "targets": list(step.targets()),
                }
                for step in journey.steps
            ],
            "edges": [{"from": edge.source, "port": edge.port, "to": edge.target} for edge in journey.edges],
        }
        for name, journey in journeys().items()
    }


def text() -> str:
    return json.dumps(shapes(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
