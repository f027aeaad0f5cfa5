"""Too many people on one device: what a batch may say of one anonymous id."""

from collections import defaultdict
from dataclasses import dataclass, field

from api.http.problems import ApiProblem
from orchestrator.store.intake.incoming import Incoming

MOST_USERS = 20
"""Of one device in one request; the store holds the same within a day (``identities.taken_over``)."""


@dataclass
class DeviceUsers:
    """Who was named together with which device in a request."""

    _users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def check(self, event: Incoming, warnings: list[ApiProblem]) -> None:
        """One user too many: the call stays theirs, and the device stays where it is, with a warning."""
        if event.user_id is None or event.anonymous_id is None:
            return
        users = self._users[event.anonymous_id]
        if event.user_id in users or len(users) < MOST_USERS:
            users.add(event.user_id)
            return
        event.anonymous_id = None
        warnings.append(ApiProblem("crowded_device", "anonymousId", limit=MOST_USERS))
