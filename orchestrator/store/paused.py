"""What is paused, as the workspace's settings have it: everything, channels, journeys; since when, by whom, and why.

Under ``paused``: ``everything``, ``channels`` by name, ``journeys`` by key and ``steps`` by ``JOURNEY/STEP``, each with
``at`` (journey time), ``by`` and ``why``; one that nobody asked for has its ``cause`` and ``reason``. ``resumed``: by
journey, when it was resumed last. A journey's own status says the same, and is what counts for it.
"""

from collections.abc import Mapping
from typing import Any

PAUSED = "paused"
EVERYTHING = "everything"


def everything_paused(settings: Mapping[str, Any]) -> bool:
    """Whether nothing goes out and nobody enters."""
    return bool((settings.get(PAUSED) or {}).get(EVERYTHING))


def paused_channels(settings: Mapping[str, Any]) -> frozenset[str]:
    """Channels by which nothing goes out."""
    return frozenset((settings.get(PAUSED) or {}).get("channels") or ())


def step_paused(settings: Mapping[str, Any], journey: str, step: str) -> bool:
    """Whether nothing goes out of a step."""
    return step_at(journey, step) in ((settings.get(PAUSED) or {}).get("steps") or {})


def step_at(journey: str, step: str) -> str:
    """A step as its pause is kept under; neither key nor id has a slash."""
    return f"{journey}/{step}"
