"""What one problem is."""

from typing import NamedTuple

from orchestrator.core.text import Text


class Kind(NamedTuple):
    """The HTTP status of a problem that stands alone, and the words for it."""

    status: int
    text: Text
