"""An event on its way in, between the door it came through (HTTP, a file) and the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from orchestrator.core.customers.traits import Traits

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
IdentityKey = tuple[str, str]
"""(``user`` or ``anonymous``, the id): the primary key of ``identities``."""


DeviceKind = Literal["push_token", "web_push"]


@dataclass(frozen=True, slots=True)
class ReportedDevice:
    """A call comes from a device that can be pushed to; or, ``gone``, it wants no more."""

    kind: DeviceKind
    address: str
    gone: bool = False


@dataclass(slots=True)
class Incoming:
    """One checked call. Its instants are real time; the writer turns them into journey time."""

    message_id: str
    kind: Kind
    name: str
    user_id: str | None
    anonymous_id: str | None
    properties: dict[str, Any]
    properties_json: bytes
    context_json: bytes
    occurred_at: datetime
    received_at: datetime
    traits: Traits | None = None
    previous_id: str | None = None
    """Of an alias: the id that turned out to be ``user_id``."""
    device: ReportedDevice | None = None
    history: bool = False
    """Known to be of the past: stored for conditions and reports, and offered to no journey."""
    source: Literal["intake", "import"] = "intake"
    """Which door it came through, as the log of consents says it."""
    said_by: Literal["server", "browser"] = "server"
    """Who spoke: a program of the shop's (or a file), or a page, by a key that everybody can read."""

    repeated: bool = False
    """Traits that libraries repeat in every call: not worth storing unless they say something else than the last."""

    @property
    def key(self) -> IdentityKey:
        """The identity whose customer this event belongs to: who is known goes before who is not."""
        return ("user", self.user_id) if self.user_id is not None else ("anonymous", self.anonymous_id or "")

    @property
    def keys(self) -> list[IdentityKey]:
        """Every identity that this call says is one customer."""
        keys: list[IdentityKey] = [] if self.user_id is None else [("user", self.user_id)]
        if self.anonymous_id is not None:
            keys.append(("anonymous", self.anonymous_id))
        return keys


Outcome = Literal["stored", "duplicate", "failed"]
"""``failed``: the database would not take it, alone either."""


def first_of_each(events: Sequence[Incoming], inserted: set[str]) -> list[Incoming]:
    """The events that were stored; of several with one message id, the first."""
    first: dict[str, Incoming] = {}
    for event in events:
        if event.message_id in inserted:
            first.setdefault(event.message_id, event)
    return list(first.values())
