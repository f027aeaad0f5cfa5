"""docs/sending.md has a row for every channel."""

import re
from pathlib import Path

from orchestrator.core.channels.registry import CHANNELS

PAGE = (Path(__file__).parents[1] / "docs" / "sending.md").read_text(encoding="utf-8")


def undocumented() -> set[str]:
    """Channels that the page has no row for."""
    return set(CHANNELS) - set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE))


def test_every_channel_is_documented() -> None:
    assert undocumented() == set()
