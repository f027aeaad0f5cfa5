"""What is paused, as the workspace's settings have it: everything, channels, journeys; since when, by whom, and why.

Under ``paused``: ``everything``, ``channels`` by name and ``journeys`` by key, each with ``at`` (journey time), ``by``
and ``why``. A journey's own status says the same, and is what counts for it.
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
