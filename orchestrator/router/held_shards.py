"""The shards that this router holds, as far as it may know: it stops by its own clock before others may begin."""

from time import monotonic
from uuid import UUID

from orchestrator.store.events.shards import Fence, Shares, shard_of


class HeldShards:
    """What a router may take from the log, deliver and commit. ``me``: its id among the routers."""

    def __init__(self, me: UUID) -> None:
        self.me = me
        self._tokens: dict[int, int] = {}
        self._leaving: set[int] = set()
        self._until = float("-inf")

    def renew(self, shares: Shares, until: float) -> set[int]:
        """How the shards are shared out now, and until when (of the monotonic clock) the lease runs at least.

        Returns the shards that are to be given back as soon as nothing of them is under way. Nothing was taken of them
        since the last look, so that what was being read then is under way or done.
        """
        self._tokens, self._until = dict(shares.held), until
        surplus = max(0, len(self._tokens) - shares.fair)
        before, self._leaving = self._leaving, set(sorted(self._tokens)[len(self._tokens) - surplus :])
        return self._leaving & before

    def leave_all(self) -> set[int]:
        """Take nothing more; the shards to be given back."""
        self._leaving = set(self._tokens)
        return set(self._leaving)

    def lose(self) -> None:
        """Somebody else holds a shard that was thought ours: nothing is done until the lease is renewed."""
        self._until = float("-inf")

    def drop(self, shards: set[int]) -> None:
        """They were given back."""
        for shard in shards:
            self._tokens.pop(shard, None)

    @property
    def count(self) -> int:
        """How many are held, by a lease that runs."""
        return len(self._tokens) if monotonic() < self._until else 0

    def to_take_from(self) -> list[int]:
        """The shards whose events may be taken now."""
        return [shard for shard in self._tokens if shard not in self._leaving] if monotonic() < self._until else []

    def holds(self, customer: UUID) -> bool:
        """Whether a customer's events are still this router's to deliver."""
        return monotonic() < self._until and shard_of(customer) in self._tokens

    def fence(self) -> Fence:
        """What a commit depends on."""
        return Fence(self.me, dict(self._tokens))
