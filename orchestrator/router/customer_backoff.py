"""Customers one of whose events could not be routed, and for how long they rest."""

from datetime import timedelta
from time import monotonic
from uuid import UUID

TICK = timedelta(seconds=1)
"""How long the router waits at most before it looks again."""
FIRST_PAUSE, PASSING_PAUSE, LASTING_PAUSE = 0.5, 2.0, 60.0
"""Seconds for which a customer is set aside: at first; at most where the moment is to blame, where the event is."""


class CustomerBackoff:
    """Customers one of whose events could not be routed. They rest for a while, so that the others go on; twice as
    long each time."""

    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}
        self._times: dict[UUID, int] = {}

    def put(self, customer: UUID, longest: float) -> float:
        """Set one aside; for how many seconds."""
        times = self._times[customer] = self._times.get(customer, 0) + 1
        pause = min(FIRST_PAUSE * 2.0 ** min(times - 1, 20), longest)
        self._until[customer] = monotonic() + pause
        return pause

    def forget(self, customer: UUID) -> None:
        """All is well again."""
        if self._times:
            self._times.pop(customer, None)
            self._until.pop(customer, None)

    def customers(self) -> list[UUID]:
        """Those who rest now."""
        now = monotonic()
        return [customer for customer, until in self._until.items() if until > now]

    def wait(self) -> float:
        """Seconds until somebody's rest is over, or until one looks anyway."""
        now = monotonic()
        return min([TICK.total_seconds(), *(until - now for until in self._until.values() if until > now)])
