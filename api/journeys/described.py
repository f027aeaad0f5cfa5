"""What a canvas shows of a journey being drawn. In a process of its own: imports only what that needs."""

from typing import Any

from orchestrator.core.journey.drawing import draw
from orchestrator.core.journey.step_types import ports_as_json
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem


def describe_journey(document: dict[str, Any], vocabulary: Vocabulary, locale: str) -> dict[str, Any] | Problem:
    """The answer, or what makes the file too large to be looked at. Words in thousands: found here, not in the API."""
    drawn = draw(document, vocabulary)
    if not drawn.looked_at:
        return drawn.problems[0]
    return {
        "steps": {
            name: {
                "ports": ports_as_json(step.ports),
                "summary": step.summary.by_locale(),
                "targets": step.targets,
                "variables": [{"path": path, "title": title.by_locale()} for path, title in step.says],
            }
            for name, step in drawn.steps.items()
        },
        "entry": {
            "summary": drawn.entry.by_locale(),
            "filter": None if drawn.filter is None else drawn.filter.by_locale(),
        },
        "problems": [problem.as_json() | {"message": problem.text.to(locale)} for problem in drawn.problems],
        "plan_hash": drawn.plan_hash,
    }
