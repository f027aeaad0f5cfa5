"""What the doctor finds, as values: named, counted, with some examples, and what would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["well", "note", "wrong"]
SAMPLES = 5
"""Examples that are named."""


@dataclass(frozen=True)
class Finding:
    """One matter. ``code``: by which programs know it; ``words``: in English; ``mends``: what ``--fix`` does about it,
    empty where it does nothing."""

    code: str
    level: Level
    words: str
    count: int = 0
    samples: Sequence[str] = ()
    mends: str = ""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {**vars(self), "samples": list(self.samples)}


def counted(code: str, found: Sequence[str], wrong: str, well: str, mends: str = "", level: Level = "wrong") -> Finding:
    """``wrong`` of those that were found, ``well`` where there is none."""
    if not found:
        return Finding(code, "well", well)
    return Finding(code, level, wrong, len(found), tuple(found[:SAMPLES]), mends)


def exit_code(findings: Sequence[Finding]) -> int:
    """0: all is well; 1: something is wrong. (2 is what commands end with that could not do their work.)"""
    return int(any(one.level == "wrong" for one in findings))
