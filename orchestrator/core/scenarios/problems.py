"""What is wrong with a scenario file: the place, as a person points at it, and words."""

from dataclasses import dataclass

from orchestrator.core.text import Text


@dataclass(frozen=True, slots=True)
class ScenarioProblem:
    """``place``: such as ``scenarios › 2 › when › 1 › after``, counted from 1; empty: the whole file."""

    place: str
    text: Text
