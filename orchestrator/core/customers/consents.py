"""Consents: what a change of them is, and for how long one is good.

A consent has a name: a channel (``sms``), or a channel and ``:night`` for advertising between 21:00 and 08:00. Only
``true`` is a consent. It is dated when it is given, and again when the customer confirms it; Korea's Network Act,
Art. 50 (8), asks for that every two years.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.core.channels.registry import channel_title
from orchestrator.core.text import Text

NIGHT = ":night"
SOURCES: dict[str, Text] = {
    "intake": Text("Sent in by the shop"),
    "import": Text("Imported from a file"),
    "journey": Text("A journey's step"),
    "preferences": Text("Preference page"),
    "unsubscribe": Text("Unsubscribe link"),
    "provider": Text("Told by the provider"),
    "console": Text("Changed in the console"),
}
"""Where a change can come from, as the log keeps it."""


@dataclass(frozen=True, slots=True)
class ConsentChanges:
    """Names in the order of the alphabet. ``confirmed``: stood before, and were said again on purpose."""

    granted: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.granted or self.withdrawn or self.confirmed)

    def lines(self) -> tuple[tuple[str, bool], ...]:
        """Each name, and whether it is a consent now: what the log keeps."""
        given = [(name, True) for name in (*self.granted, *self.confirmed)]
        return tuple(sorted(given + [(name, False) for name in self.withdrawn]))

    def as_properties(self, source: str) -> dict[str, Any]:
        """Of the event ``Consent Changed``."""
        names = {"granted": self.granted, "withdrawn": self.withdrawn, "confirmed": self.confirmed}
        return {"source": source, **{name: list(found) for name, found in names.items() if found}}


def compare(before: Mapping[str, Any], after: Mapping[str, Any], *, confirm: bool = False) -> ConsentChanges:
    """What saying ``after`` changes where ``before`` stands; names that are not in ``after`` are not spoken of.

    Saying a consent again renews its date only where it is a confirmation (``confirm``): that a shop repeats what it
    knows with every sign-in is none. To refuse what was never asked for is a change: it is known from then on.
    """
    granted = [name for name, value in after.items() if value is True and before.get(name) is not True]
    withdrawn = [name for name, value in after.items() if value is not True and before.get(name) is not False]
    again = [name for name, value in after.items() if value is True and before.get(name) is True] if confirm else []
    return ConsentChanges(tuple(sorted(granted)), tuple(sorted(withdrawn)), tuple(sorted(again)))


def dated(consented_at: Mapping[str, Any], changes: ConsentChanges, at: datetime) -> dict[str, Any]:
    """The dates after a change: a consent has one, what was withdrawn has none. ISO 8601, in UTC."""
    kept = {name: value for name, value in consented_at.items() if name not in changes.withdrawn}
    now = at.astimezone(UTC).isoformat()
    return {**kept, **{name: now for name, given in changes.lines() if given}}


def title(name: str) -> Text:
    """``email:night`` as a person reads it."""
    channel, _, night = name.partition(":")
    plain = channel_title(channel)
    return Text("{plain} at night", plain=plain) if night else plain
