"""Whether the database or Temporal came back from a backup: both keep when the last round of following up ended.

A round (``activities.sending.reconcile_sends``) ends in both within a second. An outage of either stops them together,
so that only a restored one is behind the other.
"""

from datetime import datetime, timedelta
from typing import Literal

Store = Literal["database", "temporal"]
TOLERANCE = timedelta(minutes=5)
"""How far the two may lie apart: rounds come once a minute, and lists of Temporal are some seconds behind."""


def behind(kept: datetime | None, told: datetime | None, *, known: bool) -> Store | None:
    """Which of the two is behind the other; None: neither, or nobody can say.

    Args:
        kept: End of the last round, by the database; real time. None: there was none yet.
        told: The same, by Temporal. None: it remembers none, as after a long rest.
        known: Whether Temporal knows of rounds at all. One that is empty does not.
    """
    if not known:
        return "temporal" if kept is not None else None
    if told is None:
        return None
    if kept is None or kept < told - TOLERANCE:
        return "database"
    return "temporal" if told < kept - TOLERANCE else None
